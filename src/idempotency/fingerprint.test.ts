// Convinces by literal digests: `openssl dgst -sha256` over the canonical text gives the same, so a change of
// spelling, encoding or label shows even where both sides of a comparison would move together.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { type FingerprintKey, hashPayload, sameFingerprint } from './fingerprint.ts';

const payload = {
  currency: 'EUR',
  amountMinor: 1999,
  description: 'Käse €',
  items: [{ sku: 'a', quantity: 2 }],
};
const first: FingerprintKey = { keyId: 'pan', version: 1, secret: 'correct horse battery staple' };
const second: FingerprintKey = {
  keyId: 'pan',
  version: 2,
  secret: new TextEncoder().encode('tr0ub4dor & 3 other words'),
};

const plainDigest = 'd1852d6a0eb9417b4031fb25cd23eca2fcc8b1e3592aeee5f16b0b028e087ea7';
const keyedDigest = '2e314f099df832da08d2616d2cf900c49c1a616bce9c59c2b05af0700017dee0';

describe('hashPayload', () => {
  it('gives the digests that other implementations give', () => {
    expect(hashPayload(payload)).toBe(`sha256:${plainDigest}`);
    expect(hashPayload(payload, { hmac: first })).toBe(`hmac-sha256:pan:1:${keyedDigest}`);
  });

  it('takes a secret as text or as the same bytes', () => {
    const bytes = new TextEncoder().encode('correct horse battery staple');
    expect(hashPayload(payload, { hmac: { ...first, secret: bytes } })).toBe(
      hashPayload(payload, { hmac: first }),
    );
  });

  it('does not see the order of members, undefined members, or how a number was spelled', () => {
    const same = JSON.parse(
      '{"items":[{"quantity":2.0,"sku":"a"}],"description":"K\\u00e4se \\u20ac","amountMinor":1.999e3,"currency":"EUR"}',
    );
    expect(hashPayload({ ...same, note: undefined })).toBe(hashPayload(payload));
  });

  it('sees every other difference', () => {
    const others = [
      { ...payload, amountMinor: 2000 },
      { ...payload, amountMinor: '1999' },
      { ...payload, currency: 'USD' },
      { ...payload, note: null },
      { ...payload, items: [...payload.items].concat(payload.items) },
      [payload],
    ];
    const hashes = [payload, ...others].map((each) => hashPayload(each));
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('refuses payloads without canonical JSON', () => {
    expect(() => hashPayload({ amountMinor: Number.NaN })).toThrow(ValidationError);
    expect(() => hashPayload(undefined)).toThrow(ValidationError);
  });

  it.each<[string, Partial<FingerprintKey>]>([
    ['an empty key id', { keyId: '' }],
    ['a key id with the separator', { keyId: 'a:b' }],
    ['a key id with a line feed', { keyId: 'pan\n' }],
    ['version zero', { version: 0 }],
    ['half a version', { version: 1.5 }],
    ['no secret', { secret: '' }],
    ['a short secret', { secret: 'fifteen bytes..' }],
    ['few bytes', { secret: new Uint8Array(15) }],
  ])('refuses a key with %s', (_, change) => {
    expect(() => hashPayload(payload, { hmac: { ...first, ...change } })).toThrow(ValidationError);
  });

  it('never shows the secret in a refusal', () => {
    const hmac = { ...first, secret: 'hunter2' };
    const refusal = expect.objectContaining({ message: expect.not.stringContaining('hunter2') });
    expect(() => hashPayload(payload, { hmac })).toThrow(refusal);
  });
});

describe('sameFingerprint', () => {
  it('recognises a payload and tells another one apart, plain or keyed', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.jsonValue(),
        fc.constantFrom(undefined, first, second),
        (one, other, hmac) => {
          const stored = hashPayload(one, hmac && { hmac });
          const equal = hashPayload(one) === hashPayload(other);
          expect(sameFingerprint(stored, one, [first, second])).toBe('same');
          expect(sameFingerprint(stored, other, [first, second])).toBe(equal ? 'same' : 'different');
        },
      ),
    );
  });

  it('compares under the key that made the record, in any order of the keyring', () => {
    const beforeRotation = hashPayload(payload, { hmac: first });
    expect(beforeRotation).not.toBe(hashPayload(payload, { hmac: second }));
    expect(sameFingerprint(beforeRotation, payload, [second, first])).toBe('same');
    expect(sameFingerprint(beforeRotation, { ...payload, amountMinor: 1 }, [second, first])).toBe(
      'different',
    );
  });

  it('recognises a plain fingerprint after fingerprints became keyed', () => {
    expect(sameFingerprint(hashPayload(payload), payload, [first])).toBe('same');
  });

  it('says "different" when a key of the same name and version has another secret', () => {
    const other = { ...first, secret: 'another secret altogether' };
    expect(sameFingerprint(hashPayload(payload, { hmac: other }), payload, [first])).toBe('different');
  });

  it('refuses to guess when the key is gone', () => {
    const stored = hashPayload(payload, { hmac: first });
    expect(() => sameFingerprint(stored, payload, [second])).toThrow(
      /key pan version 1, which is not in the keyring/,
    );
    expect(() => sameFingerprint(stored, payload)).toThrow(ValidationError);
  });

  it.each([
    '',
    'sha256:',
    `sha256:${'A'.repeat(64)}`,
    `sha256:${'a'.repeat(63)}`,
    `sha256:${'a'.repeat(64)}\n`,
    `md5:${'a'.repeat(64)}`,
    `hmac-sha256:pan:${'a'.repeat(64)}`,
    `hmac-sha256:pan:01:${'a'.repeat(64)}`,
    `hmac-sha256:pan:1:2:${'a'.repeat(64)}`,
  ])('refuses the stored text %j', (stored) => {
    expect(() => sameFingerprint(stored, payload, [first])).toThrow(ValidationError);
  });
});
