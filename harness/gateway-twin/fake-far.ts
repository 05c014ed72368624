// The smallest virtual time that a twin can live in, for its own tests: a list of due actions, nothing more.

import type { FarSide } from '../world/boundary.ts';

/** A far side whose time moves only when it is told to. */
export interface FakeFar extends FarSide {
  /** Lets `ms` milliseconds pass, running what falls due on the way, in order of time and then of request. */
  advance(ms: number): void;
}

/** Starts at 0 ms. */
export function fakeFar(): FakeFar {
  let nowMs = 0;
  let order = 0;
  let due: { readonly atMs: number; readonly act: () => void }[] = [];

  return {
    nowMs: () => nowMs,
    instant: () => {
      order += 1;
      return { atMs: nowMs, order };
    },
    after(ms, act) {
      due = [...due, { atMs: nowMs + ms, act }].sort((a, b) => a.atMs - b.atMs);
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let next = due[0]; next !== undefined && next.atMs <= untilMs; next = due[0]) {
        due = due.slice(1);
        nowMs = next.atMs;
        next.act();
      }
      nowMs = untilMs;
    },
  };
}
