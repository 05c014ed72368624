// Convinces by the spellings of headers that clients send, and by searching for two names that collide.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import {
  checkedKey,
  gatewayKey,
  maxKeyLength,
  merchantReference,
  parseIdempotencyKey,
  scopedKey,
} from './slot.ts';

describe('parseIdempotencyKey', () => {
  it.each([
    ['8e03978e', '8e03978e'],
    ['"8e03978e"', '8e03978e'],
    ['  "8e03978e" ', '8e03978e'],
    ['"with \\"quotes\\" and \\\\"', 'with "quotes" and \\'],
    ['"  kept  "', '  kept  '],
    ['a "b" c', 'a "b" c'],
    ['!~', '!~'],
  ])('reads %j as %j', (header, key) => {
    expect(parseIdempotencyKey(header)).toBe(key);
  });

  it.each([
    undefined,
    '',
    '   ',
    '""',
    '"',
    '"open',
    '"a"b"',
    '"a", "b"',
    '"bad \\escape"',
    '"ends in \\"',
    'Käse',
    '"Käse"',
    'tab\there',
    'line\nbreak',
    'x'.repeat(maxKeyLength + 1),
    `"${'x'.repeat(maxKeyLength + 1)}"`,
  ])('refuses %j', (header) => {
    expect(() => parseIdempotencyKey(header)).toThrow(ValidationError);
  });

  it('accepts the longest key in both forms, not counting quotes and escapes', () => {
    const longest = 'x'.repeat(maxKeyLength);
    expect(parseIdempotencyKey(longest)).toBe(longest);
    expect(parseIdempotencyKey(`"${longest}"`)).toBe(longest);
    expect(parseIdempotencyKey(`"${'\\"'.repeat(maxKeyLength)}"`)).toBe('"'.repeat(maxKeyLength));
  });

  it('reads any key back from its quoted form', () => {
    const keys = fc.string({
      unit: fc.integer({ min: 0x20, max: 0x7e }).map((unit) => String.fromCharCode(unit)),
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(keys, (key) => {
        expect(parseIdempotencyKey(`"${key.replace(/["\\]/g, '\\$&')}"`)).toBe(key);
      }),
    );
  });
});

describe('checkedKey', () => {
  it('refuses what is not there, though a type said that it would be', () => {
    expect(() => checkedKey(undefined as unknown as string)).toThrow(ValidationError);
    expect(() => checkedKey(5 as unknown as string)).toThrow(ValidationError);
  });
});

describe('scopedKey', () => {
  it('is different for different scopes and keys, whatever separators and escapes they hold', () => {
    const part = fc.string({ unit: fc.constantFrom('/', '%', '2', '5', 'F', 'a', '.'), maxLength: 6 });
    const pair = fc.tuple(part, part);
    fc.assert(
      fc.property(pair, pair, (left, right) => {
        const same = left[0] === right[0] && left[1] === right[1];
        expect(scopedKey(...left) === scopedKey(...right)).toBe(same);
      }),
      { numRuns: 5_000 },
    );
    expect(scopedKey('a/b', 'c')).not.toBe(scopedKey('a', 'b/c'));
    expect(scopedKey('a%2Fb', 'c')).not.toBe(scopedKey('a/b', 'c'));
  });

  it('refuses a scope that is missing, because all tenants would share it', () => {
    expect(() => scopedKey(undefined as unknown as string, 'k')).toThrow(ValidationError);
    expect(() => scopedKey('half a pair \ud800', 'k')).toThrow(ValidationError);
  });
});

describe('names for the gateway', () => {
  const slot = { key: 'shop/k', epoch: 0, generation: 0 };

  it('change with scope, key, operation, epoch and, for the key alone, with the generation', () => {
    const others = [
      { ...slot, key: 'shop/l' },
      { ...slot, epoch: 1 },
      { ...slot, epoch: 11 },
      { ...slot, epoch: 1, generation: 1 },
      { ...slot, generation: 1 },
    ];
    const keys = [slot, ...others].map((each) => gatewayKey(each, 'charge'));
    expect(new Set([...keys, gatewayKey(slot, 'refund'), gatewayKey(slot, 'charge/0')]).size).toBe(8);
    expect(merchantReference({ ...slot, epoch: 1 }, 'charge')).not.toBe(merchantReference(slot, 'charge'));
    expect(merchantReference(slot, 'refund')).not.toBe(merchantReference(slot, 'charge'));
  });

  it('are the same in every process and version, because money hangs on them', () => {
    expect(gatewayKey(slot, 'charge')).toBe('shop/k/charge/0.0');
    expect(merchantReference(slot, 'charge')).toBe('shop/k/charge/0');
  });

  it.each(['x'.repeat(maxKeyLength), 'Käserei', '商店'])(
    'fit in a header whatever the tenant is called: %s',
    (scope) => {
      const named = { ...slot, key: scopedKey(scope, 'k') };
      for (const name of [gatewayKey(named, 'charge'), merchantReference(named, 'charge')]) {
        expect(name).toMatch(/^sha256:[0-9a-f]{64}$/);
      }
      expect(gatewayKey(named, 'charge')).not.toBe(gatewayKey({ ...named, generation: 1 }, 'charge'));
      expect(gatewayKey(named, 'charge')).not.toBe(gatewayKey({ ...named, key: `${named.key}l` }, 'charge'));
    },
  );
});
