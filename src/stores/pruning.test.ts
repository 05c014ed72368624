// Convinces by one item of every state in every store, all of the same age: what has ended goes once it is old enough, not a
// millisecond before, a few at a time and the oldest first, and everything else is still there however old it is.

import { beforeEach, describe, expect, it } from 'vitest';
import type { FraudVerdict } from '../fraud/verdict-log.ts';
import { inboxTable } from './inbox-table.ts';
import { ledgerTable } from './ledger-table.ts';
import { memoryInboxStore } from './memory-inbox-store.ts';
import { memoryLedgerStore } from './memory-ledger-store.ts';
import { memorySagaJournal } from './memory-saga-journal.ts';
import { memoryTicketStore } from './memory-ticket-store.ts';
import { memoryVerdictLog } from './memory-verdict-log.ts';
import { sagaTable } from './saga-table.ts';
import { ticketTable } from './ticket-table.ts';
import { verdictTable } from './verdict-table.ts';

const leaseMs = 10;
const all = { olderThanMs: 1_000, limit: 100 };

let nowMs = 0;
const clock = (): number => nowMs;
beforeEach(() => {
  nowMs = 0;
});

/** At the last instant at which nothing may be forgotten, and a millisecond later. */
function beforeAndAfter(endedAtMs: number, prune: () => number): readonly [before: number, after: number] {
  nowMs = endedAtMs + all.olderThanMs - 1;
  const before = prune();
  nowMs += 1;
  return [before, prune()];
}

describe('sagas', () => {
  const journal = () => sagaTable(clock);
  interface Ending {
    readonly state: 'COMPLETED' | 'COMPENSATED' | 'FAILED_COMPENSATION' | 'COMPENSATING';
    readonly dueInMs?: number;
    readonly saga?: string;
  }
  const end = ({ open, leave }: ReturnType<typeof journal>, id: string, how: Ending): void => {
    const { saga = 'checkout', ...ended } = how;
    open({ saga, id, fingerprint: 'f', progress: '{}', attemptId: 'a', leaseMs });
    leave({ saga, id, token: 1, version: 1, progress: '{}', ...ended });
  };

  it('are forgotten when they ended well, and never while anything is left to do', () => {
    const table = journal();
    end(table, 'completed', { state: 'COMPLETED' });
    end(table, 'compensated', { state: 'COMPENSATED' });
    end(table, 'failed', { state: 'FAILED_COMPENSATION' });
    end(table, 'waiting', { state: 'COMPENSATING', dueInMs: 5 });
    end(table, 'looked after', { state: 'COMPLETED', dueInMs: 5 });
    table.open({ saga: 'checkout', id: 'driven', fingerprint: 'f', progress: '{}', attemptId: 'a', leaseMs });
    end(table, 'of others', { state: 'COMPLETED', saga: 'subscription' });
    expect(beforeAndAfter(0, () => table.prune({ saga: 'checkout', ...all }))).toEqual([0, 2]);
    const left = ['completed', 'compensated', 'failed', 'waiting', 'looked after', 'driven'].filter(
      (id) => table.read({ saga: 'checkout', id }) !== null,
    );
    expect(left).toEqual(['failed', 'waiting', 'looked after', 'driven']);
    expect(table.read({ saga: 'subscription', id: 'of others' })).not.toBeNull();
    nowMs = 1_000_000;
    expect(table.prune({ saga: 'checkout', ...all })).toBe(0);
  });

  it('are counted from their end, and a repeated last word does not move it', () => {
    const table = journal();
    table.open({ saga: 'checkout', id: 'i', fingerprint: 'f', progress: '{}', attemptId: 'a', leaseMs });
    nowMs = 5;
    const last = {
      saga: 'checkout',
      id: 'i',
      token: 1,
      version: 1,
      progress: '{}',
      state: 'COMPLETED',
    } as const;
    table.leave(last);
    nowMs = 700;
    expect(table.leave(last)).toMatchObject({ written: true });
    expect(beforeAndAfter(5, () => table.prune({ saga: 'checkout', ...all }))).toEqual([0, 1]);
    expect(table.leave(last)).toEqual({ written: false, record: null, nowMs });
  });

  it('go a few at a time, the first that ended first, and it can be gone on with', async () => {
    const table = journal();
    for (const id of ['c', 'a', 'b']) {
      end(table, id, { state: 'COMPLETED' });
      nowMs += 1;
    }
    nowMs += all.olderThanMs;
    const few = { saga: 'checkout', ...all, limit: 2 };
    expect([table.prune(few), table.read({ saga: 'checkout', id: 'b' })?.id]).toEqual([2, 'b']);
    expect([table.prune(few), table.prune(few)]).toEqual([1, 0]);
    expect(await memorySagaJournal({ monotonicMs: clock }).prune(few)).toBe(0);
  });
});

describe('the outbox', () => {
  it('forgets what was delivered, and the books still know that it was told', async () => {
    const table = ledgerTable(clock);
    const event = (id: string) => ({ id, type: 't', aggregate: id, payload: '{}', fingerprint: 'f' });
    const unit = (id: string) => ({ effect: `effect of ${id}`, entries: [], events: [event(id)] });
    table.commit(['delivered', 'dead', 'failed'].map(unit));
    for (const { event: claimed, token } of table.claim({ limit: 3, leaseMs })) {
      const outcome = {
        delivered: { kind: 'delivered' } as const,
        dead: { kind: 'dead', reason: 'refused' } as const,
        failed: { kind: 'failed', delayMs: 1 } as const,
      }[claimed.id];
      if (outcome !== undefined) table.settle({ id: claimed.id, token, outcome });
    }
    expect(beforeAndAfter(0, () => table.prune(all))).toEqual([0, 1]);
    expect(table.deadLetters({ limit: 9 }).map(({ event: { id } }) => id)).toEqual(['dead']);
    expect(table.commit([unit('delivered')])).toMatchObject({
      outcomes: [{ applied: false, newEvents: [] }],
    });
    expect(table.claim({ limit: 9, leaseMs }).map(({ event: { id } }) => id)).toEqual(['failed']);
    expect(await memoryLedgerStore({ monotonicMs: clock }).prune(all)).toBe(0);
  });
});

