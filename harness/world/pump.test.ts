// How this convinces: work of every shape that promises can take is started in one step, and must have finished when
// the next step begins. The same questions are put to drains that look right and are not; each of them must be
// caught, or the questions prove nothing.

import { describe, expect, it } from 'vitest';
import { pump } from './pump.ts';

/** Starts work and calls `done` when its last hop has run. */
type Work = (done: () => void) => void;

const hops = 5_000;
// biome-ignore lint/style/noRestrictedGlobals: ticks of the real loop are what the pump has to drain
const tick = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

const works: Readonly<Record<string, Work>> = {
  'a chain of three': async (done) => {
    for (let i = 0; i < 3; i++) await null;
    done();
  },
  'a chain of 5 000': async (done) => {
    for (let i = 0; i < hops; i++) await null;
    done();
  },
  'foreign thenables': async (done) => {
    // biome-ignore lint/suspicious/noThenProperty: a thenable that is no promise is what is tried here
    for (let i = 0; i < 50; i++) await { then: (resume: () => void) => queueMicrotask(resume) };
    done();
  },
  'an async generator': async (done) => {
    async function* numbers() {
      for (let i = 0; i < 50; i++) yield i;
    }
    for await (const _ of numbers());
    done();
  },
  rejections: async (done) => {
    for (let i = 0; i < 50; i++) await Promise.reject(new Error('expected')).catch(() => {});
    done();
  },
  'all, race and any': async (done) => {
    for (let i = 0; i < 50; i++) await Promise.all([Promise.race([Promise.any([Promise.resolve(i)])])]);
    done();
  },
  'next ticks and promises by turns': async (done) => {
    for (let i = 0; i < 200; i++) {
      await tick();
      await null;
    }
    done();
  },
  '40 racing tasks': (done) => {
    let left = 40;
    for (let j = 0; j < 40; j++) {
      const task = async (): Promise<void> => {
        for (let i = 0; i < j; i++) await (i % 3 === 0 ? tick() : null);
        left -= 1;
        if (left === 0) done();
      };
      void task();
    }
  },
};

/** Drives `step` until it says that nothing is left. */
type Driver = (step: () => 'stepped' | 'done') => Promise<void>;

/** Names of the works that had not finished when the next step began. */
async function missedBy(drive: Driver, from = Object.entries(works)): Promise<readonly string[]> {
  const missed: string[] = [];
  const waiting = [...from];
  let running: { readonly name: string; done: boolean } | undefined;
  await drive(() => {
    if (running?.done === false) missed.push(running.name);
    const next = waiting.shift();
    if (next === undefined) return 'done';
    const [name, work] = next;
    const current = { name, done: false };
    running = current;
    work(() => {
      current.done = true;
    });
    return 'stepped';
  });
  return missed;
}

describe('between two steps', () => {
  it.each(Object.keys(works))('%s has finished', async (name) => {
    const work = works[name];
    if (work === undefined) throw new Error(`no work is called ${name}`);
    expect(await missedBy(pump, [[name, work]])).toEqual([]);
  });

  it('everything has finished, whatever stood before it, and across many batches', async () => {
    const many = Array.from({ length: 60 }, () => Object.entries(works)).flat();
    expect(await missedBy(pump, many)).toEqual([]);
  });

  const wrongDrains: Readonly<Record<string, () => Promise<unknown>>> = {
    'one next tick': tick,
    'one promise hop': async () => null,
    'a thousand promise hops': async () => {
      for (let i = 0; i < 1_000; i++) await null;
    },
  };

  it.each(Object.entries(wrongDrains))('a drain by %s is caught', async (_, drain) => {
    const drive: Driver = async (step) => {
      while (step() !== 'done') await drain();
    };
    expect(await missedBy(drive)).not.toEqual([]);
  });
});

describe('the pump', () => {
  it('waits for work in the real event loop, and takes no step of the batch meanwhile', async () => {
    let asked = 0;
    let arrived = false;
    // biome-ignore lint/style/noRestrictedGlobals: something in the real loop is what the pump has to wait for
    setTimeout(() => {
      arrived = true;
    }, 5);
    await pump(() => {
      asked += 1;
      return arrived ? 'done' : 'waiting';
    });
    expect(arrived).toBe(true);
    expect(asked).toBeGreaterThan(1);
  });

  it('rejects with what a step throws, and serves the next world', async () => {
    const mistake = new Error('a mistake in a step');
    await expect(
      pump(() => {
        throw mistake;
      }),
    ).rejects.toBe(mistake);
    await expect(pump(() => 'done')).resolves.toBeUndefined();
  });

  it('refuses two worlds at once', async () => {
    const first = pump(() => 'done');
    expect(() => pump(() => 'done')).toThrow(/two worlds at once/);
    await first;
  });
});
