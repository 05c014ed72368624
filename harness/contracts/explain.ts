// Whether the answers that a store gave can be explained by its table: calls that were made at once must be answered as if
// they had been made one after the other, in some order. Which one is often told only by later answers, so the search goes
// back where an order that seemed right leads nowhere.

import { isDeepStrictEqual } from 'node:util';
import { shown } from './expectation.ts';

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

/** An empty table by a clock. */
export type NewTable<Port> = (nowMs: () => number) => TableOf<Port>;

/** A call, and what became of it; without an answer it may have been applied or not. */
export interface Answered<Port> {
  readonly call: Call<Port>;
  readonly answer?: { readonly value: unknown };
}

/** What was called at once. */
export interface Moment<Port> {
  readonly atMs: number;
  readonly answered: readonly Answered<Port>[];
}

/** Calls in the order in which they are taken to have been applied, without those that change nothing. */
type Told<Port> = readonly { readonly atMs: number; readonly call: Call<Port> }[];

// A story of a dozen moments is explained in dozens of steps. One that still is not after so many is taken for explained, for
// an alarm has to be certain.
const mostSteps = 20_000;

/** Says what the table would have answered where no order of calls explains the answers; undefined where one does. */
export function unexplained<Port extends object>(
  newTable: NewTable<Port>,
  moments: readonly Moment<Port>[],
): string | undefined {
  const seen = new Set<string>();
  let steps = 0;
  let furthest: { readonly index: number; readonly told: Told<Port> } = { index: 0, told: [] };
  const follow = (index: number, told: Told<Port>): boolean => {
    // Whatever has led to the same once, leads no further now.
    const here = JSON.stringify([index, told]);
    if (seen.has(here)) return false;
    seen.add(here);
    if (index > furthest.index) furthest = { index, told };
    const moment = moments[index];
    if (moment === undefined) return true;
    return ordersOf(moment.answered).some((order) => {
      steps += 1;
      if (steps > mostSteps) return true;
      const changes = changesOf(replayed(newTable, told, moment.atMs), order);
      return (
        changes !== undefined &&
        follow(index + 1, [...told, ...changes.map((call) => ({ atMs: moment.atMs, call }))])
      );
    });
  };
  if (follow(0, [])) return undefined;
  const moment = moments[furthest.index];
  return moment && difference(replayed(newTable, furthest.told, moment.atMs), moment);
}

/** Asks the port for an operation, and gives back what it does. */
export function invoke(port: object, call: { readonly do: PropertyKey; readonly with: unknown }): unknown {
  const operation: unknown = Reflect.get(port, call.do);
  if (typeof operation !== 'function') throw new TypeError(`${String(call.do)} is no operation of the store`);
  return operation.call(port, call.with);
}

type Ask<Port> = (call: Call<Port>) => unknown;

/** The table as it is after what was told. */
function replayed<Port extends object>(newTable: NewTable<Port>, told: Told<Port>, atMs: number): Ask<Port> {
  let nowMs = 0;
  const table = newTable(() => nowMs);
  for (const { atMs: then, call } of told) {
    nowMs = then;
    invoke(table, call);
  }
  nowMs = atMs;
  return (call) => invoke(table, call);
}

/** The calls that changed something, in this order; undefined when the table answers otherwise. */
function changesOf<Port>(
  ask: Ask<Port>,
  order: readonly Answered<Port>[],
): readonly Call<Port>[] | undefined {
  const changes: Call<Port>[] = [];
  for (const { call, answer } of order) {
    const value = ask(call);
    if (answer !== undefined && !isDeepStrictEqual(value, answer.value)) return undefined;
    if (!reads.has(call.do) && !isRefusal(value)) changes.push(call);
  }
  return changes;
}

const reads: ReadonlySet<PropertyKey> = new Set([
  'read',
  'list',
  'effect',
  'entries',
  'totals',
  'deadLetters',
  'listOpen',
]);

/** In every port what was refused has changed nothing. */
function isRefusal(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === false || value === 0;
  return ['written', 'owned', 'taken', 'admitted', 'committed'].some(
    (name) => Reflect.get(value, name) === false,
  );
}

/** All orders of a few calls; those without an answer may be missing. */
function ordersOf<Port>(answered: readonly Answered<Port>[]): readonly (readonly Answered<Port>[])[] {
  const orders = answered.flatMap((first, index) =>
    ordersOf(answered.toSpliced(index, 1)).map((others) => [first, ...others]),
  );
  return answered.every(({ answer }) => answer === undefined) ? [...orders, []] : orders;
}

function difference<Port>(ask: Ask<Port>, { answered }: Moment<Port>): string {
  const lines = answered.map(({ call, answer }) => {
    const got = answer === undefined ? 'no answer' : shown(answer.value);
    return `${String(call.do)}: got ${got}, the table ${shown(ask(call))}`;
  });
  return lines.join('; at once with ');
}
