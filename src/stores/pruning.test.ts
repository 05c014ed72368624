// Convinces by one item of every state in every store, all of the same age: what has ended goes once it is old enough, not a
// millisecond before, a few at a time and the oldest first, and everything else is still there however old it is.

import { beforeEach, describe, expect, it } from 'vitest';
import type { FraudVerdict } from '../fraud/verdict-log.ts';
import { ledgerTable } from './ledger-table.ts';
import { memoryLedgerStore } from './memory-ledger-store.ts';
import { memoryTicketStore } from './memory-ticket-store.ts';
import { memoryVerdictLog } from './memory-verdict-log.ts';
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
