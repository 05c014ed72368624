// Parity: the table of a port says what each operation means when it is alone, and a store must answer any calls as the table
// does, whichever connections they are made on.

import fc from 'fast-check';
import { StoreUnavailableError } from '../../src/errors/payment-error.ts';
import {
  type ClauseResult,
  type ClauseTrial,
  epochMs,
  type OpenedStore,
  type OpenStore,
} from './contract.ts';
import { shown } from './expectation.ts';
import { type Answered, type Call, invoke, type Moment, type NewTable, unexplained } from './explain.ts';
import { allAtOnce } from './races.ts';

/** What parity needs to know of a port. */
export interface PortModel<Port> {
  /** An empty table. */
  readonly table: NewTable<Port>;
  /** Calls that meet each other often. */
  readonly calls: fc.Arbitrary<Call<Port>>;
  /** Calls that show all that is observable; made when everything else is over. */
  readonly looks: readonly Call<Port>[];
}

/** How long parity is tried. */
export interface ParityOptions {
  /** Sequences of calls. */
  readonly runs: number;
  /** Fixes the sequences; drawn anew by default. */
  readonly seed?: number;
}

interface Step<Port> {
  readonly afterMs: number;
  /** Made at once. */
  readonly calls: readonly Call<Port>[];
  /** Whether the same is asked once more, as by somebody who never heard the answer. */
  readonly again: boolean;
}

interface Trial<Port> {
  readonly clause: string;
  readonly model: PortModel<Port>;
  readonly open: OpenStore<Port>;
  readonly options: ParityOptions;
  readonly steps: fc.Arbitrary<readonly Step<Port>[]>;
  /** Whether an operation may reject with `StoreUnavailableError`, applied or not. */
  readonly mayFail?: boolean;
}

/** Parity with the table of the port: of calls one after the other while time passes, and of calls at once. */
export function parityTrials<Port extends object>(
  model: PortModel<Port>,
  open: OpenStore<Port>,
  options: ParityOptions,
): readonly ClauseTrial[] {
  const one = model.calls.map((call) => [call]);
  const few = fc
    .oneof(
      fc.array(model.calls, { minLength: 1, maxLength: 3 }),
      // The same twice, as when a message is delivered twice.
      model.calls.map((call) => [call, call]),
    )
    .map(pruningAlone);
  const trial = (clause: string, steps: Trial<Port>['steps']) =>
    trialOf({ clause, model, open, options, steps });
  return [
    trial('parity: calls one after the other are answered as by the table', stepsOf(one, 40)),
    trial('parity: calls at once are answered as by the table in some order', stepsOf(few, 12)),
  ];
}

/**
 * Parity of a store that `open` opens on a network that loses requests and replies: a call that rejects with
 * `StoreUnavailableError` was applied once or not at all, and all others are answered as if nothing had been lost.
 */
export function lossyTrial<Port extends object>(
  model: PortModel<Port>,
  open: OpenStore<Port>,
  options: ParityOptions,
): ClauseTrial {
  const clause = 'faults: a call whose request or reply was lost was applied once or not at all';
  const one = model.calls.map((call) => [call]);
  return trialOf({ clause, model, open, options, steps: stepsOf(one, 25), mayFail: true });
}

/** A store may leave for the next time what somebody holds while it forgets, so nobody does. */
function pruningAlone<Port>(calls: readonly Call<Port>[]): readonly Call<Port>[] {
  const pruning = calls.find((call) => call.do === 'prune');
  return pruning === undefined ? calls : [pruning];
}

function stepsOf<Port>(
  calls: fc.Arbitrary<readonly Call<Port>[]>,
  maxLength: number,
): fc.Arbitrary<readonly Step<Port>[]> {
  const afterMs = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(60));
  const again = fc.constantFrom(false, false, false, true);
  return fc.array(fc.record({ afterMs, calls, again }), { minLength: 1, maxLength, size: 'max' });
}

function trialOf<Port extends object>(trial: Trial<Port>): ClauseTrial {
  return { clause: trial.clause, run: () => tried(trial) };
}

async function tried<Port extends object>(trial: Trial<Port>): Promise<ClauseResult> {
  const { clause, model, open, options } = trial;
  let broken: unknown;
  // What cannot be opened says nothing about the clause.
  const opening = async <Value>(act: () => Promise<Value> | Value): Promise<Value> => {
    try {
      return await act();
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  const property = fc.asyncProperty(trial.steps, async (steps) => {
    const clock = { nowMs: epochMs };
    const opened = await opening(() => open(() => clock.nowMs));
    try {
      const moments = await played(trial, opened, { clock, steps });
      const difference = unexplained(model.table, moments);
      if (difference !== undefined) throw new Error(difference);
    } finally {
      await opening(() => opened.close?.());
    }
  });
  const { runs: numRuns, seed } = options;
  // Making the story of a failure shorter is worth seconds and not minutes.
  const bounds = { numRuns, interruptAfterTimeLimit: 20_000, ...(seed === undefined ? {} : { seed }) };
  const { failed, numRuns: ran, counterexample, errorInstance } = await fc.check(property, bounds);
  if (broken !== undefined) throw broken;
  if (!failed && ran > 0) return { clause, passed: true };
  const why = errorInstance instanceof Error ? errorInstance.message : 'no sequence was over in time';
  return { clause, passed: false, because: `${why}; after ${shown(counterexample?.[0])}` };
}

/** Plays the steps and then looks at everything. */
async function played<Port extends object>(
  { model, mayFail = false }: Trial<Port>,
  { connections }: OpenedStore<Port>,
  { clock, steps }: { readonly clock: { nowMs: number }; readonly steps: readonly Step<Port>[] },
): Promise<readonly Moment<Port>[]> {
  const looks = model.looks.map((call): Step<Port> => ({ afterMs: 0, calls: [call], again: false }));
  const moments: Moment<Port>[] = [];
  for (const { afterMs, calls, again } of [...steps, ...looks]) {
    clock.nowMs += afterMs;
    for (const asked of again ? [calls, calls] : [calls]) {
      // Each begins with another connection, because what one was told the others must know as well.
      const first = moments.length % connections.length;
      const turned = [...connections.slice(first), ...connections.slice(0, first)];
      const answered = await allAtOnce(turned, asked, (store, call) => ask(store, call, mayFail));
      moments.push({ atMs: clock.nowMs, answered });
    }
  }
  return moments;
}

async function ask<Port extends object>(
  store: Port,
  call: Call<Port>,
  mayFail: boolean,
): Promise<Answered<Port>> {
  try {
    return { call, answer: { value: await invoke(store, call) } };
  } catch (error) {
    if (mayFail && error instanceof StoreUnavailableError) return { call };
    const told = error instanceof Error ? `threw ${error.name}: ${error.message}` : 'threw no error';
    return { call, answer: { value: told } };
  }
}
