// Work for a bounded number of hands. Jobs about one thing are done one at a time and in order, and a thing with many
// jobs does not keep the others waiting.

import { ValidationError } from '../errors/payment-error.ts';
import type { LogSink, Timers } from '../kernel/runtime.ts';
import { codeOf } from '../resilience/audit.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { quietly } from '../resilience/quietly.ts';
import { emptyLanes } from './lanes.ts';
import { QueueRefusedError } from './queue-refused-error.ts';

/** Options of {@link workQueue}. */
export interface WorkQueueOptions<Job> {
  readonly runtime: Pick<Timers, 'after'> & LogSink;
  /** How many jobs are done at the same time at most. */
  readonly workers: number;
  /** Does one job. Must settle: bound it by a time-out. */
  readonly work: (job: Job) => Promise<void>;
  /** What a job is about, such as a payment: jobs of one key never overlap and are done in the order of their pushes. */
  readonly key: (job: Job) => string;
  /**
   * Told of a job whose work rejected; the next job of its key waits until it has settled. What it rejects with itself
   * is logged.
   */
  readonly onFailure: (job: Job, error: unknown) => Promise<void> | void;
  /** How many accepted jobs wait for a worker at most. Default 1 000. */
  readonly maxQueued?: number;
  /** What becomes of a push when that many wait: it waits as well, first come, first served, or is refused. Default `wait`. */
  readonly whenFull?: 'wait' | 'refuse';
}

/** What a queue that was stopped had not finished. */
export interface Unfinished<Job> {
  /** Accepted and never begun, in the order of their pushes. */
  readonly notStarted: readonly Job[];
  /** Still being done when the time was over; they are not cut off. */
  readonly running: readonly Job[];
}

/** What became of a job that was accepted. */
export type JobOutcome =
  | { readonly kind: 'done' }
  /** Its work rejected with `error`, and `onFailure` has been told. */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** The queue was stopped before its turn. */
  | { readonly kind: 'not-started' };

/** A job that the queue has taken. */
export interface Accepted {
  /** Never rejects. Whoever feeds the queue from something durable takes the job out there when this says `done`. */
  readonly outcome: Promise<JobOutcome>;
}

/** A queue of jobs. */
export interface WorkQueue<Job> {
  /**
   * Resolves when the job is accepted, which may take as long as the queue is full, and not when it is done.
   *
   * @throws QueueRefusedError when the queue is full and refuses, or has been stopped; the job is not done.
   * @throws ValidationError when the job has no key.
   */
  push(job: Job): Promise<Accepted>;
  /** Resolves as soon as nothing is being done and nothing waits. A job must not wait for it. */
  drain(): Promise<void>;
  /**
   * Accepts and begins nothing more, and refuses the pushes that wait. Resolves when what is being done is done, after
   * `graceMs` milliseconds at the latest, with what is left. Without `graceMs` it waits for as long as it takes.
   */
  stop(options?: { readonly graceMs?: number }): Promise<Unfinished<Job>>;
}

/**
 * A queue with `workers` workers, **in memory only**: what it holds is lost when the process dies. Feed it from something
 * durable, such as an inbox or an outbox, that hands a job out again until its work has been recorded there.
 *
 * Keys take turns: after a job of one key the others that have work come first.
 *
 * @throws ValidationError when an option is out of range.
 */
