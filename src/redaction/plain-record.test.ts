// Convinces by asking the slow way as well: within an array a record is walked and copied. The members are what redaction looks
// for, whole, cut and labelled, beside what logs are full of, so that both answers are common.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSurelyHarmless } from './plain-record.ts';
import { redact } from './redact.ts';

const name = fc.constantFrom('audit', 'ms', 'value', 'code', 'cvv', 'a', 'b', '4111111111111111', 'x%34', '');
const member = fc.oneof(
  fc.constantFrom<unknown>(
    'attempt',
    '$refund/shop%2Fk1/refund/0.0',
    '4111111111111111',
    '41111111',
    '11111111',
    'card 4111 1111 1111 1111',
    'cvv=123',
    'cvv',
    '%34111111111111111',
    ';123456789012=12345678901?',
    '999',
    999,
    41111111,
    11111111,
    4111111111111111,
    1732182300000,
    -4111111111111111,
    0.5,
    null,
    undefined,
    true,
  ),
  fc.string(),
  fc.integer(),
);

describe('a glance at a record', () => {
  it('never calls harmless what has to change', () => {
    let harmless = 0;
    fc.assert(
      fc.property(fc.dictionary(name, member, { maxKeys: 5, noNullPrototype: true }), (record) => {
        if (!isSurelyHarmless(record)) return;
        harmless += 1;
        const within = [record];
        expect(redact(within)).toBe(within);
      }),
      { numRuns: 5_000 },
    );
    expect(harmless).toBeGreaterThan(200);
  });

  it('knows what is logged of an attempt', () => {
    const key = '$authorize/shop%2Fk1/authorize/0.0';
    expect(isSurelyHarmless({ audit: 'attempt', code: 'ok', idempotencyKey: key, ms: 40 })).toBe(true);
  });

  it('does not speak for what every object inherits', () => {
    Object.defineProperty(Object.prototype, 'toJSON', { value: () => 'a', configurable: true });
    try {
      expect(isSurelyHarmless({ audit: 'attempt' })).toBe(false);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'toJSON');
    }
  });

  it.each<readonly [string, object]>([
    ['two halves', { first: '41111111', last: '11111111' }],
    [
      'a getter',
      {
        get seen() {
          return 'nothing';
        },
      },
    ],
    ['a symbol', { [Symbol('4111111111111111')]: 'a' }],
    ['a toJSON', { toJSON: () => ({ number: '4111111111111111' }) }],
    ['an inherited toJSON', Object.create({ toJSON: () => '4111111111111111' }) as object],
    [
      'a class',
      new (class {
        readonly number = '1';
      })(),
    ],
    ['a list', ['cvv', '999']],
    ['a Map', new Map([['cvv', '999']])],
    ['an Error', new Error('card 4111111111111111')],
    ['bytes', new Uint8Array([52])],
    [
      'what cannot be read',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new TypeError('no');
          },
        },
      ),
    ],
    ['what is nested', { card: { number: '1' } }],
  ])('does not speak for %s', (_, value) => {
    expect(isSurelyHarmless(value)).toBe(false);
  });
});
