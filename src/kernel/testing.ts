// A runtime for the tests of the primitives: time stands still until a test moves it.

import type { Runtime } from './runtime.ts';

/** A runtime whose time a test moves by hand. */
export interface ManualRuntime extends Runtime {
  /** Lets `ms` pass: what falls due is fired in order of time, each followed by everything that it set in motion. */
  advance(ms: number): Promise<void>;
  /** Lets time jump from timer to timer until `work` settles. Rejects as `work` does, or when nothing is left to wait for. */
  settle<T>(work: Promise<T>): Promise<T>;
  /** Lets everything happen that can happen without time passing. */
  drain(): Promise<void>;
  /** Moves the wall clock alone. */
  setWall(ms: number): void;
  /** How many timers and sleeps are waiting. */
  waiting(): number;
  /** Delays of all sleeps so far, in milliseconds. */
  readonly sleptMs: readonly number[];
  /** Everything that was logged so far. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
}

interface Timer {
  readonly dueMs: number;
  readonly fire: () => void;
}

/** A runtime at monotonic time 0. Ids count up, and random numbers come from `random`, which is 0 by default. */
export function manualRuntime(random: (purpose: string) => number = () => 0): ManualRuntime {
  const timers = new Set<Timer>();
  const sleptMs: number[] = [];
  const logged: Readonly<Record<string, unknown>>[] = [];
  let nowMs = 0;
  let wallOffsetMs = 0;
  let issued = 0;

  const after = (ms: number, fire: () => void): (() => void) => {
    const timer = { dueMs: nowMs + Math.max(0, ms), fire };
    timers.add(timer);
    return () => timers.delete(timer);
  };
  /** The earliest timer; among equals the one that was set first. */
  const next = (): Timer | undefined => [...timers].sort((a, b) => a.dueMs - b.dueMs)[0];
  const step = async (timer: Timer): Promise<void> => {
    timers.delete(timer);
    nowMs = timer.dueMs;
    timer.fire();
    await drained();
  };

  return {
    wallMs: () => nowMs + wallOffsetMs,
    monotonicMs: () => nowMs,
    async sleep(ms, signal) {
      signal?.throwIfAborted();
      sleptMs.push(ms);
      await new Promise<void>((resolve, reject) => {
        const cancel = after(ms, resolve);
        signal?.addEventListener('abort', () => {
          cancel();
          reject(signal.reason);
        });
      });
    },
    after,
    random,
    id: (prefix) => `${prefix}-${++issued}`,
    log: (record) => void logged.push(record),
    async advance(ms) {
      const untilMs = nowMs + ms;
      await drained();
      for (let timer = next(); timer !== undefined && timer.dueMs <= untilMs; timer = next())
        await step(timer);
      nowMs = untilMs;
    },
    async settle(work) {
      let settled = false;
      const done = (): void => {
        settled = true;
      };
      work.then(done, done);
      await drained();
      for (let timer = next(); !settled; timer = next()) {
        if (timer === undefined) throw new Error('the work waits for something that no timer will bring');
        await step(timer);
      }
      return work;
    },
    drain: drained,
    setWall: (ms) => {
      wallOffsetMs = ms - nowMs;
    },
    waiting: () => timers.size,
    sleptMs,
    logged,
  };
}

/** A message between two ports is delivered only after every promise job, and every job that those queued, has run. */
function drained(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port2.once('message', () => {
      port1.close();
      resolve();
    });
    port1.postMessage(null);
  });
}
