// Convinces by running a small saga whose steps do what each test wrote down, and comparing the answer, the order of
// what was called, and what the journal keeps.

import { describe, expect, it } from 'vitest';
import {
  CircuitOpenError,
  LeaseLostError,
  RateLimitedError,
  SagaCompensationError,
  ValidationError,
} from '../errors/payment-error.ts';
import type { SagaPage } from './event.ts';
import { assertSagaSucceeded } from './result.ts';
import type { StepCall, UndoCall, Undone } from './step.ts';
import { declined, fail, lost, type Rig, record, rig, type Script, undone } from './testing-rig.ts';

describe('compensation', () => {
  it('is retried with linear backoff, then the others are still attempted and people are called', async () => {
    const made = rig({ pivot: [fail(declined)], '~b': Array<Script>(4).fill(fail(lost)) });
    const result = await made.run();
    expect(made.calls).toEqual(['a', 'b', 'pivot', '~b', '~b', '~b', '~b', '~a']);
    expect(made.runtime.sleptMs).toEqual([500, 1_000, 1_500]);
    expect(result).toMatchObject({ state: 'FAILED_COMPENSATION', completed: ['a', 'b'], compensated: ['a'] });
    expect(() => assertSagaSucceeded(result)).toThrow(SagaCompensationError);
    expect(made.pages).toMatchObject([
      { saga: 'test', id: 'i', stuck: [{ step: 'b', error: { code: 'gateway_timeout' } }] },
    ]);
    expect(await made.journal.list({ sagas: ['test'], queue: 'repair', limit: 9 })).toMatchObject([
      { id: 'i' },
    ]);
  });

  it('is repaired once, with all its retries: a second repair does nothing', async () => {
    const made = rig({ pivot: [fail(declined)], '~b': Array<Script>(7).fill(fail(lost)) });
    await made.run();
    const repaired = await made.runtime.settle(made.saga.repair('i'));
    expect(repaired).toMatchObject({
      state: 'COMPENSATED',
      compensated: ['b', 'a'],
      error: { code: 'card_declined' },
    });
    expect(await made.runtime.settle(made.saga.repair('i'))).toEqual(repaired);
    expect(made.calls.slice(8)).toEqual(['~b', '~b', '~b', '~b']);
    expect(await made.journal.list({ sagas: ['test'], queue: 'repair', limit: 9 })).toEqual([]);
    await expect(made.saga.repair('j')).rejects.toThrow(ValidationError);
  });

  it('loses no retry to a breaker or a limiter, and waits as long as it is asked to', async () => {
    const busy = fail(new RateLimitedError('slow down', { retryAfter: '3' }));
    const made = rig({
      pivot: [fail(declined)],
      '~b': [fail(new CircuitOpenError('open')), busy, fail(lost), fail(lost), fail(lost)],
    });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED' });
    expect(made.runtime.sleptMs).toEqual([500, 3_000, 500, 1_000, 1_500]);
  });

  it('is left to recovery while a breaker stays open', async () => {
    const made = rig({
      pivot: [fail(declined)],
      '~b': Array<Script>(6).fill(fail(new CircuitOpenError('open'))),
    });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATING', compensated: [] });
    expect(made.calls).not.toContain('~a');
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED' });
    expect(made.pages).toEqual([]);
  });

  it('counts as failed when it does not say that it succeeded', async () => {
    const made = rig({ pivot: [fail(declined)], '~b': Array<Script>(4).fill(() => undefined) });
    expect(await made.run()).toMatchObject({ state: 'FAILED_COMPENSATION', compensated: ['a'] });
  });

  it('goes on past what the other side has acknowledged, and ends when that has succeeded', async () => {
    const pending: Undone = { kind: 'pending', acknowledged: true };
    const made = rig({ pivot: [fail(declined)], '~b': [() => pending, () => pending] });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATING', compensated: ['a'] });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATING' });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED', compensated: ['b', 'a'] });
    expect(made.calls.slice(3)).toEqual(['~b', '~a', '~b', '~b']);
  });

  it('keeps what a compensation notes through crashes, and refuses notes of an attempt that is over', async () => {
    let keep: UndoCall['keep'] = async () => {};
    const seen: unknown[] = [];
    const made = rig({
      pivot: [fail(declined)],
      '~b': [
        async (call) => {
          await call.keep?.('__proto__', { n: 1 });
          keep = call.keep ?? keep;
          return { kind: 'pending', acknowledged: false };
        },
        (call) => {
          seen.push(call.recall?.('__proto__'), call.recall?.('toString'));
          return undone;
        },
      ],
    });
    await made.run();
    await expect(keep('late', 1)).rejects.toThrow(LeaseLostError);
    await made.run();
    expect(seen).toEqual([{ n: 1 }, undefined]);
  });

  it('that never comes to an end calls people in the end', async () => {
    const made = rig(
      {
        pivot: [fail(declined)],
        '~b': Array<Script>(3).fill(() => ({ kind: 'pending', acknowledged: false })),
      },
      { repairAfterMs: 8_000 },
    );
    await made.run();
    await made.runtime.advance(5_000);
    await made.runtime.settle(made.saga.recover());
    expect(made.pages).toEqual([]);
    await made.runtime.advance(10_000);
    await made.runtime.settle(made.saga.recover());
    expect(await made.run()).toMatchObject({ state: 'FAILED_COMPENSATION', compensated: ['a'] });
    expect(made.pages).toMatchObject([{ stuck: [{ step: 'b' }] }]);
  });
});

