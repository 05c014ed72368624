// How this convinces: small targets leave the simulated world in each way that a real one might, and one only waits for
// itself. The run must be refused for the former, naming the call, and must list the latter as a deadlock.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Case, Fault } from './cases/case.ts';
import { EscapedWorldError } from './escape.ts';
import { storm } from './storm.ts';
import { reference } from './targets/reference.ts';
import type { Subject, Target, TargetEnv } from './targets/target.ts';

const declined = { kind: 'failed', code: 'x', body: '{}', replayed: false } as const;

/** A target that waits for `wait` before it answers. */
function waitingFor(wait: (env: TargetEnv) => Promise<unknown>, recover?: Subject['recover']): Target {
  return {
    name: 'waiting',
    description: 'waits before it answers',
    capabilities: ['charge'],
    start: (env) => ({
      async charge() {
        await wait(env);
        return declined;
      },
      ...(recover === undefined ? {} : { recover }),
    }),
  };
}

function aCase(...faults: readonly Fault[]): Case {
  const step = {
    id: 'a',
    at: 0,
    do: 'charge',
    key: 'k',
    amountMinor: 500,
    currency: 'USD',
    process: 0,
  } as const;
  return {
    paystorm: 1,
    target: 'waiting',
    profile: 'stripe',
    seed: 7,
    steps: [{ ...step, faults: [...faults] }],
  };
}

const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe('a target that leaves the simulated world', () => {
  it.each([
    ['a file', () => readFile(new URL(import.meta.url))],
    ['crypto.subtle', () => crypto.subtle.digest('SHA-256', new Uint8Array(1_000_000))],
    ['a real timer', () => later(5)],
    [
      'a real timer, after work in virtual time',
      ({ runtime }: TargetEnv) => runtime.sleep(5).then(() => later(5)),
    ],
  ])('by %s is refused', async (_, wait) => {
    const refused = await storm(aCase(), waitingFor(wait)).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(EscapedWorldError);
    expect(refused).toMatchObject({ calls: ['a'] });
  });

  it('by a long real timer is refused with the name of what Node waits for', async () => {
    // Several, because timers of the test runner come and go meanwhile.
    const timers: NodeJS.Timeout[] = [];
    const wait = (): Promise<void> =>
      new Promise((resolve) => {
        for (let i = 0; i < 10; i++) timers.push(setTimeout(resolve, 60_000));
      });
    await expect(storm(aCase(), waitingFor(wait))).rejects.toThrow(
      /: a had nothing left .* busy with Timeout\..*env\.runtime/,
    );
    timers.forEach(clearTimeout);
  });

  it('in a sweep is refused too', async () => {
    const target = waitingFor(
      async () => {},
      () => later(5),
    );
    await expect(storm(aCase(), target)).rejects.toMatchObject({ calls: ['settle:1'] });
  });
});

describe('a target that waits for itself', () => {
  it('is a deadlock', async () => {
    const { deadlocked } = await storm(
      aCase(),
      waitingFor(() => new Promise(() => {})),
    );
    expect(deadlocked).toEqual(['a', 'ask:1']);
  });

  it('on a connection that hangs is a deadlock, without a look at the real world', async () => {
    const charge = {
      idempotencyKey: 'k',
      merchantReference: 'r',
      amountMinor: 1,
      currency: 'USD',
      paymentToken: 't',
    };
    const timers: NodeJS.Timeout[] = [];
    const target = waitingFor(({ gateway }) => {
      // These would be found at once by whoever looked.
      for (let i = 0; i < 10; i++) timers.push(setTimeout(() => {}, 60_000));
      return gateway.authorize({ ...charge, capture: 'automatic' });
    });
    const { deadlocked } = await storm(aCase({ site: 'gateway.authorize', nth: 1, kind: 'hang' }), target);
    expect(deadlocked).toEqual(['a']);
    timers.forEach(clearTimeout);
  });

  it('is no deadlock when it bounds its waiting', async () => {
    const { deadlocked } = await storm(aCase({ site: 'gateway.authorize', nth: 1, kind: 'hang' }), reference);
    expect(deadlocked).toEqual([]);
  });
});
