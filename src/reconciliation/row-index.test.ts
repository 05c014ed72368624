// Convinces by ids that an attacker would choose: all of one hash, made by joining pairs of blocks that collide.

import { describe, expect, it } from 'vitest';
import { readBook } from './book.ts';
import { rowIndex } from './row-index.ts';
import { charge } from './testing.ts';

/** FNV-1a, as far as it has come. */
const after = (state: number, text: string) =>
  [...text].reduce((hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193), state);

/** Two texts that take the hash from `state` to one and the same state. */
function collision(state: number): readonly [string, string] {
  const seen = new Map<number, string>();
  for (let nth = 0; ; nth += 1) {
    const text = nth.toString(36).padStart(6, '0');
    const end = after(state, text);
    const other = seen.get(end);
    if (other !== undefined) return [other, text];
    seen.set(end, text);
  }
}

/** 2^n texts of one hash (Joux 2004). */
function collisions(n: number): readonly string[] {
  let texts = [''];
  let state = 0x811c9dc5;
  for (let block = 0; block < n; block += 1) {
    const pair = collision(state);
    texts = texts.flatMap((text) => pair.map((end) => text + end));
    state = after(state, pair[0]);
  }
  return texts;
}

describe('an index of rows', () => {
  it('finds every row by kind and id, though all ids collide', async () => {
    const ids = collisions(8);
    expect(new Set(ids.map((id) => after(0x811c9dc5, id))).size).toBe(1);
    const records = ids.map((id) => charge(id, { gatewayId: id }));
    const book = await readBook('internal', records);
    const index = rowIndex(book, ({ gatewayId }) => gatewayId);
    for (const [nth, id] of ids.entries()) expect(index.enter(nth, id)).toBe(nth);
    for (const [nth, id] of ids.entries()) {
      expect(index.find(charge('x'), id)).toBe(nth);
      expect(index.find(charge('x', { kind: 'refund' }), id)).toBe(-1);
    }
    expect(index.find(charge('x'), 'something else')).toBe(-1);
  });

  it('answers the first row of an id, and finds nothing in an empty book', async () => {
    const book = await readBook('internal', [charge('a'), charge('a'), charge('a', { kind: 'refund' })]);
    const index = rowIndex(book, ({ gatewayId }) => gatewayId);
    expect([0, 1, 2].map((nth) => index.enter(nth, 'ch_a'))).toEqual([0, 0, 2]);
    const empty = rowIndex(await readBook('internal', []), ({ gatewayId }) => gatewayId);
    expect(empty.find(charge('a'), 'ch_a')).toBe(-1);
  });
});
