// Timers of code that belongs to a simulated process fire in virtual time. `setImmediate`, `queueMicrotask` and
// `nextTick` stay real: they take no time, and the drain between two events empties them.

import { createRequire } from 'node:module';
import { type Ambient, bound } from './ambient.ts';
import { all, intercept, original, type Restore, type StandIn, simulated } from './intercept.ts';

const load = createRequire(import.meta.url);

/**
 * Captures timers and their clears (global and of `node:timers`), `timers/promises` and `AbortSignal.timeout`.
 * `util.promisify(setTimeout)` follows, as Node looks it up in `timers/promises`.
 */
export function captureTimers(): Restore {
  const promises = load('node:timers/promises') as { readonly scheduler: object };
  const owners = [globalThis, load('node:timers') as object];
  return all([
    ...owners.flatMap((owner) => [
      intercept(owner, 'setTimeout', startTimer(false)),
      intercept(owner, 'setInterval', startTimer(true)),
      intercept(owner, 'clearTimeout', clear),
      intercept(owner, 'clearInterval', clear),
    ]),
    intercept(
      promises,
      'setTimeout',
      simulated((ambient, [ms, value, options]) => asleep(ambient, { ms, value, options })),
    ),
    intercept(
      promises,
      'setInterval',
      simulated((ambient, [ms, value, options]) => ticks(ambient, { ms, value, options })),
    ),
    intercept(
      Object.getPrototypeOf(promises.scheduler) as object,
      'wait',
      simulated((ambient, [ms, options]) => asleep(ambient, { ms, options })),
    ),
    intercept(AbortSignal, 'timeout', simulated(abortAfter)),
  ]);
}

/** A handle like Node's own; it also converts to a number, as `clearTimeout` accepts. */
interface VirtualTimer {
  readonly ref: () => VirtualTimer;
  readonly unref: () => VirtualTimer;
  readonly hasRef: () => boolean;
  readonly refresh: () => VirtualTimer;
  readonly close: () => VirtualTimer;
  readonly [Symbol.toPrimitive]: () => number;
  readonly [Symbol.dispose]: () => void;
}

// Far above what Node hands out, so that a number can be told from a real timer's.
const firstId = 2 ** 52;
const stops = new WeakMap<object, () => void>();
let handed = firstId;

/** Arms one timer of `ambient`; `again` re-arms it after each firing. */
function arm(
  ambient: Ambient,
  { ms, fire, again }: { ms: number; fire: () => void; again: boolean },
): VirtualTimer {
  handed += 1;
  const id = handed;
  const run = bound(fire);
  let cancel = (): void => {};
  const start = (): void => {
    ambient.timers.set(id, stop);
    cancel = ambient.after(ms, () => {
      if (again) start();
      else ambient.timers.delete(id);
      run();
    });
  };
  const stop = (): void => {
    ambient.timers.delete(id);
    cancel();
  };
  const timer: VirtualTimer = {
    ref: () => timer,
    unref: () => timer,
    hasRef: () => true,
    refresh() {
      stop();
      start();
      return timer;
    },
    close() {
      stop();
      return timer;
    },
    [Symbol.toPrimitive]: () => id,
    [Symbol.dispose]: stop,
  };
  stops.set(timer, stop);
  start();
  return timer;
}

/** What Node makes of a delay: at least one millisecond, and one for anything that a timer cannot hold. */
function delayOf(ms: unknown): number {
  const number = Number(ms);
  return number >= 1 && number <= 2_147_483_647 ? Math.trunc(number) : 1;
}

function startTimer(again: boolean): StandIn {
  return (ambient, [fire, ms, ...values]) => {
    if (ambient === undefined || typeof fire !== 'function' || isUndici()) return original;
    return arm(ambient, { ms: delayOf(ms), fire: () => void fire(...values), again });
  };
}

/** Node knows nothing of a virtual timer, whether it has fired or not. */
const clear: StandIn = (ambient, [timer]) => {
  const stop =
    typeof timer === 'object' && timer !== null ? stops.get(timer) : ambient?.timers.get(Number(timer));
  if (stop === undefined) return Number(timer) > firstId ? undefined : original;
  stop();
  return undefined;
};

/** Node's own `fetch` finds its timers through the global object, and they are about real sockets. */
function isUndici(): boolean {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 5;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  return stack.includes('node:internal/deps/undici');
}

interface Sleep {
  readonly ms: unknown;
  readonly value?: unknown;
  /** As `timers/promises` takes them. */
  readonly options: unknown;
}

function asleep(ambient: Ambient, { ms, value, options }: Sleep): Promise<unknown> {
  const { signal } = (options ?? {}) as { readonly signal?: AbortSignal };
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      timer.close();
      reject(new DOMException('The operation was aborted', { name: 'AbortError', cause: signal?.reason }));
    };
    const wake = (): void => {
      signal?.removeEventListener('abort', giveUp);
      resolve(value);
    };
    const timer = arm(ambient, { ms: delayOf(ms), fire: wake, again: false });
    if (signal?.aborted) return giveUp();
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}

async function* ticks(ambient: Ambient, sleep: Sleep): AsyncGenerator<unknown> {
  for (;;) yield await asleep(ambient, sleep);
}

function abortAfter(ambient: Ambient, [ms]: readonly unknown[]): AbortSignal {
  const controller = new AbortController();
  const reason = new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  arm(ambient, { ms: delayOf(ms), fire: () => controller.abort(reason), again: false });
  return controller.signal;
}
