// Which simulated process a piece of code belongs to, when the code itself does not know that it is simulated. The
// answer follows the work through promises and timers.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Runtime } from '../../src/kernel/runtime.ts';

/** The part of a runtime that captured globals draw on. */
export interface Ambient extends Pick<Runtime, 'wallMs' | 'monotonicMs' | 'after' | 'random'> {
  /** What stops each timer that may still fire, by the number that its handle converts to. */
  readonly timers: Map<number, () => void>;
}

const current = new AsyncLocalStorage<Ambient>();

/** The globals of one life of one process. */
export function ambientOf({ wallMs, monotonicMs, after, random }: Runtime): Ambient {
  return { wallMs, monotonicMs, after, random, timers: new Map() };
}

/** Drops every timer: the process is gone, and so that nothing waits for what it left behind. */
export function dropTimers({ timers }: Ambient): void {
  for (const stop of [...timers.values()]) stop();
}

/** Runs `act`, and everything that follows from it, as code of that process. */
export function within<T>(ambient: Ambient, act: () => T): T {
  return current.run(ambient, act);
}

/** The process that the running code belongs to; undefined for the harness itself and everything else. */
export function currentAmbient(): Ambient | undefined {
  return current.getStore();
}

/** `fire` as code of whoever calls this now. */
export function bound<Arguments extends readonly unknown[]>(
  fire: (...values: Arguments) => void,
): (...values: Arguments) => void {
  return AsyncLocalStorage.bind(fire);
}
