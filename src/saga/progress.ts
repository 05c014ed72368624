// What a saga's driver knows and journals: the context so far, and how far each step came.

import type { SerialisedError } from '../errors/serialise.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { parseJson } from '../kernel/parse-json.ts';

/**
 * How far a step came.
 *
 * - `started`: its intent is journalled; whether it happened is not known until it is resolved.
 * - `done`, `not-done`: known to have happened, or never to have.
 * - `undoing`: the intent of its compensation is journalled. `undone`: the compensation succeeded.
 */
export type StepState = 'started' | 'done' | 'not-done' | 'undoing' | 'undone';

/** One step that was begun. */
export interface StepProgress {
  readonly name: string;
  readonly state: StepState;
  /** Failed attempts at its compensation in this round. */
  readonly tries: number;
  /** Present when nobody but a repair goes on with this step. */
  readonly stuck?: true;
  /** No execution can have sent anything after this instant of the journal's clock; noted while it is unresolved. */
  readonly sentUntilMs?: number;
  /** What the last failed attempt said. */
  readonly error?: SerialisedError;
}

/** All that is known of a saga's steps. Plain JSON. */
export interface SagaProgress {
  /** The first context with the results of the steps merged into it. */
  readonly context: Readonly<Record<string, unknown>>;
  /** The steps begun so far, in the order of the definition. */
  readonly steps: readonly StepProgress[];
  /** What steps noted for their later attempts, by subject. */
  readonly notes: Readonly<Record<string, unknown>>;
  /** Why the saga goes back; absent while it goes forward. */
  readonly failure?: SerialisedError;
  /** When the present round began, if not at the start of the saga: going back, or a repair. */
  readonly roundAtMs?: number;
  /** How often in a row the saga was left with nothing achieved. */
  readonly idle: number;
  /** Whether people have yet to be called, or have been. */
  readonly page?: 'due' | 'made';
}

/** The progress of a saga whose first step is about to run. */
export function firstProgress(context: SagaProgress['context'], step: string): SagaProgress {
  return { context, steps: [startedStep(step)], notes: {}, idle: 0 };
}

/** A step whose intent is journalled. */
export function startedStep(name: string): StepProgress {
  return { name, state: 'started', tries: 0 };
}

/** The same progress with what is known of one step replaced. */
export function withStep(progress: SagaProgress, step: StepProgress): SagaProgress {
  const steps = progress.steps.map((known) => (known.name === step.name ? step : known));
  return { ...progress, steps };
}

/** A value as a journal gives it back, so that a driver sees the same before and after a crash. */
export function throughJson<Value>(value: Value): Value {
  return parseJson(canonicalJson(value)) as Value;
}

/** Writes progress as a journal holds it. */
export function encodeProgress(progress: SagaProgress): string {
  return JSON.stringify(progress);
}

/** Inverse of {@link encodeProgress}. */
export function decodeProgress(text: string): SagaProgress {
  return parseJson(text) as SagaProgress;
}
