// Convinces by what is accepted and refused at every edge of a delivery: one byte, one secret, one header away from a good
// one. That the good ones are good by others' measure as well is the parity test's to show.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError, WebhookReplayError, WebhookSignatureError } from '../errors/payment-error.ts';
import type { WebhookHeaders } from './headers.ts';
import type { WebhookScheme } from './schemes.ts';
import { body, nowS, refusal, schemes, secrets, signed, verifier } from './testing.ts';

describe.each(schemes)('a verifier of %s', (scheme) => {
  it('accepts what the sender signed, in headers of any shape and case', () => {
    const headers = signed(scheme);
    const known = verifier(scheme).verify(body, headers);
    expect(known).toMatchObject({ scheme, ...(scheme === 'stripe' ? {} : { id: 'msg_1' }) });
    const spelled = Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]);
    for (const shape of [
      new Headers(headers),
      Object.fromEntries(spelled),
      { ...headers, other: undefined },
    ]) {
      expect(verifier(scheme).verify(body, shape)).toEqual(known);
    }
  });

  it('refuses a body, a secret or a signature that differs in one bit', () => {
    const flipped = Uint8Array.from(body, (byte, index) => (index === 3 ? byte ^ 1 : byte));
    expect(() => verifier(scheme).verify(flipped, signed(scheme))).toThrow(WebhookSignatureError);
    const secret = secrets[scheme].replace(/.$/, 'A');
    expect(refusal(scheme, signed(scheme, { secret }))).toBeInstanceOf(WebhookSignatureError);
  });

  it('accepts a signature of any of its secrets, old or new', () => {
    const old = scheme === 'standard' ? `whsec_${'A'.repeat(32)}` : 'old';
    for (const list of [
      [old, secrets[scheme]],
      [secrets[scheme], old],
    ]) {
      expect(verifier(scheme, { secrets: list }).verify(body, signed(scheme))).toMatchObject({ scheme });
      expect(verifier(scheme, { secrets: list }).verify(body, signed(scheme, { secret: old }))).toMatchObject(
        { scheme },
      );
    }
    expect(refusal(scheme, signed(scheme, { secret: old }))).toBeInstanceOf(WebhookSignatureError);
  });

  it('refuses headers that are missing, empty, doubled, huge, or no text', () => {
    const headers = signed(scheme);
    const needed = Object.keys(headers).filter((name) => name !== 'x-github-delivery');
    for (const name of needed) {
      const value = headers[name] ?? '';
      const upper = name.toUpperCase();
      for (const bad of [
        { [name]: undefined },
        { [name]: '' },
        { [name]: '   ' },
        { [name]: [value, value] },
        { [upper]: value },
        { [name]: `${value}${' '.repeat(8_192)}` },
        { [name]: 'x'.repeat(1_000_000) },
        { [name]: 7 },
        { [name]: { length: 1 } },
        { [name]: 'é\u0000,=' },
      ]) {
        expect(refusal(scheme, { ...headers, ...bad }), JSON.stringify(bad).slice(0, 80)).toBeInstanceOf(
          WebhookSignatureError,
        );
      }
      const twice = new Headers(headers);
      twice.append(name, value);
      expect(refusal(scheme, twice)).toBeInstanceOf(WebhookSignatureError);
    }
    for (const none of [null, undefined, 'headers', {}]) {
      expect(refusal(scheme, none)).toBeInstanceOf(WebhookSignatureError);
    }
  });

  it('refuses what is not the raw body, and a body that is too long', () => {
    for (const parsed of ['{"id":"evt_1"}', { id: 'evt_1' }, null]) {
      expect(() => verifier(scheme).verify(parsed as unknown as Uint8Array, signed(scheme))).toThrow(
        'raw bytes',
      );
    }
    const long = new Uint8Array(1_048_577);
    expect(() => verifier(scheme).verify(long, signed(scheme, { body: long }))).toThrow(
      WebhookSignatureError,
    );
    const allowed = verifier(scheme, { maxBodyBytes: 1_048_577 });
    expect(allowed.verify(long, signed(scheme, { body: long }))).toMatchObject({ scheme });
  });

  it('answers hostile headers with its two errors and no other', () => {
    const names = Object.keys(signed(scheme));
    const pieces = fc.constantFrom(
      't=',
      'v1=',
      'v1,',
      ',',
      '=',
      ' ',
      '.',
      `${nowS}`,
      'a'.repeat(64),
      'sha256=',
      'é',
      '\n',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((parts) => parts.join('')),
    );
    const headers = fc.record(
      Object.fromEntries(
        names.map((name) => [name, fc.oneof(text, fc.array(text), fc.constant(signed(scheme)[name]))]),
      ),
    );
    fc.assert(
      fc.property(headers, fc.uint8Array(), (record, bytes) => {
        try {
          verifier(scheme).verify(bytes, record as WebhookHeaders);
          return false;
        } catch (error) {
          return error instanceof WebhookSignatureError || error instanceof WebhookReplayError;
        }
      }),
    );
  });

  it('refuses to be made without a usable secret, or with a number out of range', () => {
    const spoilt = ['', ' ', 'white space', `${secrets[scheme]}\n`].map((secret) => [secret]);
    for (const bad of [[], undefined, null, 'whsec_text', [undefined], ...spoilt]) {
      expect(() => verifier(scheme, { secrets: bad as string[] })).toThrow(ValidationError);
    }
    for (const bad of [
      { toleranceMs: 0 },
      { toleranceMs: Number.NaN },
      { toleranceMs: Number.POSITIVE_INFINITY },
      { futureSkewMs: -1 },
      { maxBodyBytes: 0 },
    ]) {
      expect(() => verifier(scheme, bad)).toThrow(ValidationError);
    }
  });
});

describe('the signer', () => {
  it('refuses what no sender signs', () => {
    for (const bad of [
      { timestampS: 1.5 },
      { timestampS: -1 },
      { secret: '' },
      { scheme: 'toString' as WebhookScheme },
    ]) {
      expect(() => signed('stripe', bad)).toThrow(ValidationError);
    }
    expect(() => verifier('constructor' as WebhookScheme, { secrets: ['x'] })).toThrow(ValidationError);
  });
});
