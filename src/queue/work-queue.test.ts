// Convinces by random jobs of random length, some of which fail, on few keys and few workers: every start and end is
// logged, and the log alone shows order, exclusion, bound and completeness. Scripts add fairness, doors and stopping.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import { refusal } from '../ledger/testing.ts';
import { QueueRefusedError } from './queue-refused-error.ts';
import { type JobOutcome, type WorkQueueOptions, workQueue } from './work-queue.ts';

interface Job {
  readonly key: string;
  readonly name: string;
  readonly ms: number;
  readonly fails?: boolean;
}

function rig(options: Partial<WorkQueueOptions<Job>> = {}) {
  const runtime = manualRuntime();
  const log: string[] = [];
  const failed: string[] = [];
  const queue = workQueue<Job>({
    runtime,
    workers: 2,
    key: ({ key }) => key,
    async work({ name, ms, fails }) {
      log.push(`+${name}`);
      await runtime.sleep(ms);
      log.push(`-${name}`);
      if (fails) throw new Error(name);
    },
    onFailure: ({ name }, error) => void failed.push(`${name} ${(error as Error).message}`),
    ...options,
  });
  const push = (name: string, ms = 10, fails = false) =>
    queue.push({ key: name[0] ?? '', name, ms, fails }).then(async ({ outcome }) => {
      log.push(`ok ${name}`);
      return (await outcome).kind;
    });
  return { runtime, log, failed, queue, push };
}

describe('any jobs', () => {
  const jobs = fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      ms: fc.nat(20),
      fails: fc.boolean(),
      pauseMs: fc.constantFrom(0, 0, 0, 5),
    }),
    { maxLength: 40 },
  );

  it('are each done once, those of a key one by one and in order, within the bounds', async () => {
    const bounds = { workers: fc.integer({ min: 1, max: 4 }), maxQueued: fc.integer({ min: 1, max: 8 }) };
    await fc.assert(
      fc.asyncProperty(jobs, fc.record(bounds), async (all, { workers, maxQueued }) => {
        const { runtime, log, failed, queue, push } = rig({ workers, maxQueued });
        const pushes: Promise<JobOutcome['kind']>[] = [];
        for (const [index, { key, ms, fails, pauseMs }] of all.entries()) {
          await runtime.advance(pauseMs);
          pushes.push(push(`${key}${index}`, ms, fails));
        }
        await runtime.settle(queue.drain());
        expect(await Promise.all(pushes)).toEqual(all.map(({ fails }) => (fails ? 'failed' : 'done')));

        const running = new Set<string>();
        let accepted = 0;
        let started = 0;
        for (const line of log) {
          const name = line.slice(1);
          if (line.startsWith('ok')) accepted += 1;
          else if (line.startsWith('-')) running.delete(name);
          else {
            expect([...running].filter((other) => other[0] === name[0])).toEqual([]);
            running.add(name);
            started += 1;
            expect(running.size).toBeLessThanOrEqual(workers);
          }
          // A caller hears of its acceptance a moment after the job may have begun.
          expect(accepted - started).toBeLessThanOrEqual(maxQueued);
        }
        for (const key of ['a', 'b', 'c', 'd']) {
          const own = all.map((job, index) => ({ ...job, index })).filter((job) => job.key === key);
          expect(log.filter((line) => line.startsWith(`+${key}`))).toEqual(
            own.map(({ index }) => `+${key}${index}`),
          );
        }
        const failing = all.flatMap(({ key, fails }, index) =>
          fails ? [`${key}${index} ${key}${index}`] : [],
        );
        expect([...failed].sort()).toEqual(failing.sort());
      }),
      { numRuns: 200 },
    );
  });
});

