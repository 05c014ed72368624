// Convinces by letting two processes meet over one saga, and the journal lose messages, at chosen places, and counting
// what was done: never more than once, and by nobody who had lost the saga.

import { describe, expect, it } from 'vitest';
import {
  LeaseLostError,
  OutcomeUnknownError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import type { StepCall } from './step.ts';
import { ground, lossyJournal } from './testing.ts';
import { declined, fail, type Rig, record, rig, undone } from './testing-rig.ts';

/** A saga whose step b hangs for good in its first driver, and that driver's call. */
async function hanging(
  maxRenewals = 0,
): Promise<Rig & { readonly call: StepCall; readonly first: Promise<unknown> }> {
  const calls: StepCall[] = [];
  const made = rig(
    {
      b: [
        (call) => {
          calls.push(call);
          return new Promise(() => {});
        },
      ],
    },
    { maxRenewals },
  );
  const first = made.saga.execute('i', { n: 1 });
  await made.runtime.drain();
  const [call] = calls;
  if (call === undefined) throw new Error('b was not called');
  return { ...made, call, first };
}

describe('a saga that somebody drives', () => {
  it('is left to them, by execution, recovery and repair', async () => {
    const { again, runtime, calls } = await hanging();
    await runtime.advance(9_999);
    expect(await again().execute('i', { n: 1 })).toMatchObject({ state: 'RUNNING', completed: ['a'] });
    expect(await again().recover()).toEqual({ found: 0, ended: 0 });
    expect(await again().repair('i')).toMatchObject({ state: 'RUNNING' });
    expect(calls).toEqual(['a', 'b']);
  });

  it('is taken over once the lease is over, and the driver that hung stops at once', async () => {
    const { again, runtime, calls, call, first } = await hanging();
    await runtime.advance(9_999);
    expect(call.fence).not.toThrow();
    await runtime.advance(1);
    expect(call.fence).toThrow(LeaseLostError);
    expect(call.signal.aborted).toBe(true);
    expect(await first).toMatchObject({ state: 'RUNNING' });
    expect(await runtime.settle(again().recover())).toEqual({ found: 1, ended: 1 });
    expect(calls).toEqual(['a', 'b', 'b', 'pivot', 'last']);
  });

  it('is kept by renewals, but not for ever', async () => {
    const made = await hanging(2);
    const { runtime, call } = made;
    await runtime.advance(19_999);
    expect(call.fence).not.toThrow();
    expect(await record(made)).toMatchObject({ token: 1, dueAtMs: 20_000 });
    await runtime.advance(1);
    expect(call.fence).toThrow(LeaseLostError);
  });

  it('is lost to its driver as soon as a renewal is refused', async () => {
    const base = ground();
    const { journal, runtime } = base;
    const renew: typeof journal.renew = async () => ({ written: false, record: null, nowMs: 0 });
    const made = rig(
      { a: [() => new Promise(() => {})] },
      { maxRenewals: 2, journal: { ...journal, renew } },
      base,
    );
    void made.saga.execute('i', { n: 1 });
    await runtime.advance(4_999);
    expect(made.told[0]?.fence).not.toThrow();
    await runtime.advance(1);
    expect(made.told[0]?.fence).toThrow(LeaseLostError);
    expect(made.told[0]?.signal.aborted).toBe(true);
  });

  it('writes nothing more once its write was refused, and answers what the journal says', async () => {
    const base = ground();
    const { journal } = base;
    let stolen = false;
    const made = rig(
      {},
      {
        journal: {
          ...journal,
          save: async (write) => {
            const { saga, id, token, version } = write;
            if (!stolen) {
              stolen = true;
              await journal.leave({
                saga,
                id,
                token,
                version,
                state: 'RUNNING',
                progress: write.progress,
                dueInMs: 0,
              });
              await journal.claim({ saga, id, attemptId: 'thief', leaseMs: 10_000, why: 'repair' });
            }
            return journal.save({ ...write, version: version + 1 });
          },
        },
      },
    );
    expect(await made.run()).toMatchObject({ state: 'RUNNING' });
    expect(made.calls).toEqual(['a']);
  });
});

describe('a journal that loses messages', () => {
  it.each(['open', 'save', 'leave'] as const)('is asked once more: %s', async (operation) => {
    for (const what of ['request', 'reply'] as const) {
      const base = ground();
      const { journal, lose } = lossyJournal(base.journal);
      const made = rig({ pivot: [fail(declined)] }, { journal }, base);
      lose(operation, what, 1);
      expect(await made.run()).toMatchObject({ state: 'COMPENSATED', compensated: ['b', 'a'] });
      expect(made.calls).toEqual(['a', 'b', 'pivot', '~b', '~a']);
    }
  });

  it('begins nothing when it does not answer at all', async () => {
    const base = ground();
    const { journal, lose } = lossyJournal(base.journal);
    const made = rig({}, { journal }, base);
    lose('open', 'request', 2);
    await expect(made.run()).rejects.toThrow(StoreUnavailableError);
    expect(made.calls).toEqual([]);
  });

  it('leaves the saga to its lease when it stops answering on the way', async () => {
    for (const what of ['request', 'reply'] as const) {
      const base = ground();
      const { journal, lose } = lossyJournal(base.journal);
      const made = rig({}, { journal }, base);
      lose('save', what, 2);
      lose('read', 'request', 1);
      await expect(made.run()).rejects.toThrow(OutcomeUnknownError);
      expect(made.calls).toEqual(['a']);
    }
  });

  it('ends the drive: what was written is not known any more, and must not be taken for what comes next', async () => {
    const base = ground();
    const { journal, lose } = lossyJournal(base.journal);
    const made = rig(
      {
        pivot: [fail(declined)],
        '~b': [
          async ({ keep }) => {
            lose('save', 'reply', 2);
            await keep?.('note', 1)?.catch(() => undefined);
            return undone;
          },
        ],
      },
      { journal },
      base,
    );
    expect(await made.run()).toMatchObject({ state: 'COMPENSATING', compensated: [] });
    await base.runtime.advance(10_000);
    expect(await base.runtime.settle(made.saga.recover())).toEqual({ found: 1, ended: 1 });
    expect(made.calls.slice(3)).toEqual(['~b', '~b', '~a']);
  });

  it('recovers its own of what was listed for several, and lists nothing itself', async () => {
    const made = rig({ a: [() => new Promise(() => {})] });
    made.saga.execute('i', {}).catch(() => undefined);
    await made.runtime.advance(10_000);
    const stranger = { saga: 'other', id: 'i' };
    expect(await made.runtime.settle(made.saga.recover([stranger]))).toEqual({ found: 0, ended: 0 });
    const due = [stranger, { saga: made.saga.name, id: 'i' }];
    expect(await made.runtime.settle(made.saga.recover(due))).toEqual({ found: 1, ended: 1 });
  });

  it('does not keep recovery from the others', async () => {
    const base = ground();
    const { journal, lose } = lossyJournal(base.journal);
    const made = rig({ a: [() => new Promise(() => {}), () => new Promise(() => {})] }, { journal }, base);
    for (const id of ['i', 'j']) made.saga.execute(id, {}).catch(() => undefined);
    await base.runtime.advance(10_000);
    lose('claim', 'request', 2);
    expect(await base.runtime.settle(made.saga.recover())).toEqual({ found: 2, ended: 1 });
    expect(await base.runtime.settle(made.saga.recover())).toEqual({ found: 1, ended: 1 });
  });
});

describe('a saga that another version of the program began', () => {
  it('is not driven by steps that do not fit it, and recovery says so', async () => {
    const made = rig({ a: [() => new Promise(() => {})] });
    made.saga.execute('i', {}).catch(() => undefined);
    await made.runtime.advance(10_000);
    const other = rig(
      {},
      {
        journal: made.journal,
        runtime: made.runtime,
        steps: [{ name: 'other', kind: 'pivot', onUnknown: 'resend', execute: async () => undefined }],
      },
    );
    await expect(made.runtime.settle(other.saga.recover())).rejects.toMatchObject({
      errors: [expect.any(ValidationError)],
    });
    await made.runtime.advance(10_000);
    expect(await made.runtime.settle(made.saga.recover())).toEqual({ found: 1, ended: 1 });
  });
});
