// Convinces by agreement with the slow search: values are made of what canaries, escapes and records are made of, and the
// glance may call for a search in vain only where something is not plain.

import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canaryWithin } from './canaries.ts';
import { canaryGlance } from './canary-glance.ts';

const canarySets: readonly (readonly string[])[] = [
  ['4111111111111111', 'cvv999'],
  ['4111111111111', '41111111111114111111111111', 'cvv1', 'cvv12'],
  ['1121121121122', '1121121121121121', '9'],
  ['cvv*[1]', 'cvvé5'],
];

const plain = [
  '4111',
  '11',
  '1',
  '4',
  '9',
  '121',
  '112',
  ' ',
  '-',
  '", "',
  'cvv',
  'CVV: ',
  '*[',
  'a',
  '\\"',
  '\\',
];
const odd = [
  '%2F',
  '%252f',
  '%25252F',
  '%2525252F',
  '%2',
  '%34',
  '%2F%34',
  '%E0',
  '\\u0034',
  '\\U',
  '１',
  'é',
  '\u0007',
];

const texts = (parts: readonly string[]) =>
  fc.array(fc.constantFrom(...parts), { maxLength: 12 }).map((several) => several.join(''));

const values = (parts: readonly string[]): fc.Arbitrary<unknown> =>
  fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      texts(parts),
      fc.constantFrom(4, 4111, 111111111, -0, 0.5, 1e21, true, null, undefined, 999n),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(texts(parts), tie('value'), { maxKeys: 4 }),
    ),
  })).value;

const cut = fc.constantFrom(...canarySets).chain((canaries) =>
  fc.record({
    canaries: fc.constant(canaries),
    // A canary in pieces, so that most runs hold one or nearly do.
    pieces: fc
      .tuple(fc.constantFrom(...canaries), fc.array(fc.nat(20), { maxLength: 4 }))
      .map(([canary, at]) =>
        [...at.sort((a, b) => a - b), canary.length].map((end, index, ends) =>
          canary.slice(ends[index - 1] ?? 0, end),
        ),
      ),
  }),
);

const runs = { numRuns: 2_000 };

describe('a glance for canaries', () => {
  it('never misses what a search finds', () => {
    void fc.assert(
      fc.property(
        cut,
        values([...plain, ...odd]),
        fc.constantFrom(...plain, ...odd),
        (given, beside, glue) => {
          const mayHold = canaryGlance(given.canaries);
          for (const value of [
            beside,
            given.pieces.join(glue),
            [beside, given.pieces, beside],
            given.pieces,
          ]) {
            const found = canaryWithin(value, new Set(given.canaries));
            if (found !== undefined) expect(mayHold(value)).toBe(true);
          }
        },
      ),
      runs,
    );
  });

  it.each([
    ['a canary within the beginning of another', ['94111111111111199', '4111111111111'], '941111111111110'],
    ['what more layers of escapes than the search undoes leave', ['cvv2f9'], 'cvv%2525252F9'],
    ['an escape in capitals', ['4111111111111'], '411111111111\\U0031'],
  ])('does not miss %s', (_, canaries, text) => {
    expect(canaryWithin(text, new Set(canaries))).toBeDefined();
    expect(canaryGlance(canaries)(text)).toBe(true);
  });

  it('calls for no search in vain where everything is plain', () => {
    void fc.assert(
      fc.property(
        cut,
        values(plain),
        fc.constantFrom(...plain, '%2F', '%252F', '%20%2D'),
        (given, beside, glue) => {
          const ascii = given.canaries.filter((canary) => !canary.includes('é'));
          const mayHold = canaryGlance(ascii);
          for (const value of [
            beside,
            given.pieces.join(glue).replaceAll('é', ''),
            [given.pieces.length, beside],
          ]) {
            expect(mayHold(value)).toBe(canaryWithin(value, new Set(ascii)) !== undefined);
          }
        },
      ),
      runs,
    );
  });

  it('tells other canaries from those of the case before', () => {
    expect(canaryGlance(['4111111111111'])('4111111111111')).toBe(true);
    expect(canaryGlance(['5111111111111'])('4111111111111')).toBe(false);
  });
});
