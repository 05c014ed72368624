// How this convinces: any JSON value is drawn, one leaf, name or element of it is changed, and the digest must change;
// the same value built again must give the same one. One value is pinned, because saved cases name digests.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digest } from './digest.ts';

function digestOf(value: unknown): string {
  const sum = digest();
  sum.value(value);
  return sum.hex();
}

/** Every value that differs from `value` in one place: a leaf, a name, an order, a member more or less. */
function* neighbours(value: unknown): Generator<unknown> {
  yield typeof value === 'string' ? `${value}x` : [value];
  if (Array.isArray(value)) {
    yield [...value, null];
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const other of neighbours(item)) yield value.with(index, other);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { ...value, added: null };
    const members: readonly (readonly [string, unknown])[] = Object.entries(value);
    for (const [index, [name, item]] of members.entries()) {
      yield Object.fromEntries(members.toSpliced(index, 1));
      yield Object.fromEntries(members.with(index, [`${name}x`, item]));
      for (const other of neighbours(item)) yield Object.fromEntries(members.with(index, [name, other]));
    }
  }
}

describe('the digest', () => {
  it('changes with any single thing that changes, and only then', () => {
    // JSON has no other zero, and names that look like numbers come in an order of their own.
    const values = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
    fc.assert(
      fc.property(values, (value) => {
        const expected = digestOf(value);
        expect(digestOf(structuredClone(value))).toBe(expected);
        const text = JSON.stringify(value);
        for (const other of neighbours(value)) {
          if (JSON.stringify(other) !== text) expect(digestOf(other)).not.toBe(expected);
        }
      }),
    );
  });

  it('tells apart what JSON confuses', () => {
    const values = [
      null,
      undefined,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      Number.NEGATIVE_INFINITY,
      0,
      1,
      1.5,
      2 ** 31,
      2 ** 32,
      '1',
      1n,
      true,
      false,
      '',
      [],
      {},
      [[]],
      [1],
      { a: undefined },
      { a: null },
      { a: { b: 1 }, c: 2 },
      { a: { b: 1, c: 2 } },
    ];
    expect(new Set(values.map(digestOf)).size).toBe(values.length);
  });

  it('depends on the order and on the borders of what is mixed in', () => {
    const mixed = (...parts: readonly string[]): string => {
      const sum = digest();
      for (const part of parts) sum.text(part);
      return sum.hex();
    };
    expect(new Set([mixed('ab', 'c'), mixed('a', 'bc'), mixed('c', 'ab'), mixed('abc')]).size).toBe(4);
  });

  it('is the same before and after its memory of texts was emptied', () => {
    const value = { key: 'k1', body: 'the same text', list: ['k1', 'k1'] };
    const before = digestOf(value);
    const many = digest();
    for (let i = 0; i < 30_000; i++) {
      many.text(`text ${i}`);
      many.value({ [`name ${i}`]: i });
    }
    expect(digestOf(value)).toBe(before);
  });

  it('is the same on every platform and in every version', () => {
    const value = {
      kind: 'ok',
      amountMinor: 500,
      share: 0.1,
      big: 1e300,
      seen: [true, null, undefined],
      text: 'é€😀',
    };
    expect(digestOf(value)).toBe('ea0fa13dcadc7955');
  });

  it('refuses what is no data', () => {
    expect(() => digestOf({ act: () => {} })).toThrow(/plain data only, not a function/);
    expect(() => digestOf(Symbol('x'))).toThrow(/not a symbol/);
  });
});
