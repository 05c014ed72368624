// Convinces by asking the fence at chosen instants of an owner's own clock, and by counting the renewals that reach
// the store.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  GatewayTimeoutError,
  LeaseLostError,
  OutcomeUnknownError,
  RateLimitedError,
} from '../errors/payment-error.ts';
import type { Call } from '../resilience/operation.ts';
import { failing, order, outcomeOf, type Rig, type RigOptions, rig } from './testing.ts';

/** A call that is under way for good, and its fence. */
async function underWay(options: RigOptions = {}): Promise<Rig & { readonly fence: () => void }> {
  const setup = rig(options);
  setup.script(() => new Promise(() => {}));
  void setup.operation(order);
  await setup.runtime.drain();
  return { ...setup, fence: () => setup.sent[0]?.fence?.() };
}

function isClosed(fence: Call['fence']): boolean {
  try {
    fence?.();
    return false;
  } catch (error) {
    return error instanceof LeaseLostError;
  }
}

const renewals = ({ operations }: Rig): number => operations.filter((name) => name === 'renew').length;

describe('the fence', () => {
  it('stands open until the lease is over by the own clock, and not a millisecond longer', async () => {
    const { runtime, fence } = await underWay();
    await runtime.advance(9_999);
    expect(fence).not.toThrow();
    await runtime.advance(1);
    expect(fence).toThrow(LeaseLostError);
  });

  it('counts the lease from before the claim was asked, however slow the store was', async () => {
    const { runtime, options, operation, sent } = rig();
    const { claim } = options.store;
    options.store.claim = async (request) => {
      const answer = await claim(request);
      await runtime.sleep(10_000);
      return answer;
    };
    expect(await runtime.settle(outcomeOf(operation(order)))).toEqual({
      error: expect.any(OutcomeUnknownError),
    });
    expect(sent).toEqual([]);
  });

  it('is closed once the call has ended, so that nothing straggles out of it', async () => {
    const { charge, sent, script } = rig();
    script(() => 'ok', failing(new TypeError('a bug')));
    await charge();
    await charge({ ...order, key: 'l' });
    for (const { fence } of sent) expect(() => fence?.()).toThrow(LeaseLostError);
    expect(sent).toHaveLength(2);
  });

  it.each([
    ['complete', () => 'ok'],
    ['fail', failing(new CardDeclinedError('declined'))],
    ['release', failing(new RateLimitedError('slow down'))],
    ['suspend', failing(new GatewayTimeoutError('lost'))],
  ] as const)(
    'is closed before the %s is asked for: what straggles after it would be unaccounted for',
    async (write, behaviour) => {
      const { options, charge, script, sent } = rig();
      const apply: (request: never) => Promise<unknown> = options.store[write];
      let closed = false;
      const store = options.store as unknown as Record<string, unknown>;
      store[write] = (request: never) => {
        closed = isClosed(sent[0]?.fence);
        return apply(request);
      };
      script(behaviour);
      await charge();
      expect(closed).toBe(true);
    },
  );
});

describe('an owner that stalls before it sends', () => {
  it('sends nothing, and tells the client that the same key may be asked again', async () => {
    const { runtime, operation, script, sent, record } = rig();
    script((call: Call) => runtime.sleep(20_000).then(() => call.fence?.()));
    expect(await runtime.settle(outcomeOf(operation(order)))).toMatchObject({
      error: {
        code: 'outcome_unknown',
        retriable: true,
        effect: 'unknown',
        cause: expect.any(LeaseLostError),
      },
    });
    expect(sent).toHaveLength(1);
    expect(await record()).toMatchObject({ state: 'UNKNOWN' });
  });
});

describe('renewal', () => {
  it('keeps the lease while the call runs, and the fence open', async () => {
    const setup = await underWay({ maxRenewals: 3 });
    await setup.runtime.advance(14_999);
    expect(setup.fence).not.toThrow();
    expect(await setup.record()).toMatchObject({ token: 1, leaseUntilMs: 20_000 });
    expect(await setup.charge()).toMatchObject({ error: { code: 'idempotency_in_progress' } });
  });

  it('happens no more often than it may: a call that hangs is given up', async () => {
    const setup = await underWay({ maxRenewals: 3 });
    await setup.runtime.advance(100_000);
    expect(renewals(setup)).toBe(3);
    expect(await setup.record()).toMatchObject({ leaseUntilMs: 25_000 });
    expect(setup.fence).toThrow(LeaseLostError);
    expect(setup.runtime.waiting()).toBe(0);
  });

  it('ends with the call and leaves no timer', async () => {
    const setup = rig({ maxRenewals: 3 });
    await setup.charge();
    expect(setup.runtime.waiting()).toBe(0);
    await setup.runtime.advance(100_000);
    expect(renewals(setup)).toBe(0);
  });

  it.each(['request', 'reply'] as const)(
    'does not extend the lease in the eyes of an owner who was not told: %s lost',
    async (what) => {
      const setup = await underWay({ maxRenewals: 1 });
      setup.lose('renew', what);
      await setup.runtime.advance(9_999);
      expect(setup.fence).not.toThrow();
      await setup.runtime.advance(1);
      expect(setup.fence).toThrow(LeaseLostError);
    },
  );

  it('that is refused closes the fence at once: somebody else owns the operation', async () => {
    const setup = await underWay({ maxRenewals: 3 });
    await setup.store.suspend({ key: 'shop/k', token: 1, state: 'UNKNOWN', sent: true, sealed: false });
    await setup.runtime.advance(5_000);
    expect(setup.fence).toThrow(LeaseLostError);
    await setup.runtime.advance(100_000);
    expect(renewals(setup)).toBe(1);
  });

  it('is not tried by an owner that wakes after its lease: it could extend what is no longer its own', async () => {
    const setup = await underWay({ maxRenewals: 3 });
    const { runtime } = setup;
    // A stall: time has moved past the lease before the timer gets its turn.
    const awakeMs = runtime.monotonicMs() + 11_000;
    Object.assign(runtime, { monotonicMs: () => awakeMs });
    await runtime.advance(5_000);
    expect(renewals(setup)).toBe(0);
    expect(setup.fence).toThrow(LeaseLostError);
  });
});
