// A small saga whose steps do what a test wrote down, and a record of all that was called.

import { CardDeclinedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import type { SagaRecord } from './journal.ts';
import type { SagaOptions } from './options.ts';
import { type Saga, saga } from './saga.ts';
import type { SagaStep, StepCall, UndoCall, Undone } from './step.ts';
import { type Ground, ground } from './testing.ts';

/** The context of the tests: each step adds its own name. */
export type Basket = Readonly<Record<string, unknown>>;
/** What one call of a step does; what it returns is the step's answer. */
export type Script = (call: StepCall & Partial<UndoCall>) => unknown;

/** A saga under test and everything around it. */
export interface Rig extends Ground {
  readonly saga: Saga<Basket>;
  /** What was called, in order: a step's name, with `~` before it when it was undone. */
  readonly calls: string[];
  readonly told: StepCall[];
  readonly run: (id?: string, context?: Basket, signal?: AbortSignal) => ReturnType<Saga<Basket>['execute']>;
  /** The saga again, in another process. */
  readonly again: () => Saga<Basket>;
}

/** The answer of a compensation that succeeded. */
export const undone: Undone = { kind: 'undone' };
/** A failure that is final. */
export const declined = new CardDeclinedError('declined');
/** A failure that proves nothing. */
export const lost = new GatewayTimeoutError('lost');
/** A script that fails. */
export const fail = (error: unknown) => (): never => {
  throw error;
};

/** A saga of a, b (compensable), pivot, last (retriable). Scripts are used up call by call; then all goes well. */
export function rig(
  scripts: Readonly<Record<string, readonly Script[]>> = {},
  options: Partial<SagaOptions<Basket>> = {},
  base: Ground = ground(),
): Rig {
  const calls: string[] = [];
  const told: StepCall[] = [];
  const left = new Map(Object.entries(scripts).map(([name, list]) => [name, [...list]]));
  const play = async <T>(name: string, call: StepCall, otherwise: T): Promise<T> => {
    calls.push(name);
    told.push(call);
    const script = left.get(name)?.shift();
    return script === undefined ? otherwise : ((await script(call)) as T);
  };
  const step = (name: string, kind: SagaStep<Basket>['kind']): SagaStep<Basket> => ({
    name,
    kind,
    onUnknown: 'resend',
    execute: (_, call) => play(name, call, { [name]: 1 }),
    ...(kind === 'compensable'
      ? { compensate: (_: Basket, call: UndoCall) => play(`~${name}`, call, undone) }
      : {}),
  });
  const again = (): Saga<Basket> =>
    saga<Basket>({
      name: 'test',
      runtime: base.runtime,
      journal: base.journal,
      leaseMs: 10_000,
      maxRenewals: 0,
      steps: [
        step('a', 'compensable'),
        step('b', 'compensable'),
        step('pivot', 'pivot'),
        step('last', 'retriable'),
      ],
      onCall: (page) => base.pages.push(page),
      observe: (event) => base.events.push(event),
      ...options,
    });
  const made = again();
  const run: Rig['run'] = (id = 'i', context = { n: 1 }, signal) =>
    base.runtime.settle(made.execute(id, context, signal === undefined ? {} : { signal }));
  return { ...base, saga: made, calls, told, run, again };
}

/** The saga in the journal, which must exist. */
export async function record({ journal }: Rig, id = 'i'): Promise<SagaRecord> {
  const found = await journal.read({ saga: 'test', id });
  if (found === null) throw new Error(`no saga ${id}`);
  return found;
}
