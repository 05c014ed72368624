// Convinces by comparing the order of any two texts with that of their keys in UTF-8.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sortKey } from './sort-key.ts';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('a', '\ud7ff', '\ue000', '\uffff', '\u{10000}', '\u{1f701}', '\u{10ffff}'),
  }),
);

describe('the key by which a text is sorted', () => {
  it('compares by bytes as the text does by code units', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const byBytes = Buffer.compare(Buffer.from(sortKey(a)), Buffer.from(sortKey(b)));
        expect(byBytes).toBe(a < b ? -1 : Number(a > b));
      }),
    );
  });
});