describe('a work queue', () => {
  it('lets keys take turns, however many jobs one of them has', async () => {
    const { runtime, log, queue, push } = rig({ workers: 1 });
    for (const name of ['a1', 'a2', 'a3', 'b1', 'c1', 'b2']) void push(name);
    await runtime.settle(queue.drain());
    expect(log.filter((line) => line.startsWith('+'))).toEqual(['+a1', '+b1', '+c1', '+a2', '+b2', '+a3']);
  });

  it('gives a key that waits for its own job no second worker, and others the free one', async () => {
    const { runtime, log, push } = rig({ workers: 2 });
    for (const name of ['a1', 'a2', 'b1']) void push(name, 100);
    await runtime.drain();
    expect(log.filter((line) => line.startsWith('+'))).toEqual(['+a1', '+b1']);
  });

  it('makes a push wait while the queue is full, first come, first served', async () => {
    const { runtime, log, queue, push } = rig({ workers: 1, maxQueued: 1 });
    for (const name of ['a1', 'a2', 'b1', 'c1']) void push(name);
    await runtime.drain();
    expect(log).toEqual(['+a1', 'ok a1', 'ok a2']);
    await runtime.advance(10);
    expect(log.slice(3)).toEqual(['-a1', '+a2', 'ok b1']);
    await runtime.settle(queue.drain());
    expect(log.filter((line) => line.startsWith('+'))).toEqual(['+a1', '+a2', '+b1', '+c1']);
  });

  it('refuses a push while it is full, if told so, and takes it later', async () => {
    const { runtime, log, push } = rig({ workers: 1, maxQueued: 1, whenFull: 'refuse' });
    void push('a1');
    void push('b1');
    expect(await refusal(push('c1'))).toBeInstanceOf(QueueRefusedError);
    await runtime.advance(10);
    void push('c1');
    await runtime.advance(20);
    expect(log.filter((line) => line.startsWith('+'))).toEqual(['+a1', '+b1', '+c1']);
  });

  it('keeps the next of a key until the failure of the one before has been dealt with', async () => {
    const { runtime, log, queue, push } = rig({ onFailure: () => runtime.sleep(50) });
    void push('a1', 10, true);
    void push('a2');
    await runtime.advance(59);
    expect(log).not.toContain('+a2');
    await runtime.settle(queue.drain());
    expect(log).toContain('-a2');
  });

  it('goes on when the failure cannot be told, and logs that', async () => {
    const { runtime, log, queue, push } = rig({ onFailure: () => Promise.reject(new ValidationError('no')) });
    void push('a1', 0, true);
    void push('a2');
    await runtime.settle(queue.drain());
    expect(log).toContain('-a2');
    expect(runtime.logged).toEqual([{ queue: 'onFailure', code: 'validation_error', jobCode: 'error' }]);
  });

  it('survives work that throws before it promises anything', async () => {
    const { queue, failed } = rig({
      work: () => {
        throw new Error('at once');
      },
    });
    await queue.push({ key: 'a', name: 'a1', ms: 0 });
    await queue.drain();
    expect(failed).toEqual(['a1 at once']);
  });

  it('takes jobs that a job pushes, and drains them as well', async () => {
    const { runtime, log, queue } = rig({
      work: async ({ name }) => {
        log.push(name);
        if (name === 'a1') await queue.push({ key: 'a', name: 'a2', ms: 0 });
      },
    });
    await queue.push({ key: 'a', name: 'a1', ms: 0 });
    await runtime.settle(queue.drain());
    expect(log).toEqual(['a1', 'a2']);
    await queue.drain();
  });

  it('hands back when stopped what it had not begun, lets run what runs, and refuses the rest', async () => {
    const { runtime, log, queue, push } = rig({ workers: 2, maxQueued: 3 });
    const outcomes = ['b1', 'a1', 'b2', 'a2', 'b3'].map((name) => push(name, 100));
    const turnedAway = refusal(push('c1'));
    await runtime.drain();
    const stopping = queue.stop();
    expect(await turnedAway).toBeInstanceOf(QueueRefusedError);
    expect(await refusal(push('d1'))).toBeInstanceOf(QueueRefusedError);
    const { notStarted, running } = await runtime.settle(stopping);
    expect(notStarted.map(({ name }) => name)).toEqual(['b2', 'a2', 'b3']);
    expect(running).toEqual([]);
    expect(await Promise.all(outcomes)).toEqual([
      'done',
      'done',
      'not-started',
      'not-started',
      'not-started',
    ]);
    expect(log.filter((line) => line.startsWith('-'))).toEqual(['-b1', '-a1']);
    expect(runtime.monotonicMs()).toBe(100);
    expect(await queue.stop()).toEqual({ notStarted: [], running: [] });
  });

  it('stops within its grace, and says what still runs', async () => {
    const { runtime, queue, push } = rig();
    for (const name of ['a1', 'a2']) void push(name, 1_000);
    const { notStarted, running } = await runtime.settle(queue.stop({ graceMs: 300 }));
    expect([notStarted, running].map((jobs) => jobs.map(({ name }) => name))).toEqual([['a2'], ['a1']]);
    expect(runtime.monotonicMs()).toBe(300);
    await runtime.settle(queue.stop({ graceMs: 5_000 }));
    expect([runtime.monotonicMs(), runtime.waiting()]).toEqual([1_000, 0]);
  });

  it('refuses options and jobs that cannot work', async () => {
    for (const bad of [
      { workers: 0 },
      { workers: 1.5 },
      { maxQueued: 0 },
      { whenFull: 'drop' as unknown as 'wait' },
      { work: undefined as unknown as WorkQueueOptions<Job>['work'] },
      { onFailure: undefined as unknown as WorkQueueOptions<Job>['onFailure'] },
      { runtime: {} as ManualRuntime },
    ]) {
      expect(() => rig(bad), Object.keys(bad).join()).toThrow(ValidationError);
    }
    const { queue } = rig();
    expect(await refusal(queue.push({ name: 'a1', ms: 0 } as Job))).toBeInstanceOf(ValidationError);
    expect(await refusal(queue.stop({ graceMs: -1 }))).toBeInstanceOf(ValidationError);
  });
});
