// Convinces by what the gateway is asked for, and by a report that leaves a day of it out.

import { expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { books } from '../ledger/books.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { memoryTicketStore } from '../stores/memory-ticket-store.ts';
import {
  type DayReport,
  type DaySpan,
  dayReconciliation,
  type ReconciliationParts,
} from './reconciliation.ts';
import { mall, order } from './testing.ts';
import { tell } from './testing-news.ts';

function reconciling(atDay: string, report: (span: DaySpan) => readonly DayReport[]) {
  const runtime = manualRuntime();
  runtime.setWall(Date.parse(`${atDay}T12:00:00Z`));
  const pages: string[] = [];
  const parts = {
    runtime,
    ledgerBooks: books({ store: memoryLedgerStore(runtime) }),
    tickets: memoryTicketStore(runtime),
    report: async (span: DaySpan) => report(span),
    page: async (about: string) => void pages.push(about),
    settlementLagMs: 2 * 86_400_000,
  };
  return {
    pages,
    reconcile: dayReconciliation(parts as Partial<ReconciliationParts> as ReconciliationParts),
  };
}

const empty = (...days: readonly string[]): readonly DayReport[] => days.map((day) => ({ day, rows: [] }));

it('asks once, for the days on which the gateway may date what moved on this one and which have begun', async () => {
  const asked: DaySpan[] = [];
  const run = async (atDay: string, ...days: readonly string[]) => {
    const { reconcile } = reconciling(atDay, (span) => {
      asked.push(span);
      return empty(...days);
    });
    return (await reconcile('2026-03-01')).report.matched;
  };
  const before = ['2026-02-27', '2026-02-28', '2026-03-01'];
  expect(await run('2026-03-09', ...before, '2026-03-02', '2026-03-03')).toBe(0);
  expect(await run('2026-03-01', ...before, '2026-03-02')).toBe(0);
  expect(asked).toEqual([
    { fromDay: '2026-02-27', toDay: '2026-03-03' },
    { fromDay: '2026-02-27', toDay: '2026-03-02' },
  ]);
});

it('compares nothing with a report that lacks a day of the span', async () => {
  const { reconcile, pages } = reconciling('2026-03-09', () =>
    empty('2026-02-27', '2026-02-28', '2026-03-02', '2026-03-03'),
  );
  await expect(reconcile('2026-03-01')).rejects.toThrow(OutcomeUnknownError);
  await expect(reconcile('2026-03-01')).rejects.toThrow('lacks 2026-03-01');
  expect(pages).toEqual([]);
});

it('takes up again what was announced and given up, when the report lacks it here', async () => {
  const place = mall();
  const { charge } = await place.runtime.settle(place.start().checkout(order));
  const { commit } = place.stores.ledger;
  const down: typeof commit = () => Promise.reject(new StoreUnavailableError('down'));
  Object.assign(place.stores.ledger, { commit: down });
  const dispute = { object: ['dispute', 'dp_1'], status: 'open', amountMinor: 200 } as const;
  await tell(place, { ...dispute, chargeId: charge.id });
  for (let pass = 0; pass < 20; pass += 1) {
    await place.runtime.advance(700_000);
    await place.runtime.settle(place.start().recover());
  }
  expect(place.pages).toEqual([expect.stringContaining('dispute/dp_1 was given up')]);
  Object.assign(place.stores.ledger, { commit });
  const atMs = Date.parse('2026-01-01T13:00:00Z');
  const row = { gatewayId: 'dp_1', amountMinor: -200, currency: 'USD', atMs } as const;
  place.reported.push({ ...row, kind: 'dispute', status: 'opened' });
  await place.runtime.advance(4 * 86_400_000);
  await place.runtime.settle(place.start().reconcile('2026-01-01'));
  const entries = await place.stores.ledger.entries({ after: 0, limit: 100 });
  expect(entries.map(({ kind }) => kind)).toEqual(['capture', 'chargeback']);
});