export function workQueue<Job>(options: WorkQueueOptions<Job>): WorkQueue<Job> {
  const settings = settingsOf(options);
  const { runtime, workers, maxQueued, whenFull } = settings;
  const lanes = emptyLanes<Pushed<Job>>();
  const atTheDoor: Waiting<Job>[] = [];
  let idle: (() => void)[] = [];
  let stopped = false;

  const begin = (): boolean => {
    const next = lanes.taken().length < workers ? lanes.take() : undefined;
    if (next === undefined) return false;
    void done(settings, next.job.job).then((outcome) => {
      next.job.settle(outcome);
      lanes.free(next.key);
      proceed();
    });
    return true;
  };
  const admit = (): boolean => {
    const next = lanes.waiting() < maxQueued ? atTheDoor.shift() : undefined;
    if (next === undefined) return false;
    const { promise: outcome, resolve: settle } = Promise.withResolvers<JobOutcome>();
    lanes.add(next.name, { job: next.job, settle });
    next.admitted({ outcome });
    return true;
  };
  const proceed = (): void => {
    while (begin() || admit());
    if (lanes.taken().length > 0) return;
    for (const tell of idle) tell();
    idle = [];
  };
  const whenIdle = (): Promise<void> =>
    new Promise((resolve) => {
      idle.push(resolve);
      proceed();
    });

  return {
    async push(job) {
      const name = settings.key(job);
      if (typeof name !== 'string') throw new ValidationError('workQueue: the key of a job has to be a text');
      if (stopped) throw hasStopped();
      if (whenFull === 'refuse' && lanes.waiting() >= maxQueued) {
        throw new QueueRefusedError(`workQueue: ${maxQueued} jobs are waiting; push the job again later`);
      }
      return new Promise<Accepted>((admitted, turnedAway) => {
        atTheDoor.push({ job, name, admitted, turnedAway });
        proceed();
      });
    },
    drain: whenIdle,
    async stop({ graceMs } = {}) {
      if (graceMs !== undefined) check.delay('graceMs', graceMs);
      stopped = true;
      for (const { turnedAway } of atTheDoor.splice(0)) turnedAway(hasStopped());
      const notStarted = lanes.clear();
      for (const { settle } of notStarted) settle({ kind: 'not-started' });
      await atMost(runtime, whenIdle(), graceMs);
      return { notStarted: notStarted.map(jobOf), running: lanes.taken().map(jobOf) };
    },
  };
}

interface Pushed<Job> {
  readonly job: Job;
  readonly settle: (outcome: JobOutcome) => void;
}

function jobOf<Job>({ job }: Pushed<Job>): Job {
  return job;
}

interface Waiting<Job> {
  readonly job: Job;
  readonly name: string;
  readonly admitted: (accepted: Accepted) => void;
  readonly turnedAway: (reason: QueueRefusedError) => void;
}

function hasStopped(): QueueRefusedError {
  return new QueueRefusedError('workQueue: it has been stopped; push the job elsewhere');
}

/** Never rejects: a job that fails is its own affair. */
async function done<Job>(
  { runtime, work, onFailure }: Pick<WorkQueueOptions<Job>, 'runtime' | 'work' | 'onFailure'>,
  job: Job,
): Promise<JobOutcome> {
  try {
    await work(job);
    return { kind: 'done' };
  } catch (error) {
    try {
      await onFailure(job, error);
    } catch (untold) {
      quietly(runtime.log, { queue: 'onFailure', code: codeOf(untold), jobCode: codeOf(error) }, runtime);
    }
    return { kind: 'failed', error };
  }
}

const check = optionCheck('workQueue');

function settingsOf<Job>(options: WorkQueueOptions<Job>): Required<WorkQueueOptions<Job>> {
  const settings = { maxQueued: 1_000, whenFull: 'wait' as const, ...options };
  check.runtime(settings.runtime, ['after', 'log']);
  check.count('workers', settings.workers);
  check.count('maxQueued', settings.maxQueued);
  check.choice('whenFull', settings.whenFull, ['wait', 'refuse']);
  for (const name of ['work', 'key', 'onFailure'] as const) check.callback(name, settings[name]);
  return settings;
}

function atMost(
  runtime: Pick<Timers, 'after'>,
  work: Promise<void>,
  limitMs: number | undefined,
): Promise<void> {
  if (limitMs === undefined) return work;
  return new Promise((resolve) => {
    const cancel = runtime.after(limitMs, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
