// The adapter runs over the real SDK; only the HTTP exchange is played. Each test looks at what would go over the
// wire, or lets the wire answer and looks at what the port makes of it.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  GatewayTimeoutError,
  NetworkError,
  NotChargedError,
  PaymentPendingError,
  ValidationError,
} from '../errors/payment-error.ts';
import { stripeCapabilities, stripeGateway } from './stripe-adapter.ts';
import { charge, chargeAnswered, errorOf, failure, intent, json, search, wired } from './stripe-rig.ts';

describe('stripe adapter: what is sent', () => {
  it('creates and confirms a payment in one request, under the given key', async () => {
    const { gateway, sent } = wired(() => json(intent()));
    await gateway.authorize(charge);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.method).toBe('POST');
    expect(sent[0]?.url.href).toBe('https://api.stripe.com/v1/payment_intents');
    expect(sent[0]?.headers.get('idempotency-key')).toBe('shop/k1/charge/0.0');
    expect(sent[0]?.headers.get('x-stripe-client-telemetry')).toBeNull();
    expect(Object.fromEntries(sent[0]?.form ?? [])).toEqual({
      amount: '500',
      currency: 'usd',
      payment_method: 'pm_1',
      confirm: 'true',
      capture_method: 'automatic',
      'automatic_payment_methods[enabled]': 'true',
      'automatic_payment_methods[allow_redirects]': 'never',
      'metadata[merchant_reference]': "shop/o'k1/charge/0",
    });
  });

  it('demands 3-D Secure where the request does', async () => {
    const { gateway, sent } = wired(() => json(intent()));
    await gateway.authorize({ ...charge, challenge: true });
    expect(sent[0]?.form.get('payment_method_options[card][request_three_d_secure]')).toBe('challenge');
  });

  it('captures, cancels and refunds by the id of the payment', async () => {
    const refund = { id: 're_1', object: 'refund', amount: 200, status: 'succeeded', payment_intent: 'pi_1' };
    const { gateway, sent } = wired(({ url }) =>
      url.pathname.endsWith('refunds')
        ? json(refund)
        : json(intent({ status: 'canceled', amount_received: 0 })),
    );
    const mutation = { idempotencyKey: 'k2', merchantReference: 'r2', chargeId: 'pi_1' };
    await errorOf(gateway.capture({ ...mutation, amountMinor: 300 }));
    const voided = await gateway.void(mutation);
    const refunded = await gateway.refund({ ...mutation, amountMinor: 200 });
    expect(voided.status).toBe('voided');
    expect(refunded).toEqual({ id: 're_1', chargeId: 'pi_1', amountMinor: 200, status: 'succeeded' });
    expect(sent.map(({ url, form }) => [url.pathname, Object.fromEntries(form)])).toEqual([
      ['/v1/payment_intents/pi_1/capture', { amount_to_capture: '300', 'metadata[capture_reference]': 'r2' }],
      ['/v1/payment_intents/pi_1/cancel', {}],
      ['/v1/refunds', { payment_intent: 'pi_1', amount: '200', 'metadata[merchant_reference]': 'r2' }],
    ]);
    expect(sent.map(({ headers }) => headers.get('idempotency-key'))).toEqual(['k2', 'k2', 'k2']);
  });

  it.each([
    ['an empty key', { idempotencyKey: '' }],
    ['a key that a header would shorten', { idempotencyKey: 'k ' }],
    ['a key that no header can hold', { idempotencyKey: 'k\u{1F600}' }],
    ['a key that is too long', { idempotencyKey: 'k'.repeat(256) }],
    ['an empty reference', { merchantReference: '' }],
    ['a fractional amount', { amountMinor: 4.5 }],
    ['a currency that Stripe counts in hundredths where ISO 4217 does not', { currency: 'ISK' }],
    ['an unknown currency', { currency: 'XYZ' }],
  ])('sends nothing for %s', async (_, changed) => {
    const { gateway, sent } = wired(() => json(intent()));
    expect(await errorOf(gateway.authorize({ ...charge, ...changed }))).toBeInstanceOf(ValidationError);
    expect(sent).toHaveLength(0);
  });

  it('sends once even when the connection breaks with the code that the SDK answers by sending again', async () => {
    const { gateway, sent } = wired(() => {
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    });
    const error = await errorOf(gateway.authorize(charge));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error.effect).toBe('unknown');
    expect(sent).toHaveLength(1);
  });

  it('sends once on answers that the SDK would retry by default', async () => {
    for (const status of [409, 429, 500, 503]) {
      const { gateway, sent } = wired(() =>
        failure({ type: 'api_error' }, status, { 'stripe-should-retry': 'true' }),
      );
      await errorOf(gateway.authorize(charge));
      expect(sent).toHaveLength(1);
    }
  });
});

