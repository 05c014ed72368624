// Convinces by three things: on small histories the search agrees with one that tries every order, whatever is drawn; examples
// from the literature, and what must be refused; and that histories of thousands of operations are decided.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStreams } from '../world/random.ts';
import { checkLinearizability } from './check-linearizability.ts';
import type { ObservedOperation } from './history.ts';
import { registerModel } from './register-model.ts';

type Call = Omit<ObservedOperation, 'object' | 'caller'> & { readonly caller?: string };

function on(object: string, ...calls: readonly Call[]): ObservedOperation[] {
  return calls.map((call, index) => ({ caller: `c${index}`, object, ...call }));
}

const write = (request: unknown, calledAt: number, at?: number): Call => ({
  name: 'write',
  request,
  calledAt,
  ...(at === undefined ? {} : { returned: { at } }),
});
const read = (reply: unknown, calledAt: number, at: number): Call => ({
  name: 'read',
  calledAt,
  returned: { at, reply },
});
const cas = (
  pair: readonly [unknown, unknown],
  reply: boolean | undefined,
  [calledAt, at]: [number, number],
): Call => ({
  name: 'cas',
  request: pair,
  calledAt,
  ...(reply === undefined ? {} : { returned: { at, reply } }),
});

const judged = (operations: readonly ObservedOperation[]) => checkLinearizability(operations, registerModel);

describe('judges', () => {
  test('reads that overlap a write as before or behind it', () => {
    expect(judged(on('x', write(1, 0, 10), read(null, 1, 3), read(1, 4, 6))).kind).toBe('linearizable');
  });

  test('a read that goes back behind what another had read', () => {
    expect(judged(on('x', write(1, 0, 10), read(1, 1, 3), read(null, 4, 6)))).toMatchObject({
      kind: 'not-linearizable',
      object: 'x',
      explained: [{ name: 'write' }, { name: 'read', calledAt: 1 }],
      stuck: [{ name: 'read', calledAt: 4 }],
    });
  });

  test('touching operations as concurrent', () => {
    expect(judged(on('x', write(1, 0, 5), read(null, 5, 6))).kind).toBe('linearizable');
    expect(judged(on('x', write(1, 0, 5), read(null, 6, 7))).kind).toBe('not-linearizable');
  });

  test('an unknown outcome as one that may show late, early or never', () => {
    expect(judged(on('x', write(1, 0), read(null, 1, 2), read(1, 3, 4))).kind).toBe('linearizable');
    expect(judged(on('x', write(1, 0), read(null, 1, 2))).kind).toBe('linearizable');
    expect(judged(on('x', write(1, 0), read(1, 1, 2), read(null, 3, 4))).kind).toBe('not-linearizable');
    expect(judged(on('x', write(1, 5), read(1, 1, 2))).kind).toBe('not-linearizable');
  });

  test('two that both think they were first', () => {
    const both = on('x', cas([null, 1], true, [0, 5]), cas([null, 2], true, [1, 6]));
    expect(judged(both).kind).toBe('not-linearizable');
  });

  test('each object by itself', () => {
    const history = [...on('x', write(1, 0, 1), read(1, 2, 3)), ...on('y', read(null, 4, 5), read(7, 6, 7))];
    expect(judged(history)).toMatchObject({ kind: 'not-linearizable', object: 'y' });
    expect(judged(history.slice(0, 3))).toEqual({ kind: 'linearizable', objects: 2, operations: 3 });
  });

  test('nothing, when its steps are used up', () => {
    const history = on('x', write(1, 0, 10), write(2, 0, 10), read(1, 11, 12), read(2, 11, 12));
    expect(checkLinearizability(history, registerModel, { maxSteps: 2 })).toEqual({
      kind: 'undecided',
      object: 'x',
      steps: 2,
    });
  });
});

describe('refuses', () => {
  test.each([
    ['a return before its call', on('x', read(1, 5, 4))],
    ['a time that is no number', on('x', read(1, Number.NaN, 4))],
  ])('%s', (_, operations) => {
    expect(() => judged(operations)).toThrow(/cannot come before its call/);
  });

  test('an operation that the model does not know', () => {
    const returned = { at: 1 };
    expect(() => judged(on('x', { name: 'incr', calledAt: 0, returned }))).toThrow(/no operation incr/);
    expect(() => judged(on('x', { name: 'cas', request: 1, calledAt: 0, returned }))).toThrow(/takes a pair/);
  });
});

