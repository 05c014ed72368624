// Convinces by arbitrary texts: what Postgres is given it can hold, no two texts become one, and each comes back as it was, alone, in an
// argument of JSON, and in an answer that quotes texts of texts.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeJson, encodeJson, encodeText } from './text.ts';

const texts = fc.array(
  fc
    .string({ unit: 'binary' })
    .map((text) =>
      text
        .replaceAll('a', '\0')
        .replaceAll('b', '\ud800')
        .replaceAll('c', '\u001bjson:')
        .replaceAll('d', '\\u0000'),
    ),
);
const awkward = ['', '\0', '\ud800', '\udc00x', '\u001bjson:', '\u001bjson:"a"', '\\u0000', encodeText('\0')];

/** What the server answers: a text of ours within JSON of its own, which spells only control characters by number. */
const answered = (text: string): string => JSON.stringify([text]);

test('keeps every text so that Postgres can hold it and none is changed', () => {
  fc.assert(
    fc.property(texts, (some) => {
      for (const text of [...awkward, ...some]) {
        const kept = encodeText(text);
        expect(kept.isWellFormed() && !kept.includes('\0')).toBe(true);
        expect(decodeJson(answered(kept))).toEqual([text]);
        expect(decodeJson(answered(encodeText(kept)))).toEqual([kept]);
      }
      const all = [...awkward, ...some];
      expect(new Set(all.map(encodeText)).size).toBe(new Set(all).size);
    }),
  );
});

test('keeps every text in JSON so that the server can read it', () => {
  fc.assert(
    fc.property(texts, (some) => {
      const value = { texts: [...awkward, ...some] };
      const read = JSON.parse(encodeJson(value)) as typeof value;
      expect(read.texts).toEqual(value.texts.map(encodeText));
      expect(decodeJson(JSON.stringify(read))).toEqual(value);
    }),
  );
});
