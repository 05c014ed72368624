// Whether concurrent operations can be put into one order that respects real time and that a single object could have
// answered: the search of Wing and Gong (1993), with the memory of visited configurations of Lowe (2017).

import type { ObservedOperation, SequentialModel } from './history.ts';

/** What came of the search, over all objects. */
export type LinearizabilityVerdict =
  /** Each object has an order that explains every answer. */
  | { readonly kind: 'linearizable'; readonly objects: number; readonly operations: number }
  /** One object has none. */
  | {
      readonly kind: 'not-linearizable';
      readonly object: string;
      /** The longest order that explains a beginning. */
      readonly explained: readonly ObservedOperation[];
      /** One of these had to come next, and none can have answered as it did. */
      readonly stuck: readonly ObservedOperation[];
    }
  /** The search was given up after `steps`; nothing is known about the object. */
  | { readonly kind: 'undecided'; readonly object: string; readonly steps: number };

/** Options of {@link checkLinearizability}. */
export interface LinearizabilityOptions {
  /** How many steps of the model may be tried for each object, 5 000 000 by default. */
  readonly maxSteps?: number;
}

/**
 * Judges operations on any number of objects, each by itself: a history is linearizable exactly when that of every
 * object is (Herlihy and Wing 1990). Operations of unknown outcome may have happened or not.
 *
 * @throws TypeError for an operation that returned before it was called, or with a time that is no number.
 */
export function checkLinearizability<State>(
  operations: Iterable<ObservedOperation>,
  model: SequentialModel<State>,
  { maxSteps = 5_000_000 }: LinearizabilityOptions = {},
): LinearizabilityVerdict {
  const all = [...operations];
  for (const operation of all) insistOnTimes(operation);
  const objects = Map.groupBy(all, ({ object }) => object);
  for (const [object, own] of objects) {
    const verdict = search({ object, model, maxSteps, ...sorted(own) });
    if (verdict !== undefined) return verdict;
  }
  return { kind: 'linearizable', objects: objects.size, operations: all.length };
}

interface Completed extends ObservedOperation {
  readonly returned: NonNullable<ObservedOperation['returned']>;
}

interface Unknown extends ObservedOperation {
  /** What was asked for; equal for what is equal. */
  readonly wish: string;
}

/** The operations of one object, each list in the order of its calls. */
interface Sorted {
  readonly completed: readonly Completed[];
  readonly unknown: readonly Unknown[];
}

interface Search<State> extends Sorted {
  readonly object: string;
  readonly model: SequentialModel<State>;
  readonly maxSteps: number;
}

/** Some operations put in order. */
interface Configuration<State> {
  readonly state: State;
  /** The first completed operation that is not in the order yet. */
  readonly first: number;
  /** Completed operations behind it that are, ascending. */
  readonly ahead: readonly number[];
  /** Operations of unknown outcome that are, ascending. */
  readonly used: readonly number[];
  /** The operation that led here, and from where; absent at the start. */
  readonly by?: { readonly operation: ObservedOperation; readonly before: Configuration<State> };
}

/** How many configurations of a kind are followed up at first: most histories that are in order show it by few. */
const narrow = 50;

function search<State>(asked: Search<State>): Failure | undefined {
  const budget: Budget = { left: asked.maxSteps };
  const found = walk(asked, narrow, budget);
  return found === 'cut short' ? failureOf(walk(asked, Number.POSITIVE_INFINITY, budget)) : failureOf(found);
}

type Failure = Exclude<LinearizabilityVerdict, { kind: 'linearizable' }>;

function failureOf(found: Failure | 'explained' | 'cut short'): Failure | undefined {
  return typeof found === 'string' ? undefined : found;
}

/**
 * Goes through the configurations by the number of their completed operations, and among equals by the number of those of
 * unknown outcome that they needed: so each is met first where it needed the fewest, and is followed up only there. Of
 * equals no more than `width` are followed up.
 */
function walk<State>(
  asked: Search<State>,
  width: number,
  budget: Budget,
): Failure | 'explained' | 'cut short' {
  const { object, model, completed, maxSteps } = asked;
  let level: Level<State> = [[{ state: model.initial(object), first: 0, ahead: [], used: [] }]];
  let furthest: Configuration<State> | undefined;
  let isCut = false;
  for (let done = 0; done < completed.length; done++) {
    const further: Level<State> = [];
    const visited = memory(model);
    let followed = 0;
    for (const here of inTurn(level)) {
      if (visited.has(here)) continue;
      if (followed === width) {
        isCut = true;
        break;
      }
      followed += 1;
      furthest = here;
      if (!follow(asked, here, { level, further, budget }))
        return { kind: 'undecided', object, steps: maxSteps };
    }
    if (further.length === 0) return isCut ? 'cut short' : notLinearizable(asked, furthest);
    level = further;
  }
  return 'explained';
}

/** How many steps may still be tried. */
interface Budget {
  left: number;
}

interface Ahead<State> {
  /** Where what needed one more of unknown outcome is put. */
  readonly level: Level<State>;
  /** Where what has one more completed operation is put. */
  readonly further: Level<State>;
  readonly budget: Budget;
}

