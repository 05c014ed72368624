// Convinces by walking one saga through its life by hand, with a clock that only the test moves, and then by random
// operations of several drivers who keep using the tokens and versions they once had: after each operation the record
// before is compared with the record after.

import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { SagaRecord } from '../saga/journal.ts';
import { memorySagaJournal } from './memory-saga-journal.ts';
import { type SagaTable, sagaTable } from './saga-table.ts';

const name = { saga: 'checkout', id: 'i' };
const leaseMs = 1_000;

let nowMs = 0;
let table: SagaTable;

beforeEach(() => {
  nowMs = 100;
  table = sagaTable(() => nowMs);
});

const open = (attemptId: string, id = 'i', fingerprint = 'f') =>
  table.open({ ...name, id, fingerprint, progress: '{}', attemptId, leaseMs });
const claim = (attemptId: string, why: 'recovery' | 'repair' = 'recovery') =>
  table.claim({ ...name, attemptId, leaseMs, why });
const write = (token: number, version: number, progress = `{"v":${version}}`) =>
  ({ ...name, token, version, state: 'RUNNING', progress }) as const;

describe('a saga in the journal', () => {
  it('begins with its opener as its driver', () => {
    expect(open('a')).toEqual({
      owned: true,
      nowMs: 100,
      record: {
        ...name,
        state: 'RUNNING',
        fingerprint: 'f',
        progress: '{}',
        token: 1,
        version: 0,
        attemptId: 'a',
        startedAtMs: 100,
        dueAtMs: 1_100,
      },
    });
  });

  it('recognises a driver whose reply was lost, and nobody else, until the lease is over', () => {
    const first = open('a');
    nowMs = 1_099;
    expect(open('a')).toEqual({ ...first, nowMs });
    expect(open('b')).toMatchObject({ owned: false, record: { token: 1 } });
    expect(claim('b', 'repair')).toMatchObject({ owned: false });
    nowMs = 1_100;
    expect(claim('b')).toMatchObject({ owned: true, record: { token: 2, attemptId: 'b', dueAtMs: 2_100 } });
    expect(table.save({ ...write(1, 1), leaseMs })).toMatchObject({ written: false, record: { version: 0 } });
    expect(table.renew({ ...name, token: 1, leaseMs })).toMatchObject({ written: false });
  });

  it('is not given to another context', () => {
    open('a');
    nowMs = 9_000;
    expect(open('b', 'i', 'g')).toMatchObject({ owned: false, record: { token: 1, attemptId: 'a' } });
  });

  it('takes each write once, in order, and extends the lease', () => {
    open('a');
    nowMs = 200;
    expect(table.save({ ...write(1, 1), leaseMs })).toMatchObject({
      written: true,
      record: { dueAtMs: 1_200 },
    });
    nowMs = 300;
    expect(table.save({ ...write(1, 1, 'other'), leaseMs })).toMatchObject({
      written: true,
      record: { progress: '{"v":1}', dueAtMs: 1_200 },
    });
    expect(table.save({ ...write(1, 3), leaseMs })).toMatchObject({ written: false });
    expect(table.save({ ...write(1, 2), leaseMs })).toMatchObject({ written: true });
    expect(table.save({ ...write(1, 1), leaseMs })).toMatchObject({ written: false, record: { version: 2 } });
    expect(table.renew({ ...name, token: 1, leaseMs: 5_000 })).toMatchObject({ record: { dueAtMs: 5_300 } });
  });

  it('left for later is due then for recovery, and at once for who asks for it by id', () => {
    open('a');
    const left = table.leave({ ...write(1, 1), dueInMs: 500 });
    expect(left.record).not.toHaveProperty('attemptId');
    expect(left).toMatchObject({ written: true, record: { dueAtMs: 600, version: 1 } });
    expect(table.leave({ ...write(1, 1), dueInMs: 900 })).toMatchObject({ record: { dueAtMs: 600 } });
    expect(table.save({ ...write(1, 2), leaseMs })).toMatchObject({ written: false });
    expect(table.renew({ ...name, token: 1, leaseMs })).toMatchObject({ written: false });
    expect(claim('b')).toMatchObject({ owned: false });
    expect(open('c')).toMatchObject({ owned: true, record: { token: 2 } });
  });

  it('left for good is nobody’s, unless it waits for a repair', () => {
    for (const state of ['COMPLETED', 'FAILED_COMPENSATION'] as const) {
      table = sagaTable(() => nowMs);
      open('a');
      expect(table.leave({ ...write(1, 1), state }).record).not.toHaveProperty('dueAtMs');
      nowMs += 99_999;
      expect(open('b')).toMatchObject({ owned: false, record: { state } });
      expect(claim('b')).toMatchObject({ owned: false });
      expect(claim('b', 'repair').owned).toBe(state === 'FAILED_COMPENSATION');
    }
  });

  it('that does not exist is neither claimed nor written', () => {
    expect(claim('a')).toEqual({ owned: false, record: null, nowMs: 100 });
    expect(table.save({ ...write(1, 1), leaseMs })).toEqual({ written: false, record: null, nowMs: 100 });
    expect(table.renew({ ...name, token: 1, leaseMs })).toEqual({ written: false, record: null, nowMs: 100 });
    expect(table.read(name)).toBeNull();
  });
});

