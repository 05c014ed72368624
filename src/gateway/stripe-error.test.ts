// Every way in which an exchange with Stripe can fail is played below the real SDK, so that these tests also notice
// when a new version of the SDK words an error otherwise. What counts is the class and what it proves.

import { describe, expect, it, vi } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayBusyError,
  GatewayKeyReuseError,
  GatewayRejectedError,
  GatewayServerError,
  GatewayTimeoutError,
  InsufficientFundsError,
  NetworkError,
  type PaymentError,
  RateLimitedError,
} from '../errors/payment-error.ts';
import { serialiseError } from '../errors/serialise.ts';
import { charge, chargeAnswered, errorOf, failure, json, type Play, wired } from './stripe-rig.ts';

function bodyUntil(signal: AbortSignal): ReadableStream {
  return new ReadableStream({
    start: (controller) => signal.addEventListener('abort', () => controller.error(signal.reason)),
  });
}

describe('stripe adapter: what an error proves', () => {
  const cut = () => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'));
        controller.error(Object.assign(new TypeError('terminated'), { cause: { code: 'UND_ERR_SOCKET' } }));
      },
    });
    return new Response(body);
  };
  const broken = (code: string) => () => {
    throw new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });
  };
  const rows: readonly (readonly [string, Play, new (message: string) => PaymentError, string])[] = [
    ['402', () => failure({ type: 'card_error', code: 'card_declined' }, 402), CardDeclinedError, 'final'],
    [
      '402 without funds',
      () => failure({ type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' }, 402),
      InsufficientFundsError,
      'final',
    ],
    [
      '402 that wants 3-D Secure',
      () =>
        failure({ type: 'card_error', code: 'authentication_required', payment_intent: { id: 'pi_1' } }, 402),
      AuthenticationRequiredError,
      'final',
    ],
    [
      '429',
      () => failure({ type: 'invalid_request_error', code: 'rate_limit' }, 429),
      RateLimitedError,
      'none',
    ],
    ['400', () => failure({ type: 'invalid_request_error' }, 400), GatewayRejectedError, 'none'],
    ['401', () => failure({ type: 'invalid_request_error' }, 401), GatewayRejectedError, 'none'],
    ['403', () => failure({ type: 'invalid_request_error' }, 403), GatewayRejectedError, 'none'],
    [
      '404',
      () => failure({ type: 'invalid_request_error', code: 'resource_missing' }, 404),
      GatewayRejectedError,
      'none',
    ],
    ['key reuse', () => failure({ type: 'idempotency_error' }, 400), GatewayKeyReuseError, 'unknown'],
    [
      '409',
      () => failure({ type: 'idempotency_error', code: 'idempotency_key_in_use' }, 409),
      GatewayBusyError,
      'unknown',
    ],
    ['500', () => failure({ type: 'api_error' }, 500), GatewayServerError, 'unknown'],
    ['504 in HTML', () => new Response('<html>', { status: 504 }), GatewayServerError, 'unknown'],
    ['200 that is not JSON', () => new Response('{"id":"pi_1","sta'), GatewayServerError, 'unknown'],
    ['409 without a body', () => new Response('', { status: 409 }), GatewayServerError, 'unknown'],
    ['body cut off', cut, GatewayServerError, 'unknown'],
    ['refused', broken('ECONNREFUSED'), NetworkError, 'none'],
    ['no such host', broken('ENOTFOUND'), NetworkError, 'none'],
    ['resolver down', broken('EAI_AGAIN'), NetworkError, 'none'],
    ['reset', broken('ECONNRESET'), NetworkError, 'unknown'],
    ['other side closed', broken('UND_ERR_SOCKET'), NetworkError, 'unknown'],
    ['network time-out', broken('ETIMEDOUT'), GatewayTimeoutError, 'unknown'],
  ];

  it.each(rows)('%s', async (...[, play, kind, effect]) => {
    const error = await chargeAnswered(play);
    expect(error).toBeInstanceOf(kind);
    expect(error.effect).toBe(effect);
  });

  it('does not call an answer final that came in a shape it does not know', async () => {
    const { gateway } = wired(() => json(null));
    expect((await errorOf(gateway.authorize(charge))).effect).toBe('unknown');
  });

  it.each([
    ['no headers', () => new Promise<Response>(() => {})],
    ['headers but no body', (signal: AbortSignal) => new Response(bodyUntil(signal))],
  ])('gives up when its own time is over: %s', async (_, answer) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const { gateway } = wired((_, { signal }) => {
        if (!signal) throw new Error('the SDK passed no signal');
        const aborted = new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        });
        return Promise.race([answer(signal), aborted]);
      }, 5_000);
      const error = errorOf(gateway.authorize(charge));
      await vi.advanceTimersByTimeAsync(5_000);
      expect(await error).toBeInstanceOf(GatewayTimeoutError);
    } finally {
      vi.useRealTimers();
    }
  });

  it('takes a replayed failure as the seal of its key, and nothing else', async () => {
    const replayed = { 'idempotent-replayed': 'true' };
    const sealed = async (play: Play): Promise<boolean> => (await chargeAnswered(play)).sealed;
    expect(await sealed(() => failure({ type: 'api_error' }, 500, replayed))).toBe(true);
    expect(await sealed(() => failure({ type: 'card_error', code: 'card_declined' }, 402, replayed))).toBe(
      true,
    );
    expect(await sealed(() => failure({ type: 'api_error' }, 500))).toBe(false);
    expect(await sealed(() => failure({ type: 'api_error' }, 409, replayed))).toBe(false);
    expect(await sealed(() => failure({ type: 'idempotency_error' }, 400, replayed))).toBe(false);
  });

  it('words a replayed decline like the first one, as both may be stored', async () => {
    const decline = (headers: Record<string, string>) => () =>
      failure({ type: 'card_error', code: 'card_declined', decline_code: 'do_not_honor' }, 402, headers);
    const first = serialiseError(await chargeAnswered(decline({ 'request-id': 'req_1' })));
    const again = serialiseError(
      await chargeAnswered(decline({ 'request-id': 'req_2', 'idempotent-replayed': 'true' })),
    );
    expect(again).toEqual({ ...first, sealed: true });
    expect(first.declineCode).toBe('do_not_honor');
  });

  it('hands Retry-After on as it came', async () => {
    const error = await chargeAnswered(() => failure({ type: 'api_error' }, 429, { 'retry-after': 'soon' }));
    expect(error.retryAfter).toBe('soon');
  });
});
