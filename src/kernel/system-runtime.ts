// The environment that production code runs in. The one file of the primitives that may reach for the ambient
// clocks, timers and randomness; everything else is handed a `Runtime`.

import { randomUUID } from 'node:crypto';
import { ValidationError } from '../errors/payment-error.ts';
import { type LogSink, maxTimerMs, type Runtime } from './runtime.ts';

/**
 * The runtime of a real process. Records go to `log`, or nowhere; what `log` throws is dropped, because a full
 * disk must not turn a charge into a failure.
 *
 * Timers keep the process alive until they fire or are cancelled: a retry that sleeps, or a call that waits for
 * its time-out, is unfinished business about money. No wait ends early: timers of Node may fire up to a millisecond
 * before the monotonic clock says so, and at once when a delay exceeds `maxTimerMs`; both are slept out.
 *
 * `sleep` and `after` throw `ValidationError` for NaN, which a timer would take for "now".
 */
export function systemRuntime({ log }: { readonly log?: LogSink['log'] } = {}): Runtime {
  return {
    wallMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
    after,
    random: () => Math.random(),
    id: (prefix) => `${prefix}-${randomUUID()}`,
    log: (record) => {
      try {
        log?.(record);
      } catch {
        // See above.
      }
    },
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const wake = (): void => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    };
    const cancel = after(ms, wake);
    const giveUp = (): void => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

function after(ms: number, fire: () => void): () => void {
  if (Number.isNaN(ms)) throw new ValidationError('runtime: a delay is NaN; give milliseconds');
  const wait: Wait = { dueMs: performance.now() + ms, fire, timer: undefined };
  arm(wait, ms);
  return () => clearTimeout(wait.timer);
}

interface Wait {
  readonly dueMs: number;
  readonly fire: () => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

function arm(wait: Wait, leftMs: number): void {
  wait.timer = setTimeout(check, Math.min(Math.max(0, Math.ceil(leftMs)), maxTimerMs), wait);
}

function check(wait: Wait): void {
  const leftMs = wait.dueMs - performance.now();
  if (leftMs > 0) arm(wait, leftMs);
  else wait.fire();
}