/** What an operation could have been: names, values and times close enough together that many overlap. */
const someOperation = fc
  .record({
    kind: fc.constantFrom('read', 'write', 'cas'),
    a: fc.constantFrom(null, 1, 2),
    b: fc.constantFrom(1, 2),
    calledAt: fc.nat(12),
    lasts: fc.integer({ min: 1, max: 6 }),
    known: fc.boolean(),
    sets: fc.boolean(),
  })
  .map(({ kind, a, b, calledAt, lasts, known, sets }): Call => {
    const at = calledAt + lasts;
    if (kind === 'read') return read(a, calledAt, at);
    if (kind === 'write') return write(b, calledAt, known ? at : undefined);
    return cas([a, b], known ? sets : undefined, [calledAt, at]);
  });

/** Tries every order of every choice of those whose outcome is unknown. */
function isExplainable(left: readonly ObservedOperation[], value: unknown): boolean {
  const completed = left.filter(({ returned }) => returned !== undefined);
  if (completed.length === 0) return true;
  const firstReturn = Math.min(...completed.map(({ returned }) => returned?.at ?? 0));
  return left.some((operation) => {
    if (operation.calledAt > firstReturn) return false;
    const next = registerModel.step(value, operation);
    return (
      next !== undefined &&
      isExplainable(
        left.filter((other) => other !== operation),
        next,
      )
    );
  });
}

test('agrees with trying every order', () => {
  const seen = { linearizable: 0, 'not-linearizable': 0, undecided: 0 };
  fc.assert(
    fc.property(fc.array(someOperation, { maxLength: 7 }), (calls) => {
      const operations = on('x', ...calls);
      const { kind } = judged(operations);
      seen[kind] += 1;
      expect(kind).toBe(isExplainable(operations, null) ? 'linearizable' : 'not-linearizable');
    }),
    { numRuns: 3_000 },
  );
  // Histories of one kind only would agree with anything.
  expect(Math.min(seen.linearizable, seen['not-linearizable'])).toBeGreaterThan(300);
});

/** What callers of a real register would have seen: each operation takes effect at an instant between call and return. */
function observed(count: number, random: () => number): ObservedOperation[] {
  const callers = 8;
  const clock = Array.from({ length: callers }, () => 0);
  const effects: {
    readonly at: number;
    readonly operation: Call;
    readonly caller: number;
    readonly lost: boolean;
  }[] = [];
  for (let index = 0; index < count; index++) {
    const caller = index % callers;
    const calledAt = (clock[caller] ?? 0) + random() * 3;
    const end = calledAt + 1 + random() * 20;
    clock[caller] = end;
    const lost = random() < 0.01;
    const value = Math.floor(random() * 5);
    const choice = random();
    const operation =
      choice < 0.4
        ? read(undefined, calledAt, end)
        : choice < 0.7
          ? write(value, calledAt, end)
          : cas([value, (value + 1) % 5], false, [calledAt, end]);
    effects.push({ at: calledAt + random() * (end - calledAt), operation, caller, lost });
  }
  let value: unknown = null;
  return effects
    .toSorted((a, b) => a.at - b.at)
    .map(({ operation, caller, lost }) => {
      const { returned: expected, ...call } = operation;
      const [from, to] = operation.name === 'cas' ? (operation.request as [unknown, unknown]) : [];
      const sets = operation.name === 'cas' && from === value;
      const reply = operation.name === 'read' ? value : operation.name === 'cas' ? sets : undefined;
      if (operation.name === 'write') value = operation.request;
      if (sets) value = to;
      const seen = { ...call, object: 'x', caller: `c${caller}` };
      return lost || expected === undefined ? seen : { ...seen, returned: { at: expected.at, reply } };
    });
}

describe('decides thousands of operations on one object', () => {
  test.each([1, 2, 3])('that were answered rightly (%i)', (seed) => {
    const history = observed(4_000, randomStreams(seed)('history'));
    expect(judged(history)).toEqual({ kind: 'linearizable', objects: 1, operations: 4_000 });
  });

  test.each([1, 2, 3])('of which one read something that never was (%i)', (seed) => {
    const history = observed(4_000, randomStreams(seed)('history'));
    const place = history.findIndex(
      ({ name, returned }, index) => index > 2_000 && name === 'read' && returned !== undefined,
    );
    const wrong = history.map((operation, index) =>
      index === place
        ? { ...operation, returned: { at: operation.returned?.at ?? 0, reply: 99 } }
        : operation,
    );
    expect(judged(wrong)).toMatchObject({ kind: 'not-linearizable', object: 'x' });
  });
});
