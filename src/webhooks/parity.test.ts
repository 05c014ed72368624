// Convinces by the senders' own libraries: what they sign we accept, what we sign they accept, and the example that the
// specification publishes verifies. Their clock is set to the test's.

import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { Stripe } from 'stripe';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { signWebhook } from './signer.ts';
import { webhookVerifier } from './verifier.ts';

const timestampS = 1_614_265_330;
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const runtime = { wallMs: () => timestampS * 1_000 };
const { webhooks } = new Stripe('sk_test_parity');
const json = fc.jsonValue().map((value) => JSON.stringify({ value }));

const bytes = (text: string) => new TextEncoder().encode(text);

beforeEach(() => void vi.useFakeTimers({ now: timestampS * 1_000, toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

describe('Stripe', () => {
  const verifier = webhookVerifier({ runtime, scheme: 'stripe', secrets: [secret] });

  it('signs what we verify', () => {
    fc.assert(
      fc.property(json, (payload) => {
        const header = webhooks.generateTestHeaderString({ payload, secret, timestamp: timestampS });
        expect(verifier.verify(bytes(payload), { 'stripe-signature': header })).toEqual({
          scheme: 'stripe',
          signedAtMs: timestampS * 1_000,
        });
      }),
      { numRuns: 50 },
    );
  });

  it('verifies what we sign', () => {
    fc.assert(
      fc.property(json, (payload) => {
        const headers = signWebhook({ scheme: 'stripe', secret, body: bytes(payload), id: 'x', timestampS });
        const header = headers['stripe-signature'] ?? '';
        expect(webhooks.constructEvent(payload, header, secret)).toEqual(JSON.parse(payload));
      }),
      { numRuns: 50 },
    );
  });

  it('calls the same deliveries stale, to the second', () => {
    const payload = '{"object":"event"}';
    for (const ageS of [299, 300, 301]) {
      const signedAtS = timestampS - ageS;
      const header = webhooks.generateTestHeaderString({ payload, secret, timestamp: signedAtS });
      const accepts = (verify: () => unknown): boolean => {
        try {
          verify();
          return true;
        } catch {
          return false;
        }
      };
      const ours = accepts(() => verifier.verify(bytes(payload), { 'stripe-signature': header }));
      expect(ours, `${ageS} s`).toBe(accepts(() => webhooks.constructEvent(payload, header, secret)));
    }
  });
});

describe('Standard Webhooks', () => {
  const verifier = webhookVerifier({ runtime, scheme: 'standard', secrets: [secret] });
  const theirs = new Webhook(secret);
  const id = 'msg_p5jXN8AQM9LWM0D4loKWxJek';

  it('publishes an example, which verifies', () => {
    const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
    const payload = bytes('{"test": 2432232314}');
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': `${timestampS}`,
      'webhook-signature': signature,
    };
    expect(verifier.verify(payload, headers)).toEqual({
      scheme: 'standard',
      id,
      signedAtMs: timestampS * 1_000,
    });
    expect(signWebhook({ scheme: 'standard', secret, body: payload, id, timestampS })).toEqual(headers);
  });

  it('signs what we verify', () => {
    fc.assert(
      fc.property(json, (payload) => {
        const headers = {
          'webhook-id': id,
          'webhook-timestamp': `${timestampS}`,
          'webhook-signature': theirs.sign(id, new Date(timestampS * 1_000), payload),
        };
        expect(verifier.verify(bytes(payload), headers)).toMatchObject({ id });
      }),
      { numRuns: 50 },
    );
  });

  it('verifies what we sign', () => {
    fc.assert(
      fc.property(json, (payload) => {
        const headers = signWebhook({ scheme: 'standard', secret, body: bytes(payload), id, timestampS });
        expect(theirs.verify(payload, { ...headers })).toEqual(JSON.parse(payload));
      }),
      { numRuns: 50 },
    );
  });
});
