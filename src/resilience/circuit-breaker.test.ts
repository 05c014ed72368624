// Convinces by walking each rule to the millisecond on either side of its limit, on a clock that is moved by hand.

import { describe, expect, it } from 'vitest';
import {
  AuthenticationRequiredError,
  CardDeclinedError,
  CircuitOpenError,
  GatewayBusyError,
  GatewayRejectedError,
  GatewayTimeoutError,
  NetworkError,
  PaymentPendingError,
  RateLimitedError,
  ValidationError,
} from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { circuitBreaker, isInfrastructureFailure } from './circuit-breaker.ts';
import { broken, endOf, guarded, opened, recovered } from './testing.ts';

describe('a closed breaker', () => {
  it('opens at the last of so many failures, and successes between them erase nothing', async () => {
    const { fail, start, states } = guarded();
    await fail();
    await start().succeed();
    expect(states).toEqual([]);
    await fail();
    expect(states).toEqual(['open']);
    expect(start().passed).toBe(false);
  });

  it('forgets a failure that has been noted for the whole window', async () => {
    const late = guarded();
    await late.fail();
    await late.runtime.advance(1_000);
    await late.fail();
    expect(late.states).toEqual([]);
    const early = guarded();
    await early.fail();
    await early.runtime.advance(999);
    await early.fail();
    expect(early.states).toEqual(['open']);
  });

  it('dates a failure by when it settled, not by when it was sent', async () => {
    const { start, runtime, states } = guarded();
    const first = start();
    const second = start();
    await runtime.advance(5_000);
    await first.fail();
    await runtime.advance(999);
    await second.fail();
    expect(states).toEqual(['open']);
  });

  it('counts a success that took too long, and a decline that did', async () => {
    const { start, runtime, states } = guarded({ slowCallMs: 500 });
    const [quick, slow, declined] = [start(), start(), start()];
    await runtime.advance(499);
    await quick.succeed();
    await runtime.advance(1);
    await slow.succeed();
    expect(states).toEqual([]);
    await declined.fail(new CardDeclinedError('declined'));
    expect(states).toEqual(['open']);
  });

  it('counts what it is told to count', async () => {
    const { fail, states } = guarded({ countOn: (error) => error instanceof RateLimitedError });
    await fail();
    await fail();
    await fail(new RateLimitedError('429'));
    expect(states).toEqual([]);
    await fail(new RateLimitedError('429'));
    expect(states).toEqual(['open']);
  });

  it('has counted a failure that makes the rule itself throw, and passes on the failure', async () => {
    const { start, states } = guarded({
      failureThreshold: 1,
      countOn: () => {
        throw new TypeError('a bug');
      },
    });
    const call = start();
    await call.fail();
    expect(await call.outcome).toBe(broken);
    expect(states).toEqual(['open']);
  });
});

describe('what counts', () => {
  it.each([
    new NetworkError('refused', { effect: 'none' }),
    new NetworkError('reset', { effect: 'unknown' }),
    new GatewayTimeoutError('lost'),
    broken,
    new TypeError('a bug'),
    'not an error at all',
    undefined,
  ])('is %s', async (error) => {
    const { fail, states } = guarded();
    await fail(error);
    await fail(error);
    expect(states).toEqual(['open']);
    expect(isInfrastructureFailure(error)).toBe(true);
  });

  it.each([
    new CardDeclinedError('declined'),
    new GatewayRejectedError('400'),
    new RateLimitedError('429'),
    new GatewayBusyError('409'),
    new AuthenticationRequiredError('3-D Secure'),
    new PaymentPendingError('accepted'),
  ])('is not %s, and a probe that gets it has succeeded', async (error) => {
    const { fail, states } = guarded();
    for (let call = 0; call < 5; call += 1) await fail(error);
    expect(states).toEqual([]);
    const probed = await recovered();
    await probed.fail(error);
    expect(probed.states).toEqual(['half-open', 'closed']);
  });
});

