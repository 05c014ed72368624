// Convinces by two processes over one store: what one finds broken the other does not try; and by a store that fails, which
// must neither stop calls nor count them wrongly. The rules of the state itself are compared in `breaker-table.test.ts`.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  CircuitOpenError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryBreakerStore } from '../stores/memory-breaker-store.ts';
import type { BreakerStore } from './breaker-store.ts';
import { type SharedCircuitBreakerOptions, sharedCircuitBreaker } from './shared-circuit-breaker.ts';
import { broken, endOf } from './testing.ts';

/** Two processes whose breaker opens at two failures within a second and recovers after ten. */
function processes(options: Partial<SharedCircuitBreakerOptions> = {}) {
  const runtime = manualRuntime();
  const calls = { enter: 0, leave: 0, isDown: false };
  const inner = memoryBreakerStore(runtime);
  const reached = (): void => {
    if (calls.isDown) throw new StoreUnavailableError('breaker: connection refused');
  };
  const store: BreakerStore = {
    async enter(call) {
      calls.enter += 1;
      reached();
      return inner.enter(call);
    },
    async leave(exit) {
      calls.leave += 1;
      reached();
      return inner.leave(exit);
    },
  };
  const states: string[] = [];
  let sent = 0;
  const send = async (outcome: unknown): Promise<unknown> => {
    sent += 1;
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  const parts = {
    runtime,
    store,
    name: 'gateway',
    failureThreshold: 2,
    windowMs: 1_000,
    recoveryTimeoutMs: 10_000,
  };
  const listener = (state: string): void => void states.push(state);
  const process = () => sharedCircuitBreaker({ ...parts, onStateChange: listener, ...options })(send);
  const [one, other] = [process(), process()];
  const settled = async (work: Promise<unknown>): Promise<unknown> => {
    const end = await endOf(work);
    await runtime.drain();
    return end;
  };
  return { runtime, one, other, settled, states, calls, sent: () => sent };
}

describe('a shared breaker', () => {
  it('opens for all at the failures of all, and closes for all at the success of one', async () => {
    const { one, other, settled, runtime, sent, states } = processes();
    await settled(one(broken));
    await settled(other(broken));
    expect(await settled(one('x'))).toBeInstanceOf(CircuitOpenError);
    expect(await settled(other('x'))).toBeInstanceOf(CircuitOpenError);
    expect(sent()).toBe(2);
    expect(runtime.logged).toHaveLength(2);
    await runtime.advance(10_000);
    expect(await settled(one('probe'))).toBe('probe');
    expect(await settled(other('y'))).toBe('y');
    expect(states).toEqual(['open', 'open', 'half-open', 'closed', 'closed']);
  });

  it('does not count a decline, and tells the store nothing of what it need not know', async () => {
    const { one, settled, calls } = processes();
    await settled(one('x'));
    await settled(one(new CardDeclinedError('no')));
    expect(calls).toMatchObject({ enter: 2, leave: 0 });
  });

  it('counts a slow success where it is told to', async () => {
    const runtime = manualRuntime();
    const store = memoryBreakerStore(runtime);
    const slow = sharedCircuitBreaker({ runtime, store, name: 'g', failureThreshold: 1, slowCallMs: 500 })(
      async () => await runtime.sleep(500),
    );
    await runtime.settle(slow('x'));
    await runtime.drain();
    expect(await endOf(slow('y'))).toBeInstanceOf(CircuitOpenError);
  });

  it('falls back on a breaker of its own while the store is away', async () => {
    const { one, other, settled, calls, sent } = processes();
    calls.isDown = true;
    await settled(one(broken));
    await settled(one(broken));
    expect(await settled(one('x'))).toBeInstanceOf(CircuitOpenError);
    expect(await settled(other('x'))).toBe('x');
    expect(sent()).toBe(3);
    calls.isDown = false;
    expect(await settled(one('x'))).toBe('x');
  });

  it('takes a probe whose report was lost for failed when its time is over', async () => {
    const { one, other, settled, calls, runtime } = processes();
    await settled(one(broken));
    await settled(one(broken));
    await runtime.advance(10_000);
    const probe = other('x');
    calls.isDown = true;
    await settled(probe);
    calls.isDown = false;
    expect(await settled(one('y'))).toBeInstanceOf(CircuitOpenError);
    await runtime.advance(19_999);
    expect(await settled(one('y'))).toBeInstanceOf(CircuitOpenError);
    await runtime.advance(1);
    expect(await settled(one('y'))).toBe('y');
  });

  it.each([[{ name: '' }], [{ store: {} as BreakerStore }], [{ failureThreshold: 0 }]])(
    'refuses %j',
    (options) => {
      expect(() => processes(options)).toThrow(ValidationError);
    },
  );
});
