// Convinces by building a charging service from published names alone, as a reader of the documentation would, over a
// gateway that loses one answer.

import { describe, expect, it } from 'vitest';
import {
  type ChargeResult,
  chargeThrough,
  checkStack,
  circuitBreaker,
  GatewayTimeoutError,
  type IdempotencyOptions,
  idempotent,
  logExecution,
  type Operation,
  type PaymentGateway,
  type Purchase,
  parseIdempotencyKey,
  rateLimit,
  retry,
  stack,
  sweeper,
  systemRuntime,
  timeout,
  timer,
} from './index.ts';
import { memoryIdempotencyStore } from './stores.ts';

interface Payment extends Purchase {
  readonly tenant: string;
  readonly key: string;
}

/** A gateway that charges and keeps silent about it once, then replays the charge. */
function forgetful(): Pick<PaymentGateway, 'authorize' | 'lookup' | 'capabilities'> & {
  readonly keys: string[];
} {
  const keys: string[] = [];
  return {
    keys,
    capabilities: {
      dedup: 'every-answer',
      lookup: { by: ['reference'], consistentAfterMs: 0 },
      keyRetentionMs: 86_400_000,
      maxEffectDelayMs: 30_000,
      cancelByKey: false,
      captureModes: ['automatic'],
    },
    authorize: async ({ idempotencyKey, amountMinor, currency, merchantReference }) => {
      keys.push(idempotencyKey);
      if (keys.length === 1) throw new GatewayTimeoutError('the answer was lost');
      return {
        id: 'ch_1',
        status: 'captured',
        amountMinor,
        capturedMinor: amountMinor,
        currency,
        merchantReference,
      };
    },
    lookup: async () => ({ kind: 'absent' }),
  };
}

describe('the published primitives', () => {
  it('make a charging service that charges once and answers every repetition alike', async () => {
    const gateway = forgetful();
    const log: unknown[] = [];
    const outcomes: string[] = [];
    const runtime = systemRuntime({ log: ({ audit, code }) => log.push(`${audit} ${code}`) });
    const options: IdempotencyOptions<Payment, ChargeResult> = {
      runtime,
      store: memoryIdempotencyStore(runtime),
      scope: ({ tenant }) => tenant,
      key: ({ key }) => key,
      resolve: {
        capabilities: gateway.capabilities,
        find: async (request) => {
          const answer = await gateway.lookup(request);
          return answer.kind === 'found' ? { kind: 'found', result: answer.charge } : answer;
        },
      },
    };
    const send: Operation<Payment, ChargeResult> = chargeThrough(gateway);
    const attempts = [
      circuitBreaker({ runtime }),
      retry({ runtime, delayMs: 1 }),
      rateLimit({ runtime, maxCalls: 100, periodMs: 1_000 }),
      timeout({ runtime, afterMs: 8_000 }),
      timer({ runtime, metric: ({ outcome }) => outcomes.push(outcome) }),
      logExecution({ runtime }),
    ];
    const charge = stack(idempotent(options), ...attempts)(send);
    expect(checkStack(charge)).toEqual([]);
    const sweep = sweeper(options)(stack(...attempts)(send));

    const payment: Payment = {
      tenant: 'shop',
      key: parseIdempotencyKey('"8e03978e"'),
      amountMinor: 500,
      currency: 'USD',
      paymentToken: 'tok',
      capture: 'automatic',
    };
    const first = await charge(payment);
    expect(first).toMatchObject({ id: 'ch_1', status: 'captured', amountMinor: 500 });
    expect(await charge({ ...payment })).toEqual(first);
    expect(gateway.keys).toEqual(['shop/8e03978e/charge/0.0', 'shop/8e03978e/charge/0.0']);
    expect(await sweep()).toEqual({ found: 0, decided: 0 });
    expect(outcomes).toEqual(['gateway_timeout', 'ok']);
    expect(log).toEqual(['attempt gateway_timeout', 'attempt ok', 'replay ok']);
  });
});
