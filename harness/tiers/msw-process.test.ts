// Code that was not written for the runtime port runs in this tier as it is: it waits and reads clocks through Node's
// globals, and the history shows that it did so in virtual time. What cannot be brought into virtual time is refused
// or found out; what waits for itself is told as a deadlock.

import { describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { EscapedWorldError } from '../escape.ts';
import type { Crossing } from '../history/history.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import type { Subject, Target } from '../targets/target.ts';
import { startOfTimeMs } from '../world/world.ts';

const realTimeout = setTimeout;

const oneCharge: Case = {
  paystorm: 1,
  target: 'reference',
  profile: 'stripe',
  tier: 'msw',
  seed: 1,
  steps: [{ id: 'a', at: 100, do: 'charge', key: 'k1', amountMinor: 501, currency: 'USD', process: 0 }],
};

/** The reference with something done before every charge; `atStart` is done when its process starts. */
function preceded(doing: () => unknown, atStart: () => unknown = () => {}): Target {
  return {
    ...reference,
    start(env): Subject {
      atStart();
      const subject = reference.start(env);
      return {
        ...subject,
        async charge(intent) {
          await doing();
          if (subject.charge === undefined) throw new Error('the reference charges');
          return subject.charge(intent);
        },
      };
    },
  };
}

const waiting = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function at(crossings: readonly Crossing[], site: string): number | undefined {
  return crossings.find((crossing) => crossing.site === site)?.called.atMs;
}

describe('a process of the msw tier', () => {
  it('waits and reads clocks in virtual time, from its start on', async () => {
    const read: number[] = [];
    const look = (): void => void read.push(Date.now() - startOfTimeMs);
    const target = preceded(
      async () => {
        await waiting(250);
        look();
      },
      () => setTimeout(look, 50),
    );
    const { history, broken } = await runCase(oneCharge, target);
    // The request takes 2 ms to the service; it is asked once more in the end.
    expect(read.slice(0, 2)).toEqual([50, 352]);
    expect(read).toHaveLength(3);
    expect(at(history.crossings, 'store.claim')).toBe(352);
    expect(broken).toEqual([]);
  });

  it('does not go on after a crash, whatever its timers were', async () => {
    let reached = 0;
    const target = preceded(async () => {
      void waiting(1_000).then(() => reached++);
    });
    const crash = { site: 'store.claim', nth: 1, kind: 'crash-before-apply', restartAfterMs: 5_000 } as const;
    const [step] = oneCharge.steps;
    if (step?.do !== 'charge') throw new Error('the case charges');
    await runCase({ ...oneCharge, steps: [{ ...step, faults: [crash] }] }, target);
    // Only the question in the end, in the second life, waited to the end.
    expect(reached).toBe(1);
  });

  it('is refused what a drain cannot settle, where it reaches for it', async () => {
    const target = preceded(() => crypto.subtle.digest('SHA-256', new Uint8Array(8)));
    const { history } = await runCase(oneCharge, target);
    const charge = history.crossings.find(({ site }) => site === 'client.charge');
    expect(charge?.effect).toMatchObject({ ok: false, error: { name: 'EscapeError' } });
    expect(JSON.stringify(charge?.effect)).toContain('crypto.subtle.digest');
  });

  it('is found out when it waits in real time all the same', async () => {
    const target = preceded(() => new Promise((resolve) => realTimeout(resolve, 20)));
    await expect(runCase(oneCharge, target)).rejects.toThrow(EscapedWorldError);
  });

  it('is told as deadlocked when it waits for itself', async () => {
    const { history } = await runCase(
      oneCharge,
      preceded(() => new Promise(() => {})),
    );
    expect(history.deadlocked).toEqual(['a', 'ask:1']);
  });
});
