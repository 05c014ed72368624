// Convinces by vectors that others have published, and for Stripe by its own SDK, which has to accept every signature.

import { describe, expect, test } from 'vitest';
import { stripeClient } from '../../src/gateway/stripe-client.ts';
import { type Signable, signedHeaders } from './webhook-signatures.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('published vectors', () => {
  test('of Standard Webhooks', () => {
    const message: Signable = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      type: 'test',
      timestampS: 1_614_265_330,
      body: bytes('{"test": 2432232314}'),
    };
    const headers = signedHeaders('standard', message, ['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw']);
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test("of GitHub's documentation", () => {
    const message = { id: 'd-1', type: 'push', timestampS: 0, body: bytes('Hello, World!') };
    expect(signedHeaders('github', message, ["It's a Secret to Everybody"])).toEqual({
      'content-type': 'application/json',
      'x-github-delivery': 'd-1',
      'x-github-event': 'push',
      'x-hub-signature-256': 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17',
    });
  });
});

describe("Stripe's own SDK", () => {
  const { webhooks } = stripeClient({ apiKey: 'sk_test_x', timeoutMs: 1_000 });
  const body = '{"id":"evt_1","object":"event","data":{"object":{"text":"größer, 😀"}}}';
  const message = { id: 'evt_1', type: 'payment.captured', timestampS: 1_767_225_600, body: bytes(body) };
  const accepts = (header: string | undefined, secret: string, receivedAtS = message.timestampS): boolean => {
    try {
      const event = webhooks.constructEvent(body, header ?? '', secret, 300, undefined, receivedAtS * 1_000);
      return event.id === 'evt_1';
    } catch {
      return false;
    }
  };

  test('accepts what is signed with its secret, in time, and nothing else', () => {
    const { 'stripe-signature': header } = signedHeaders('stripe', message, ['whsec_a']);
    expect(accepts(header, 'whsec_a')).toBe(true);
    expect(accepts(header, 'whsec_b')).toBe(false);
    expect(accepts(header, 'whsec_a', message.timestampS + 301)).toBe(false);
  });

  test('accepts either secret of a rotation', () => {
    const { 'stripe-signature': header } = signedHeaders('stripe', message, ['whsec_a', 'whsec_b']);
    expect([accepts(header, 'whsec_a'), accepts(header, 'whsec_b'), accepts(header, 'whsec_c')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

test('a rotation signs twice where there is room, the last one where there is not, and without a secret not at all', () => {
  const message = { id: 'evt_1', type: 'payment.captured', timestampS: 1, body: bytes('{}') };
  const both = (scheme: 'standard' | 'github') =>
    signedHeaders(scheme, message, ['whsec_YQ==', 'whsec_Yg==']);
  const one = (scheme: 'standard' | 'github', secret: string) => signedHeaders(scheme, message, [secret]);
  expect(both('standard')['webhook-signature']).toBe(
    `${one('standard', 'whsec_YQ==')['webhook-signature']} ${one('standard', 'whsec_Yg==')['webhook-signature']}`,
  );
  expect(both('github')).toEqual(one('github', 'whsec_Yg=='));
  const bare = (['stripe', 'standard', 'github'] as const).map((scheme) =>
    Object.keys(signedHeaders(scheme, message, [])).filter((name) => name.includes('signature')),
  );
  expect(bare).toEqual([[], [], []]);
});
