// Parity: the table of a port says what each operation means when it is alone, and a store must answer any calls as the table
// does. Calls that are made at once must be answered as if they had been made one after the other, in some order; which
// one only the answers tell, so every order that explains them is followed.

import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import {
  type ClauseResult,
  type ClauseTrial,
  epochMs,
  type OpenedStore,
  type OpenStore,
} from './contract.ts';
import { shown } from './expectation.ts';
import { allAtOnce } from './races.ts';

/** A call of one operation of a port; each takes one argument. */
export type Call<Port> = {
  [Name in keyof Port]: Port[Name] extends (input: infer Input) => unknown
    ? { readonly do: Name; readonly with: Input }
    : never;
}[keyof Port];

/** The operations of a port, synchronously. */
export type TableOf<Port> = {
  readonly [Name in keyof Port]: Port[Name] extends (input: infer Input) => Promise<infer Answer>
    ? (input: Input) => Answer
    : never;
};

/** What parity needs to know of a port. */
export interface PortModel<Port> {
  /** An empty table. */
  readonly table: (nowMs: () => number) => TableOf<Port>;
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
}

/** Parity with the table of the port: of calls one after the other while time passes, and of calls at once. */
export function parityTrials<Port extends object>(
  model: PortModel<Port>,
  open: OpenStore<Port>,
  options: ParityOptions,
): readonly ClauseTrial[] {
  const one = model.calls.map((call) => [call]);
  const several = fc.oneof(
    fc.array(model.calls, { minLength: 1, maxLength: 3 }),
    // The same twice, as when a message is delivered twice.
    model.calls.map((call) => [call, call]),
  );
  const trial = (clause: string, steps: fc.Arbitrary<readonly Step<Port>[]>): ClauseTrial => ({
    clause,
    run: () => tried(clause, { model, open, options, steps }),
  });
  return [
    trial('parity: calls one after the other are answered as by the table', stepsOf(one, 40)),
    trial('parity: calls at once are answered as by the table in some order', stepsOf(several, 12)),
  ];
}

function stepsOf<Port>(
  calls: fc.Arbitrary<readonly Call<Port>[]>,
  maxLength: number,
): fc.Arbitrary<readonly Step<Port>[]> {
  const afterMs = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, fc.nat(60));
  return fc.array(fc.record({ afterMs, calls }), { minLength: 1, maxLength, size: 'max' });
}

async function tried<Port extends object>(
  clause: string,
  how: {
    readonly model: PortModel<Port>;
    readonly open: OpenStore<Port>;
    readonly options: ParityOptions;
    readonly steps: fc.Arbitrary<readonly Step<Port>[]>;
  },
): Promise<ClauseResult> {
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
  const property = fc.asyncProperty(how.steps, async (steps) => {
    const clock = { nowMs: epochMs };
    const opened = await opening(() => how.open(() => clock.nowMs));
    try {
      await follow(how.model, opened, { clock, steps });
    } finally {
      await opening(() => opened.close?.());
    }
  });
  const { runs: numRuns, seed } = how.options;
  // Making the story of a failure shorter is worth seconds and not minutes.
  const bounds = { numRuns, interruptAfterTimeLimit: 20_000, ...(seed === undefined ? {} : { seed }) };
  const { failed, counterexample, errorInstance } = await fc.check(property, bounds);
  if (broken !== undefined) throw broken;
  if (!failed) return { clause, passed: true };
  const why = errorInstance instanceof Error ? errorInstance.message : 'no sequence was over in time';
  return { clause, passed: false, because: `${why}; after ${shown(counterexample?.[0])}` };
}

/** Calls that have been answered so, in this order. */
type Told<Port> = readonly { readonly atMs: number; readonly call: Call<Port> }[];

async function follow<Port extends object>(
  model: PortModel<Port>,
  opened: OpenedStore<Port>,
  script: { readonly clock: { nowMs: number }; readonly steps: readonly Step<Port>[] },
): Promise<void> {
  const { clock, steps } = script;
  const last = model.looks.map((call): Step<Port> => ({ afterMs: 0, calls: [call] }));
  let explanations: readonly Told<Port>[] = [[]];
  for (const [turn, { afterMs, calls }] of [...steps, ...last].entries()) {
    clock.nowMs += afterMs;
    // Each step begins with another connection, because what one was told the others must know as well.
    const first = turn % opened.connections.length;
    const connections = [...opened.connections.slice(first), ...opened.connections.slice(0, first)];
    const answers = await allAtOnce(connections, calls, answerOf);
    const explained = explanations.flatMap((told) =>
      ordersOf(calls.map((call, index) => ({ call, answer: answers[index] })))
        .filter((order) => explains(model, told, { order, atMs: clock.nowMs }))
        .map((order) => [...told, ...order.map(({ call }) => ({ atMs: clock.nowMs, call }))]),
    );
    if (explained.length === 0)
      throw new Error(difference(model, explanations[0] ?? [], { calls, answers, atMs: clock.nowMs }));
    explanations = explained.slice(0, 40);
  }
}

interface Answered<Port> {
  readonly call: Call<Port>;
  readonly answer: unknown;
}

function explains<Port extends object>(
  model: PortModel<Port>,
  told: Told<Port>,
  { order, atMs }: { readonly order: readonly Answered<Port>[]; readonly atMs: number },
): boolean {
  const { ask } = replayed(model, told, atMs);
  return order.every(({ call, answer }) => isDeepStrictEqual(ask(call), answer));
}

function replayed<Port extends object>(model: PortModel<Port>, told: Told<Port>, atMs: number) {
  let nowMs = 0;
  const table = model.table(() => nowMs);
  const ask = (call: Call<Port>): unknown => invoke(table, call);
  for (const { atMs: then, call } of told) {
    nowMs = then;
    ask(call);
  }
  nowMs = atMs;
  return { ask };
}

function difference<Port extends object>(
  model: PortModel<Port>,
  told: Told<Port>,
  {
    calls,
    answers,
    atMs,
  }: { readonly calls: readonly Call<Port>[]; readonly answers: readonly unknown[]; readonly atMs: number },
): string {
  const { ask } = replayed(model, told, atMs);
  const lines = calls.map(
    (call, index) => `${String(call.do)}: got ${shown(answers[index])}, the table ${shown(ask(call))}`,
  );
  return lines.join('; at once with ');
}

async function answerOf<Port extends object>(store: Port, call: Call<Port>): Promise<unknown> {
  try {
    return await invoke(store, call);
  } catch (error) {
    return error instanceof Error ? `threw ${error.name}: ${error.message}` : 'threw no error';
  }
}

function invoke(port: object, call: { readonly do: PropertyKey; readonly with: unknown }): unknown {
  const operation: unknown = Reflect.get(port, call.do);
  if (typeof operation !== 'function') throw new TypeError(`${String(call.do)} is no operation of the store`);
  return operation.call(port, call.with);
}

/** All orders of a few things. */
function ordersOf<Thing>(things: readonly Thing[]): readonly (readonly Thing[])[] {
  if (things.length < 2) return [things];
  return things.flatMap((first, index) =>
    ordersOf(things.toSpliced(index, 1)).map((others) => [first, ...others]),
  );
}