describe('an open breaker', () => {
  it('refuses at once and sends nothing until its recovery is over', async () => {
    const { start, runtime, states, sent } = await opened();
    await runtime.advance(9_999);
    const refused = start();
    expect(await refused.outcome).toBeInstanceOf(CircuitOpenError);
    expect(await refused.outcome).toMatchObject({ effect: 'none', local: true, retriable: true });
    expect(sent()).toBe(2);
    await runtime.advance(1);
    expect(states).toEqual([]);
    expect(start().passed).toBe(true);
    expect(states).toEqual(['half-open']);
  });

  it('counts its recovery from the failure that opened it, and later results change nothing', async () => {
    const { start, fail, runtime, states } = guarded();
    const late = start();
    const later = start();
    await fail();
    await fail();
    await runtime.advance(9_999);
    await late.succeed();
    await later.fail();
    expect(states).toEqual(['open']);
    expect(start().passed).toBe(false);
    await runtime.advance(1);
    expect(start().passed).toBe(true);
  });

  it('leaves one audit record of each refusal', async () => {
    const { start, runtime, sent } = await opened({ operation: 'topup' });
    await start({ idempotencyKey: 'shop/k/charge/0.0' }).outcome;
    await start().outcome;
    expect(sent()).toBe(2);
    expect(runtime.logged).toEqual([
      { audit: 'rejected', operation: 'topup', code: 'circuit_open', idempotencyKey: 'shop/k/charge/0.0' },
      { audit: 'rejected', operation: 'topup', code: 'circuit_open' },
    ]);
  });
});

describe('a call that the caller gave up', () => {
  const givenUp = async (reason: unknown, errorOf: (reason: unknown) => unknown) => {
    const { start, states } = guarded({ failureThreshold: 1 });
    await start({ signal: AbortSignal.abort(reason) }).fail(errorOf(reason));
    return states;
  };

  it('says nothing about what is guarded', async () => {
    const left = new DOMException('left', 'AbortError');
    expect(await givenUp(left, (reason) => reason)).toEqual([]);
    expect(await givenUp('left', (cause) => new GatewayTimeoutError('gave up', { cause }))).toEqual([]);
  });

  it('counts when the reason was lack of time, or the failure was another', async () => {
    const lateness = new DOMException('too late', 'TimeoutError');
    expect(await givenUp(lateness, (reason) => reason)).toEqual(['open']);
    expect(await givenUp(new GatewayTimeoutError('too late'), (reason) => reason)).toEqual(['open']);
    expect(await givenUp(new Error('left'), () => broken)).toEqual(['open']);
  });
});

describe('the layer', () => {
  it('keeps one state for everything that it is put around', async () => {
    const { layer, operation } = await opened();
    const other = layer(async () => 'swept');
    expect(await endOf(other('purchase'))).toBeInstanceOf(CircuitOpenError);
    expect(await endOf(operation('purchase'))).toBeInstanceOf(CircuitOpenError);
  });

  it('lets nobody who listens to its states disturb a call', async () => {
    const onStateChange = () => {
      throw new Error('the dashboard is down');
    };
    const { start } = guarded({ failureThreshold: 1, onStateChange });
    const call = start();
    await call.fail();
    expect(await call.outcome).toBe(broken);
  });

  it.each([
    { failureThreshold: 0 },
    { failureThreshold: 1.5 },
    { failureThreshold: Number.NaN },
    { windowMs: 0 },
    { windowMs: Number.POSITIVE_INFINITY },
    { recoveryTimeoutMs: -1 },
    { recoveryTimeoutMs: Number.NaN },
    { halfOpenProbes: 0 },
    { slowCallMs: 0 },
    { countOn: 'always' as never },
    { onStateChange: 5 as never },
    { operation: '' },
    { runtime: {} as never },
    { runtime: undefined as never },
  ])('refuses %j', (options) => {
    expect(() => circuitBreaker({ runtime: manualRuntime(), ...options })).toThrow(ValidationError);
  });
});