describe('stripe adapter: what an answer is read as', () => {
  it('reads the same charge from the first answer, a replay and a look-up', async () => {
    const { gateway } = wired(({ url }) =>
      url.pathname.endsWith('search')
        ? search(intent())
        : json(intent(), 200, { 'idempotent-replayed': 'true' }),
    );
    const first = await gateway.authorize(charge);
    const found = await gateway.lookup({ by: 'reference', merchantReference: charge.merchantReference });
    expect(first).toEqual({
      id: 'pi_1',
      status: 'captured',
      amountMinor: 500,
      capturedMinor: 500,
      currency: 'USD',
      merchantReference: charge.merchantReference,
    });
    expect(found).toEqual({ kind: 'found', charge: first });
    expect(JSON.stringify(found.kind === 'found' && found.charge)).toBe(JSON.stringify(first));
  });

  it('tells an authorisation and a partial capture apart from a full one', async () => {
    const { gateway } = wired(({ url }) =>
      json(
        url.pathname.endsWith('capture')
          ? intent({ amount_received: 300 })
          : intent({ status: 'requires_capture', amount_received: 0 }),
      ),
    );
    const held = await gateway.authorize({ ...charge, capture: 'manual' });
    const taken = await gateway.capture({
      idempotencyKey: 'k2',
      merchantReference: 'r2',
      chargeId: 'pi_1',
      amountMinor: 300,
    });
    expect([held.status, held.capturedMinor]).toEqual(['authorized', 0]);
    expect([taken.status, taken.amountMinor, taken.capturedMinor]).toEqual(['captured', 500, 300]);
  });

  it('shows of an authorisation how much the issuer approved, where that is less than was asked for', async () => {
    const { gateway } = wired(() =>
      json(intent({ status: 'requires_capture', amount_received: 0, amount_capturable: 200 })),
    );
    const held = await gateway.authorize({ ...charge, capture: 'manual' });
    expect([held.status, held.amountMinor, held.openMinor]).toEqual(['authorized', 500, 200]);
  });

  it('captures in several parts where the capabilities say so, and shows what is open between them', async () => {
    const answers = [
      intent({ status: 'requires_capture', amount_received: 0, amount_capturable: 500 }),
      intent({ status: 'requires_capture', amount_received: 300, amount_capturable: 200 }),
      intent({ status: 'canceled', amount_received: 300, amount_capturable: 0 }),
    ];
    const capabilities = { ...stripeCapabilities, captureModes: ['manual', 'multiple'] } as const;
    const { gateway, sent } = wired(() => json(answers[sent.length - 1]), 5_000, capabilities);
    const mutation = { idempotencyKey: 'k2', merchantReference: 'r2', chargeId: 'pi_1' };
    const held = await gateway.authorize({ ...charge, capture: 'manual' });
    const taken = await gateway.capture({ ...mutation, amountMinor: 300 });
    const released = await gateway.void({ ...mutation, idempotencyKey: 'k3' });
    const shown = [held, taken, released].map(({ status, capturedMinor, openMinor }) => [
      status,
      capturedMinor,
      openMinor,
    ]);
    expect(shown).toEqual([
      ['authorized', 0, undefined],
      ['captured', 300, 200],
      ['captured', 300, undefined],
    ]);
    expect(sent[0]?.form.get('payment_method_options[card][request_multicapture]')).toBe('if_available');
    expect(sent[1]?.form.get('final_capture')).toBe('false');
  });

  it('does not take a cancellation for done while something is open or undecided', async () => {
    for (const open of [
      { status: 'requires_capture', amount_received: 300, amount_capturable: 200 },
      { status: 'requires_capture', amount_received: 0, amount_capturable: 500 },
      { status: 'processing', amount_received: 0 },
    ] as const) {
      const { gateway } = wired(() => json(intent(open)));
      const mutation = { idempotencyKey: 'k2', merchantReference: 'r2', chargeId: 'pi_1' };
      expect((await errorOf(gateway.void(mutation))).effect).toBe('unknown');
    }
  });

  it.each([
    ['requires_action', AuthenticationRequiredError],
    ['processing', PaymentPendingError],
    ['a status of a later API version', PaymentPendingError],
    ['canceled', NotChargedError],
  ] as const)('does not take %s for a charge', async (status, kind) => {
    const error = await chargeAnswered(() => json(intent({ status, amount_received: 0 })));
    expect(error).toBeInstanceOf(kind);
    expect(error.gatewayId).toBe('pi_1');
  });

  it('reads a refund that is under way as pending, and a cancelled one as failed', async () => {
    const statuses = ['pending', 'requires_action', 'canceled', 'failed'];
    const { gateway, sent } = wired(() =>
      json({ id: 're_1', object: 'refund', amount: 200, status: statuses[sent.length - 1] }),
    );
    const request = { idempotencyKey: 'k2', merchantReference: 'r2', chargeId: 'pi_1', amountMinor: 200 };
    const read: string[] = [];
    for (const _ of statuses) read.push((await gateway.refund(request)).status);
    expect(read).toEqual(['pending', 'pending', 'failed', 'failed']);
  });
});