describe('the inbox', () => {
  const received = (table: ReturnType<typeof inboxTable>, id: string, dedupTtlMs: number): void => {
    table.receive({ id, object: `payment:${id}`, event: '{}' });
    const claim = table.claim({ attemptId: id, leaseMs, id });
    table.finish({
      id,
      token: claim?.record.token ?? 0,
      effects: [{ key: `${id} captured`, payload: '1' }],
      move: { to: { status: 'captured' }, afterRevision: 0 },
      dedupTtlMs,
    });
  };

  it('forgets what is done and can be new again, with its effects, and nothing that is not done', async () => {
    const table = inboxTable(clock);
    received(table, 'short', 10);
    received(table, 'long', 5_000);
    for (const id of ['ready', 'dead']) table.receive({ id, object: id, event: '{}' });
    const { record } = table.claim({ attemptId: 'x', leaseMs, id: 'dead' }) ?? {};
    table.bury({ id: 'dead', token: record?.token ?? 0, failure: { code: 'c', message: 'm' } });
    // One event, and the effects of both.
    expect(beforeAndAfter(0, () => table.prune(all))).toEqual([0, 3]);
    expect([table.effect('short captured'), table.effect('long captured')]).toEqual([null, null]);
    expect(table.receive({ id: 'long', object: 'payment:long', event: '{}' })).toMatchObject({
      first: false,
    });
    nowMs = 10_000;
    expect(table.prune(all)).toBe(1);
    const states = (['READY', 'DEAD', 'DONE'] as const).map(
      (state) => table.list({ state, limit: 9 }).length,
    );
    expect(states).toEqual([1, 1, 0]);
    expect(await memoryInboxStore({ monotonicMs: clock }).prune(all)).toBe(0);
  });

  it('keeps where objects stand, so that no late event takes one back', () => {
    const table = inboxTable(clock);
    received(table, 'e', 10);
    nowMs = 5_000;
    table.prune(all);
    table.receive({ id: 'late', object: 'payment:e', event: '{}' });
    expect(table.claim({ attemptId: 'late', leaseMs })?.position).toEqual({
      status: 'captured',
      revision: 1,
    });
  });

  it('does not forget an event that came in again and waits', () => {
    const table = inboxTable(clock);
    received(table, 'e', 10);
    nowMs = 500;
    expect(table.receive({ id: 'e', object: 'payment:e', event: '{}' }).first).toBe(true);
    nowMs = 5_000;
    table.prune(all);
    expect(table.list({ state: 'READY', limit: 9 }).map(({ id }) => id)).toEqual(['e']);
  });

  it('counts events and effects together', () => {
    const table = inboxTable(clock);
    received(table, 'e', 10);
    nowMs = 5_000;
    expect([1, 2, 3].map(() => table.prune({ ...all, limit: 1 }))).toEqual([1, 1, 0]);
  });
});

it('tickets are forgotten when they are closed, by whoever closed them, and never before', async () => {
  const table = ticketTable(clock);
  for (const id of ['closed', 'open', 'retry', 'working', 'by people']) {
    table.take({ id, type: 'FEE', attemptId: 'a', leaseMs });
  }
  const left = { closed: 'CLOSED', open: 'OPEN', retry: 'RETRY', 'by people': 'OPEN' } as const;
  for (const [id, state] of Object.entries(left)) table.leave({ id, token: 1, state });
  table.close('by people');
  expect(beforeAndAfter(0, () => table.prune(all))).toEqual([0, 2]);
  const again = (id: string) => table.take({ id, type: 'FEE', attemptId: 'b', leaseMs }).ticket.token;
  expect(['closed', 'by people', 'open', 'retry', 'working'].map(again)).toEqual([1, 1, 1, 2, 2]);
  expect(await memoryTicketStore({ monotonicMs: clock }).prune(all)).toBe(0);
});

it('verdicts are forgotten by their last word, of which a withdrawal is one', async () => {
  const table = verdictTable(clock);
  const verdict = (attemptId: string): FraudVerdict => ({
    attemptId,
    evaluationId: `${attemptId}/1`,
    decision: 'APPROVE',
    score: 0,
    answers: [],
    atMs: 0,
  });
  for (const id of ['early', 'withdrawn', 'kept again']) table.keep(verdict(id));
  nowMs = 600;
  table.withdraw({ attemptId: 'withdrawn', evaluationId: 'withdrawn/1' });
  table.keep({ ...verdict('kept again'), evaluationId: 'kept again/2' });
  expect(beforeAndAfter(0, () => table.prune(all))).toEqual([0, 1]);
  expect(table.read('early')).toEqual({ standing: null, verdicts: [] });
  expect(table.read('kept again').verdicts).toHaveLength(2);
  expect(beforeAndAfter(600, () => table.prune(all))).toEqual([0, 2]);
  expect(await memoryVerdictLog({ monotonicMs: clock }).prune(all)).toBe(0);
});
