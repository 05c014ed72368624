// Time in the real tier. It stands still while a worker runs, so that a program takes no virtual time to think, as in the
// simulator; it flows as fast as real time while everybody waits for something that is under way outside; and it jumps to
// the next event when nothing is.

import { performance } from 'node:perf_hooks';
import type { StepOutcome } from '../../world/pump.ts';
import type { Tide } from '../../world/world.ts';

/** What is under way beyond the queue of events. */
export interface Elsewhere {
  /** Workers that are awake and have not come to rest. */
  running(): number;
  /** Operations outside that are under way and can end. */
  outside(): number;
}

/** A tide, with what drives a world by it. */
export interface RealTide extends Tide {
  /** Drives a world; see `Drive`. */
  drive(step: () => StepOutcome): Promise<void>;
  /** Something has come in from outside: time is now where it has flowed to. */
  turn(world: { advance(toMs: number): void; nowMs(): number }): void;
  /** Ends the run with an error. */
  fail(error: Error): void;
}

/** Real milliseconds after which a worker that does not come to rest, or an operation that does not end, is given up. */
const stuckMs = 20_000;

/** The tide over `elsewhere`. */
export function realTide(elsewhere: Elsewhere): RealTide {
  let since: { readonly realMs: number; readonly virtualMs: number } | undefined;
  let wake: (() => void) | undefined;
  let failure: Error | undefined;

  const limitMs = (nowMs: number): number => {
    if (elsewhere.running() > 0) {
      since = undefined;
      return Number.NEGATIVE_INFINITY;
    }
    if (elsewhere.outside() === 0) {
      since = undefined;
      return Number.POSITIVE_INFINITY;
    }
    since ??= { realMs: performance.now(), virtualMs: nowMs };
    return since.virtualMs + Math.floor(performance.now() - since.realMs);
  };

  return {
    limitMs,
    turn(world) {
      const limit = limitMs(world.nowMs());
      if (Number.isFinite(limit)) world.advance(limit);
      since = undefined;
      wake?.();
    },
    fail(error) {
      failure ??= error;
      wake?.();
    },
    drive: (step) =>
      new Promise((resolve, reject) => {
        let waitingSinceMs: number | undefined;
        const go = (): void => {
          wake = undefined;
          try {
            if (failure !== undefined) throw failure;
            const outcome = step();
            if (outcome === 'done') return resolve();
            if (outcome === 'stepped') {
              waitingSinceMs = undefined;
              setImmediate(go);
              return;
            }
            waitingSinceMs ??= performance.now();
            if (performance.now() - waitingSinceMs > stuckMs) throw stuck(elsewhere);
          } catch (error) {
            return reject(error);
          }
          const timer = setTimeout(go, since === undefined ? 1_000 : 1);
          wake = () => {
            wake = undefined;
            waitingSinceMs = undefined;
            clearTimeout(timer);
            setImmediate(go);
          };
        };
        go();
      }),
  };
}

function stuck(elsewhere: Elsewhere): Error {
  return new Error(
    `nothing has happened for ${stuckMs / 1_000} seconds, with ${elsewhere.running()} workers running and ` +
      `${elsewhere.outside()} operations outside: the target goes in circles, or a server hangs`,
  );
}
