// Convinces by agreement with a second writer that is too simple to be wrong (sort the names, quote with
// JSON.stringify), and by planting each refused thing at a random place and finding it refused under that
// place's name. The vectors of the standard itself are in canonical-json-rfc8785.test.ts.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { canonicalJson } from './canonical-json.ts';
import { parseJson } from './parse-json.ts';

/** Names that sort differently as numbers, by locale or by code point than they do by UTF-16 code units. */
const awkwardName = fc.constantFrom(
  '10',
  '9',
  '!',
  '"',
  '\\',
  '\r',
  '\u0080',
  'ö',
  'o',
  'O',
  '€',
  '\u{1f602}',
  '\ufb33',
);
const anyName = fc.oneof(
  fc.string({ unit: 'binary' }),
  awkwardName,
  fc.constantFrom('__proto__', 'constructor', ''),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary', minLength: 60, maxLength: 70 }),
);
const anyNumber = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constant(-0),
);

const { anyJson } = fc.letrec<{ anyJson: unknown }>((tie) => ({
  anyJson: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(fc.constantFrom(null, true, false), anyNumber, anyText),
    fc.array(tie('anyJson'), { maxLength: 5 }),
    fc.dictionary(anyName, tie('anyJson'), { maxKeys: 8 }),
  ),
}));
/** More names than the insertion sort takes. */
const wideObject = fc.dictionary(anyName, anyNumber, { minKeys: 20, maxKeys: 40, size: 'max' });

