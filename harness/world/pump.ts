// Drives a world: between two events every promise job must have run. Immediates that were queued together run
// in one phase of Node's loop, and after each of them Node empties both its next-tick and its promise queue
// completely, so a batch of pre-queued immediates is a complete drain and a cheap one. Awaiting a single
// immediate costs six times as much; awaiting next ticks or counting promise hops misses work.

/** What one step of a world reports. */
export type StepOutcome =
  /** An event was carried out; there may be more. */
  | 'stepped'
  /** Something runs in the real event loop (an HTTP exchange through msw): turn the loop and ask again. */
  | 'waiting'
  /** Nothing is left. */
  | 'done';

/** Calls `step` until it says `done`, and lets what it set off run to its end between two calls. */
export type Drive = (step: () => StepOutcome) => Promise<void>;

const batchSize = 256;

interface Job {
  readonly step: () => StepOutcome;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

let job: Job | undefined;
let queued = 0;
let waiting = false;

/**
 * Calls `step` until it says `done`, with a complete drain before the first call and between calls. One world
 * is driven at a time.
 *
 * Rejects with what `step` throws.
 *
 * @throws Error when another world is being driven: run cases one after the other.
 */
export function pump(step: () => StepOutcome): Promise<void> {
  if (job !== undefined)
    throw new Error('two worlds at once in one thread: await the first run before the next');
  return new Promise((resolve, reject) => {
    job = { step, resolve, reject };
    waiting = false;
    if (queued === 0) refill();
  });
}

function refill(): void {
  queued = waiting ? 1 : batchSize;
  for (let i = 0; i < queued; i++) setImmediate(turn);
}

function turn(): void {
  queued -= 1;
  const present = job;
  if (present === undefined) return;
  try {
    const outcome = waiting && queued > 0 ? 'waiting' : present.step();
    waiting = outcome === 'waiting';
    if (outcome === 'done') {
      job = undefined;
      present.resolve();
      return;
    }
  } catch (error) {
    job = undefined;
    present.reject(error);
    return;
  }
  if (queued === 0) refill();
}