describe('the page', () => {
  it('is made once the saga is in the repair queue, and again for each step that gets stuck', async () => {
    const queued: number[] = [];
    const pages: unknown[] = [];
    const accepted: Undone = { kind: 'pending', acknowledged: true };
    const onCall = async ({ stuck }: SagaPage): Promise<void> => {
      pages.push(stuck.map(({ step }) => step));
      queued.push((await made.journal.list({ sagas: ['test'], queue: 'repair', limit: 9 })).length);
    };
    const failures = Array<Script>(4).fill(fail(lost));
    const made: Rig = rig(
      { pivot: [fail(declined)], '~a': failures, '~b': [() => accepted, ...failures] },
      { onCall },
    );
    expect(await made.run()).toMatchObject({ state: 'COMPENSATING' });
    expect(await made.run()).toMatchObject({ state: 'FAILED_COMPENSATION', compensated: [] });
    expect(pages).toEqual([['a'], ['a', 'b']]);
    expect(queued).toEqual([0, 1]);
  });

  it('is not made again for what a repair finds as it was, and is for another reason, step or driver', async () => {
    const failures = (error: Error) => Array<Script>(4).fill(fail(error));
    const silent = new RangeError('silent');
    const accepted: Undone = { kind: 'pending', acknowledged: true };
    const made = rig({
      pivot: [fail(declined)],
      '~b': [...failures(lost), ...failures(lost), ...failures(silent), () => accepted, ...failures(silent)],
    });
    const pages: number[] = [];
    const repair = async (): Promise<string> => {
      const { state } = await made.runtime.settle(made.saga.repair('i'));
      pages.push(made.pages.length);
      return state;
    };
    await made.run();
    expect([await repair(), await repair()]).toEqual(['FAILED_COMPENSATION', 'FAILED_COMPENSATION']);
    // Whoever repaired it was told that it goes on.
    expect([await repair(), (await made.run()).state]).toEqual(['COMPENSATING', 'FAILED_COMPENSATION']);
    expect([pages, made.pages.length]).toEqual([[1, 2, 2], 3]);
  });

  it('is made after a repair that found it as it was, when nobody had taken it before', async () => {
    let asked = 0;
    const onCall = async (): Promise<void> => {
      asked += 1;
      if (asked === 1) throw new Error('the pager is down');
    };
    const made = rig({ pivot: [fail(declined)], '~b': Array<Script>(8).fill(fail(lost)) }, { onCall });
    await made.run();
    expect((await made.runtime.settle(made.saga.repair('i'))).state).toBe('FAILED_COMPENSATION');
    expect(asked).toBe(2);
  });

  it('does not keep a repair from what is stuck beside a compensation that goes on', async () => {
    const accepted: Undone = { kind: 'pending', acknowledged: true };
    const made = rig({
      pivot: [fail(declined)],
      '~a': Array<Script>(4).fill(fail(lost)),
      '~b': [() => accepted, () => accepted],
    });
    await made.run();
    expect(await made.runtime.settle(made.saga.repair('i'))).toMatchObject({
      state: 'COMPENSATING',
      compensated: ['a'],
    });
    expect(await made.run()).toMatchObject({ state: 'COMPENSATED' });
  });

  it('is made again until it was taken', async () => {
    let failures = 2;
    const pages: unknown[] = [];
    const onCall = async (page: unknown): Promise<void> => {
      failures -= 1;
      if (failures >= 0) throw new Error('the pager is down');
      pages.push(page);
    };
    const made = rig({ pivot: [fail(declined)], '~b': Array<Script>(4).fill(fail(lost)) }, { onCall });
    expect(await made.run()).toMatchObject({ state: 'FAILED_COMPENSATION' });
    for (let round = 0; round < 4; round += 1) {
      await made.runtime.advance(20_000);
      await made.runtime.settle(made.saga.recover());
    }
    expect(pages).toHaveLength(1);
    expect((await record(made)).dueAtMs).toBeUndefined();
  });
});

