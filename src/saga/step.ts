// What a saga is made of: steps, what each is told when it runs, and what it answers.

import type { Call } from '../resilience/operation.ts';

/** What travels with one attempt at a step. It can be handed on to any operation of the stack. */
export interface StepCall extends Call {
  /** Stable for (saga, id, step, direction): the same in every attempt, process and life. */
  readonly idempotencyKey: string;
  /** The same text: unique for the operation, so that it can be looked up. */
  readonly merchantReference: string;
  /** Aborted when the saga is cancelled or out of time (before the pivot, going forward), and when its driver lost it. */
  readonly signal: AbortSignal;
  /** Call it immediately before every send: throws `LeaseLostError` once somebody else may drive the saga. */
  readonly fence: () => void;
  /** The journal's clock before this attempt began, milliseconds: all that earlier attempts sent was sent until then. */
  readonly nowMs: number;
}

/** What a step that resolves itself is told. */
export interface ResolveCall extends StepCall {
  /** No execution can have sent anything after this instant of the journal's clock; it does not move while asked again. */
  readonly sentUntilMs: number;
}

/** What a compensation is told. Its key is another than that of the step. */
export interface UndoCall extends StepCall {
  /** The key and reference under which the step itself ran. */
  readonly stepKey: string;
  /** What was kept under `subject` before, by any compensation of this saga; undefined when nothing was. */
  recall(subject: string): unknown;
  /**
   * Keeps plain data in the journal before it resolves, for later attempts to recall. Throws `LeaseLostError` when
   * the saga is somebody else's, `StoreUnavailableError` when the journal does not answer.
   */
  keep(subject: string, value: unknown): Promise<void>;
}

/** What resolving a step found out. */
export type Resolved<Context> =
  | { readonly kind: 'done'; readonly result?: Partial<Context> }
  /** Proven never to have happened, and never to happen. */
  | { readonly kind: 'not-done' }
  | { readonly kind: 'unknown' };

/** How far a compensation came. What throws has failed, and is tried again. */
export type Undone =
  /** Succeeded, at the gateway too; or there was nothing to undo. */
  | { readonly kind: 'undone' }
  /** Nothing more can be done now; `acknowledged` when the other side has accepted it and will finish it. */
  | { readonly kind: 'pending'; readonly acknowledged: boolean };

/** Undoes a step. Must tolerate that the step never happened, and being called again. */
export type Compensation<Context> = (context: Context, call: UndoCall) => Promise<Undone>;

/** What to do when it is not known whether a step happened. */
export type OnUnknown<Context> =
  /**
   * Execute it again: the other side answers a repeated key with what it did for it first, so what it refuses for good
   * (no effect, not retriable) has not happened; it is compensated all the same.
   */
  | { readonly onUnknown: 'resend' }
  /** Ask, and never execute again before it is proven not to have happened. */
  | {
      readonly onUnknown: 'resolve';
      resolve(context: Context, call: ResolveCall): Promise<Resolved<Context>>;
    };

/** One step of a saga. */
export type SagaStep<Context> = OnUnknown<Context> & {
  /** Unique in the saga; journalled, so it must not change while sagas are under way. */
  readonly name: string;
  /** Compensable steps come first, then at most one pivot, then retriable ones: after the pivot only forward. */
  readonly kind: 'compensable' | 'pivot' | 'retriable';
  /**
   * Resolves with what is merged into the context: plain JSON data. What throws a `PaymentError` of effect none or final
   * has not happened; anything else that is thrown proves nothing, and the step is resolved.
   */
  execute(context: Context, call: StepCall): Promise<Partial<Context> | undefined>;
  /** Only of a compensable step; without it there is nothing to undo. */
  readonly compensate?: Compensation<Context>;
};