describe('stripe adapter: giving up', () => {
  it('ends the call with the reason and aborts the exchange', async () => {
    const controller = new AbortController();
    let exchangeAborted = false;
    const { gateway, sent } = wired((_, init) => {
      init.signal?.addEventListener('abort', () => {
        exchangeAborted = true;
      });
      queueMicrotask(() => controller.abort(new GatewayTimeoutError('no answer within 8 s')));
      return new Promise<Response>(() => {});
    });
    const error = await errorOf(gateway.authorize(charge, { signal: controller.signal }));
    expect(error).toBe(controller.signal.reason);
    expect(exchangeAborted).toBe(true);
    expect([...(sent[0]?.headers.keys() ?? [])].filter((name) => name.startsWith('paystorm'))).toEqual([]);
  });

  it('reads any other reason as not knowing', async () => {
    const controller = new AbortController();
    const { gateway } = wired(() => {
      queueMicrotask(() => controller.abort('stop'));
      return new Promise<Response>(() => {});
    });
    const error = await errorOf(gateway.authorize(charge, { signal: controller.signal }));
    expect(error).toBeInstanceOf(GatewayTimeoutError);
    expect(error.cause).toBe('stop');
  });

  it('sends nothing when the caller had given up before', async () => {
    const { gateway, sent } = wired(() => json(intent()));
    await errorOf(gateway.authorize(charge, { signal: AbortSignal.abort() }));
    expect(sent).toHaveLength(0);
  });
});

describe('stripe adapter: with a client of the application', () => {
  it('still ends an aborted call, although the request is left to the SDK', async () => {
    const { default: Sdk } = await import('stripe');
    const stripe = new Sdk('sk_test_x', {
      maxNetworkRetries: 0,
      httpClient: Sdk.createFetchHttpClient(() => new Promise<Response>(() => {})),
    });
    const controller = new AbortController();
    const call = errorOf(stripeGateway({ stripe }).authorize(charge, { signal: controller.signal }));
    controller.abort();
    expect((await call).effect).toBe('unknown');
    expect(await call).toBeInstanceOf(GatewayTimeoutError);
  });
});