describe('the queues', () => {
  it('list what is due longest first, and what waits for a repair oldest first, of the definitions asked for', () => {
    for (const id of ['d', 'c', 'b', 'a']) {
      open(id, id);
      nowMs += 1;
    }
    open('x', 'other');
    table.open({ saga: 'refund', id: 'i', fingerprint: 'f', progress: '{}', attemptId: 'x', leaseMs });
    table.leave({ ...write(1, 1), id: 'a', dueInMs: 0 });
    for (const id of ['b', 'c']) table.leave({ ...write(1, 1), id, state: 'FAILED_COMPENSATION' });
    nowMs = 1_100;
    const ids = (queue: 'recovery' | 'repair', limit = 9, sagas = ['checkout']) =>
      table.list({ sagas, queue, limit }).map(({ id }) => id);
    expect(ids('recovery')).toEqual(['a', 'd']);
    expect(ids('recovery', 1)).toEqual(['a']);
    expect(ids('repair')).toEqual(['c', 'b']);
    nowMs += 10;
    expect(ids('recovery', 9, ['refund', 'checkout'])).toEqual(['a', 'd', 'i', 'other']);
    expect(ids('recovery', 9, [])).toEqual([]);
  });
});

const steps = fc.array(
  fc.record({
    do: fc.constantFrom('open', 'claim', 'repair', 'save', 'leave', 'end', 'renew', 'wait'),
    driver: fc.constantFrom('x', 'y'),
    token: fc.nat(5),
    version: fc.nat(5),
    ms: fc.nat(60),
  }),
  { maxLength: 60 },
);

describe('whatever happens to a saga', () => {
  it('its token rises with each new driver and its version with each write, and what is refused changes nothing', () => {
    fc.assert(
      fc.property(steps, (script) => {
        nowMs = 0;
        table = sagaTable(() => nowMs);
        for (const step of script) {
          const before = table.read(name);
          const granted = play(step);
          const after = table.read(name);
          if (!granted) expect(after).toBe(before);
          if (after === before) continue;
          const isTaken = after?.token !== before?.token;
          const [token, version] = [before?.token ?? 0, before?.version ?? 0];
          expect(after?.token).toBe(isTaken ? token + 1 : token);
          const isWritten = !isTaken && step.do !== 'renew';
          expect(after?.version).toBe(isWritten ? version + 1 : version);
          if (isTaken && before?.attemptId !== undefined) expect(before.dueAtMs).toBeLessThanOrEqual(nowMs);
          if (!isTaken)
            expect({ token: step.token, drives: before?.attemptId !== undefined }).toEqual({
              token,
              drives: true,
            });
        }
      }),
      { numRuns: 500 },
    );
  });

  it('the memory journal is the table behind promises', async () => {
    const clock = { monotonicMs: () => nowMs };
    const journal = memorySagaJournal(clock);
    const both = async (act: (port: typeof journal | SagaTable) => unknown): Promise<void> =>
      expect(await act(journal)).toEqual(act(table));
    const opening = { ...name, fingerprint: 'f', progress: '{}', attemptId: 'a', leaseMs };
    await both((port) => port.open(opening));
    await both((port) => port.save({ ...write(1, 1), leaseMs }));
    await both((port) => port.renew({ ...name, token: 1, leaseMs: 5 }));
    await both((port) => port.leave({ ...write(1, 2), state: 'FAILED_COMPENSATION' }));
    await both((port) => port.claim({ ...name, attemptId: 'b', leaseMs, why: 'repair' }));
    await both((port) => port.list({ sagas: ['checkout'], queue: 'repair', limit: 1 }));
    await both((port) => port.read(name));
  });
});

function play(step: { do: string; driver: string; token: number; version: number; ms: number }): boolean {
  const written = write(step.token, step.version);
  const granted = (answer: { readonly record: SagaRecord | null; readonly written: boolean }) =>
    answer.written;
  switch (step.do) {
    case 'open':
      return open(step.driver).owned;
    case 'claim':
      return claim(step.driver).owned;
    case 'repair':
      return claim(step.driver, 'repair').owned;
    case 'save':
      return granted(table.save({ ...written, leaseMs: step.ms }));
    case 'leave':
      return granted(table.leave({ ...written, dueInMs: step.ms }));
    case 'end':
      return granted(table.leave({ ...written, state: 'FAILED_COMPENSATION' }));
    case 'renew':
      return granted(table.renew({ ...name, token: step.token, leaseMs: step.ms }));
    default:
      nowMs += step.ms * 20;
      return true;
  }
}