/** Puts what may come next; false when the budget is used up. */
function follow<State>(
  asked: Search<State>,
  here: Configuration<State>,
  { level, further, budget }: Ahead<State>,
): boolean {
  for (const choice of choices(asked, here)) {
    if (budget.left === 0) return false;
    budget.left -= 1;
    const next = after(asked, here, choice);
    if (next === undefined) continue;
    put(choice.from === 'unknown' ? level : further, next);
    // Whatever order explains the rest explains it behind this as well.
    if (isQuiet(asked, choice)) break;
  }
  return true;
}

/** All configurations of a level, those included that are put there meanwhile. */
function* inTurn<State>(level: Level<State>): Generator<Configuration<State>> {
  for (let needed = 0; needed < level.length; needed++) yield* level[needed] ?? [];
}

/** Configurations with as many completed operations, by how many of unknown outcome they needed. */
type Level<State> = Configuration<State>[][];

function put<State>(level: Level<State>, next: Configuration<State>): void {
  const needed = next.used.length;
  while (level.length <= needed) level.push([]);
  level[needed]?.push(next);
}

function notLinearizable<State>(
  asked: Search<State>,
  end: Configuration<State> | undefined,
): Extract<LinearizabilityVerdict, { kind: 'not-linearizable' }> {
  const next = end === undefined ? [] : choices(asked, end);
  const stuck = next.flatMap(({ from, place }) =>
    from === 'completed' ? (asked.completed[place] ?? []) : [],
  );
  return { kind: 'not-linearizable', object: asked.object, explained: orderOf(end), stuck };
}

function orderOf<State>(end: Configuration<State> | undefined): readonly ObservedOperation[] {
  const order: ObservedOperation[] = [];
  for (let by = end?.by; by !== undefined; by = by.before.by) order.push(by.operation);
  return order.reverse();
}

/** One operation that may be the next, as the place in its list. */
interface Choice {
  readonly from: 'completed' | 'unknown';
  readonly place: number;
}

/** Whatever was called before the first of those that are left returned. */
function choices<State>(
  asked: Search<State>,
  { first, ahead, used }: Configuration<State>,
): readonly Choice[] {
  const { completed, unknown } = asked;
  const left: Choice[] = [];
  let firstReturn = Number.POSITIVE_INFINITY;
  for (let place = first; place < completed.length; place++) {
    const operation = completed[place];
    if (operation === undefined || operation.calledAt > firstReturn) break;
    if (ahead.includes(place)) continue;
    left.push({ from: 'completed', place });
    firstReturn = Math.min(firstReturn, operation.returned.at);
  }
  const alike = new Set<string>();
  for (const [place, { calledAt, wish }] of unknown.entries()) {
    if (calledAt > firstReturn) break;
    if (used.includes(place) || alike.has(wish)) continue;
    // Of those that ask for the same any may as well be the first to happen.
    alike.add(wish);
    left.push({ from: 'unknown', place });
  }
  return left.sort((a, b) => Number(isQuiet(asked, b)) - Number(isQuiet(asked, a)));
}

/** Whether it is an operation that changes nothing wherever it is put. */
function isQuiet<State>({ completed, model }: Search<State>, { from, place }: Choice): boolean {
  const operation = from === 'completed' ? completed[place] : undefined;
  return operation !== undefined && model.isQuiet(operation);
}

function after<State>(
  { model, completed, unknown }: Search<State>,
  here: Configuration<State>,
  { from, place }: Choice,
): Configuration<State> | undefined {
  const operation = from === 'completed' ? completed[place] : unknown[place];
  if (operation === undefined) return undefined;
  const state = model.step(here.state, operation);
  if (state === undefined) return undefined;
  const by = { operation, before: here };
  if (from === 'unknown') return { ...here, state, by, used: including(here.used, place) };
  const ahead = including(here.ahead, place);
  let { first } = here;
  while (ahead[0] === first) {
    ahead.shift();
    first += 1;
  }
  return { ...here, state, by, first, ahead };
}

function including(places: readonly number[], place: number): number[] {
  return [...places, place].sort((a, b) => a - b);
}

/**
 * Which configurations have been met. One that differs from another only by having used more operations of unknown outcome
 * leads nowhere that the other does not lead to.
 */
function memory<State>(model: SequentialModel<State>) {
  const met = new Map<string, (readonly number[])[]>();
  return {
    /** Whether one that is at least as good is known; remembers this one if not. */
    has({ first, ahead, state, used }: Configuration<State>): boolean {
      const alike = `${first}:${ahead}|${model.identity(state)}`;
      const known = met.get(alike);
      if (known === undefined) {
        met.set(alike, [used]);
        return false;
      }
      if (known.some((fewer) => fewer.every((place) => used.includes(place)))) return true;
      known.push(used);
      return false;
    },
  };
}

function sorted(operations: readonly ObservedOperation[]): Sorted {
  const inOrder = operations.toSorted((a, b) => a.calledAt - b.calledAt);
  return {
    completed: inOrder.filter((operation): operation is Completed => operation.returned !== undefined),
    unknown: inOrder
      .filter(({ returned }) => returned === undefined)
      .map((operation) => ({ ...operation, wish: JSON.stringify([operation.name, operation.request]) })),
  };
}

function insistOnTimes({ caller, name, object, calledAt, returned }: ObservedOperation): void {
  const returnedAt = returned?.at ?? calledAt;
  if (returnedAt >= calledAt) return;
  throw new TypeError(
    `${caller}: ${name} on ${object} was called at ${calledAt} and returned at ${returnedAt}; both must be numbers ` +
      'of one clock, and a return cannot come before its call',
  );
}