describe('a caller who gives up', () => {
  it.each([
    [
      'heeds the signal',
      (call: StepCall) => new Promise((_, reject) => call.signal.addEventListener('abort', reject)),
    ],
    ['does not', () => new Promise(() => {})],
  ] as const)('has it undone outside the cancelled scope, whether the step %s', async (_, hang) => {
    const controller = new AbortController();
    const fences: (() => void)[] = [];
    const isClosed = (): Undone => {
      expect(fences[0]).toThrow(LeaseLostError);
      return undone;
    };
    const made = rig({
      '~a': [isClosed],
      b: [
        (call) => {
          fences.push(call.fence);
          return hang(call);
        },
      ],
    });
    made.runtime.after(3_000, () => controller.abort());
    const result = await made.run('i', {}, controller.signal);
    expect(result).toMatchObject({
      state: 'COMPENSATED',
      compensated: ['b', 'a'],
      error: { code: 'saga_cancelled' },
    });
    expect(made.runtime.monotonicMs()).toBe(3_000);
    expect(made.told.slice(2).map(({ signal }) => signal.aborted)).toEqual([false, false, false]);
    expect(fences).toHaveLength(1);
  });

  it('begins nothing once the signal is aborted', async () => {
    const made = rig();
    expect(await made.run('i', {}, AbortSignal.abort(declined))).toMatchObject({
      state: 'COMPENSATED',
      error: { code: 'card_declined' },
    });
    expect(made.calls).toEqual([]);
  });

  it('is one that runs out of time, by the clock of the journal and from the start of the saga', async () => {
    const made = rig(
      { b: [() => new Promise(() => {}), () => new Promise(() => {})] },
      { timeoutMs: 12_000 },
    );
    void made.saga.execute('i', {});
    await made.runtime.advance(11_000);
    void made.again().recover();
    await made.runtime.advance(999);
    expect(made.calls).toEqual(['a', 'b', 'b']);
    await made.runtime.advance(1);
    expect(await made.run('i', {})).toMatchObject({ state: 'COMPENSATED', error: { code: 'saga_timeout' } });
    expect(made.calls).toEqual(['a', 'b', 'b', 'b', '~b', '~a']);
  });
});
