// Convinces by the very texts that JSON.parse misreads, in the order that makes it do so, and by random values whose
// text has to be the same after the way there and back.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJson } from './parse-json.ts';

const names = fc.oneof(
  fc.constantFrom('\\', '"', '\n', '\\"', 'a\\', 'a"', '/', '__proto__', '', 'ü', '😂'),
  fc.string(),
);
const { value: values } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.oneof(
      fc.constantFrom(null, true, false),
      fc.integer(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      names,
    ),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(names, tie('value'), { maxKeys: 6 }),
  ),
}));

describe('parseJson', () => {
  it.each(['"', '\n', '\r', '\u0000'])(
    'reads a name of one escaped character after a backslash was read in its place: %j',
    (name) => {
      parseJson('{"h":[],"\\\\":0}');
      expect(parseJson(JSON.stringify({ h: 1, [name]: 2 }))).toEqual({ h: 1, [name]: 2 });
      const spaced = `{"h":"\\\\\\"", ${JSON.stringify(name)}\t\r\n : 2}`;
      expect(parseJson(spaced)).toEqual({ h: '\\"', [name]: 2 });
    },
  );

  it('reads back what JSON.stringify wrote', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
        expect(JSON.stringify(parseJson(JSON.stringify(value, null, indent)))).toBe(JSON.stringify(value));
      }),
      { numRuns: 1_000 },
    );
  });

  it('reads other spellings, the last of equal names, and __proto__ as a name', () => {
    expect(parseJson(' [ "\\u0041\\/" , -1.5e3 , { } , [ ] , true ] ')).toEqual(['A/', -1500, {}, [], true]);
    expect(parseJson('{"a":"\\n","a":2}')).toEqual({ a: 2 });
    const parsed = parseJson('{"__proto__":{"x":"\\n"}}') as object;
    expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype);
    expect(Object.keys(parsed)).toEqual(['__proto__']);
  });

  it.each(['', '{', '{"a":1,}', '["\\x"]', '"\\', '{"\\n" 1}', 'undefined'])(
    'refuses what is not JSON: %j',
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
    },
  );
});
