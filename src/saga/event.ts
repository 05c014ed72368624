// What a saga tells those who watch it, as plain data.

import type { SerialisedError } from '../errors/serialise.ts';
import type { SagaName, SagaState } from './journal.ts';

/** One transition of a saga, told after it was journalled. */
export interface SagaEvent extends SagaName {
  readonly token: number;
  /**
   * - `taken-up`: a driver begins, whether the saga is new or not;
   * - `started`, `done`, `not-done`: a step's intent, and what became of it;
   * - `undo`, `undo-failed`, `undo-pending`, `undone`: the same of its compensation;
   * - `stuck`: only a repair goes on with the step; `paged`: people were called;
   * - `left`: the driver gave the saga up in `state`, which may be an end.
   */
  readonly kind:
    | 'taken-up'
    | 'started'
    | 'done'
    | 'not-done'
    | 'undo'
    | 'undo-failed'
    | 'undo-pending'
    | 'undone'
    | 'stuck'
    | 'paged'
    | 'left';
  /** Absent of what concerns the whole saga. */
  readonly step?: string;
  readonly state: SagaState;
}

/** What the on-call is told. */
export interface SagaPage extends SagaName {
  readonly state: SagaState;
  /** The steps that nobody but a repair goes on with. */
  readonly stuck: readonly { readonly step: string; readonly error?: SerialisedError }[];
}