function simpleWriter(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(simpleWriter).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = value as Record<string, unknown>;
  const written = Object.keys(members)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${simpleWriter(members[name])}`);
  return `{${written.join(',')}}`;
}

/** The same value with the members of every object added in reverse. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.create(null) as Record<string, unknown>;
  for (const [name, member] of Object.entries(value).reverse()) copy[name] = reversed(member);
  return copy;
}

describe('properties', () => {
  it('quotes every character of the first 256 as JSON.stringify does', () => {
    for (let unit = 0; unit < 256; unit += 1) {
      const text = `a${String.fromCharCode(unit)}b`;
      expect(canonicalJson({ [text]: text })).toBe(JSON.stringify({ [text]: text }));
    }
  });

  it('agrees with the simple writer', () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, wideObject), (value) => {
        expect(canonicalJson(value)).toBe(simpleWriter(value));
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order in which members were added', () => {
    fc.assert(
      fc.property(fc.oneof(anyJson, wideObject), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
      }),
    );
  });

  it('parses back to the same value, and that to the same text', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value);
        // JSON.stringify writes -0 as 0 too.
        expect(parseJson(text)).toEqual(parseJson(JSON.stringify(value)));
        expect(canonicalJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it('leaves its input alone', () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const before = JSON.stringify(value);
        canonicalJson(value);
        expect(JSON.stringify(value)).toBe(before);
      }),
    );
  });
});

describe('like JSON.stringify', () => {
  it('drops members that are undefined and writes undefined elements as null', () => {
    expect(canonicalJson({ b: undefined, a: 1, c: [undefined, 2] })).toBe('{"a":1,"c":[null,2]}');
    expect(canonicalJson({ a: undefined })).toBe('{}');
    const sparse: number[] = [];
    sparse[1] = 2;
    expect(canonicalJson(sparse)).toBe('[null,2]');
  });

  it('ignores what is inherited, not enumerable, or named by a symbol', () => {
    const value = Object.assign(Object.create({ inherited: 1 }), { a: 1, [Symbol('s')]: 2 });
    Object.defineProperty(value, 'hidden', { value: 3 });
    expect(canonicalJson(value)).toBe('{"a":1}');
  });

  it('writes an instance of a class as its members', () => {
    class Charge {
      readonly currency = 'USD';
      readonly amountMinor = 500;
    }
    expect(canonicalJson(new Charge())).toBe('{"amountMinor":500,"currency":"USD"}');
  });

  it('writes dates as ISO 8601 and hands toJSON the name it stands under', () => {
    const at = new Date(0);
    const named = { toJSON: (name: string) => `<${name}>` };
    const value = { list: [named], dropped: { toJSON: () => undefined }, at, named };
    expect(canonicalJson(value)).toBe('{"at":"1970-01-01T00:00:00.000Z","list":["<0>"],"named":"<named>"}');
    expect(canonicalJson(named)).toBe('"<>"');
    expect(canonicalJson({ toJSON: () => ({ b: 1, a: 2 }) })).toBe('{"a":2,"b":1}');
  });

  it('writes an object twice that is shared and not circular', () => {
    const shared = { a: 1 };
    expect(canonicalJson([shared, shared, { shared }])).toBe('[{"a":1},{"a":1},{"shared":{"a":1}}]');
  });
});

describe('refusals', () => {
  class Sealed {
    readonly #amountMinor = 500;
    amount(): number {
      return this.#amountMinor;
    }
  }
  const refused: readonly (readonly [string, () => unknown, RegExp])[] = [
    ['NaN', () => Number.NaN, /no number NaN/],
    ['an infinity', () => Number.NEGATIVE_INFINITY, /no number -Infinity/],
    ['a bigint', () => 1n, /no bigint/],
    ['a function', () => () => 1, /no function/],
    ['a symbol', () => Symbol('s'), /no symbol/],
    ['a lone high surrogate', () => 'a\ud800b', /surrogate/],
    ['a lone low surrogate', () => '\udc00', /surrogate/],
    ['a lone surrogate in long text', () => `${'x'.repeat(100)}\ud83d`, /surrogate/],
    ['an invalid date', () => new Date(Number.NaN), /invalid date/],
    ['a Map', () => new Map([['a', 1]]), /type Map/],
    ['a Set', () => new Set([1]), /type Set/],
    ['a RegExp', () => /a/, /type RegExp/],
    ['an Error', () => new Error('a'), /type Error/],
    ['bytes', () => new Uint8Array(2), /type Uint8Array/],
    ['a boxed number', () => Object(1), /type Number/],
    ['an instance with private fields only', () => new Sealed(), /without visible members/],
    ['a toJSON that answers with NaN', () => ({ toJSON: () => Number.NaN }), /no number NaN/],
  ];

  it.each(refused)('refuses %s wherever it stands, and says where', (_, bad, reason) => {
    const step = fc.oneof(fc.nat(3), fc.constantFrom('items', 'a b', '0'));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 5 }), (steps) => {
        const place = (value: unknown, at: string | number): unknown =>
          typeof at === 'number' ? [...Array(at).fill(0), value] : { zz: 1, [at]: value, '!': 2 };
        const value = steps.reduceRight(place, bad());
        const spelled = steps.map((at) =>
          at === 'items' ? '.items' : typeof at === 'number' ? `[${at}]` : `["${at}"]`,
        );
        expect(() => canonicalJson(value)).toThrow(ValidationError);
        expect(() => canonicalJson(value)).toThrow(`Cannot write $${spelled.join('')} as canonical JSON`);
        expect(() => canonicalJson(value)).toThrow(reason);
      }),
      { numRuns: 20 },
    );
  });

  it('refuses a name that is not Unicode', () => {
    expect(() => canonicalJson({ a: { '\ud800': 1 } })).toThrow(
      /\$\.a\["\\ud800"\] .* name holds a lone surrogate/,
    );
  });

  it('refuses undefined as a whole', () => {
    expect(() => canonicalJson(undefined)).toThrow(/Cannot write \$ .* undefined/);
    expect(() => canonicalJson({ toJSON: () => undefined })).toThrow(ValidationError);
  });

  it('refuses a cycle and names the member that closes it', () => {
    const order: Record<string, unknown> = { amountMinor: 500 };
    order['items'] = [{ order }];
    expect(() => canonicalJson({ order })).toThrow(
      '$.order.items[0].order as canonical JSON: it contains itself',
    );
    const list: unknown[] = [];
    list.push(list);
    expect(() => canonicalJson(list)).toThrow('$[0] as canonical JSON: it contains itself');
  });

  it('refuses nesting beyond 256 levels and takes 256', () => {
    const nest = (levels: number) => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
    expect(canonicalJson(nest(256))).toBe('['.repeat(256) + ']'.repeat(256));
    expect(() => canonicalJson(nest(257))).toThrow(/deeper than 256/);
    expect(() => canonicalJson(nest(5000))).toThrow(ValidationError);
  });

  it('lets through what a toJSON throws', () => {
    const own = new Error('own');
    const value = {
      toJSON: () => {
        throw own;
      },
    };
    expect(() => canonicalJson({ value })).toThrow(own);
  });
});
