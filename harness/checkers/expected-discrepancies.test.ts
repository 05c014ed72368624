// Convinces by a run over a few rows and entries that comes to the right figures, and by the same run with one of them wrong.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import type { Reconciled } from '../history/shop.ts';
import { reconciliationClosure } from './reconciliation-closure.ts';
import { epochMs, row, type ShopTale, shopTale } from './testing-webhooks.ts';

const dayMs = 86_400_000;

const found = (...types: readonly string[]): Pick<Reconciled, 'discrepancies'> => ({
  discrepancies: types.map((type, index) => ({ type, id: `${type}:${index}` })),
});

interface Ran {
  readonly result: Partial<Reconciled>;
  readonly rows?: Parameters<ShopTale['reads']>[1];
  readonly posts?: (shop: ShopTale) => void;
  /** From the entries to the run. */
  readonly laterMs?: number;
  readonly calm?: boolean;
  readonly during?: (shop: ShopTale) => void;
  /** What became of the first charge since. */
  readonly charge?: Partial<BookedCharge>;
}

/** A run over the day on which `ch_1` and `ch_2` were captured, 5.00 each. */
function ran({
  result,
  rows = [row(), row('ch_2')],
  posts,
  laterMs = 3 * dayMs,
  calm = true,
  during,
  charge,
}: Ran) {
  const shop = shopTale();
  shop.story.book(charge);
  shop.story.book({ id: 'ch_2', merchantReference: 'ref-2' });
  if (posts === undefined) booked(shop);
  else posts(shop);
  if (calm) shop.story.incident({ kind: 'healed' });
  shop.story.wait(laterMs);
  shop.reconciles('op', { internal: 2, gateway: rows.length, ...result }, () => {
    shop.reads('op', rows);
    during?.(shop);
  });
  return reconciliationClosure.check(shop.done());
}

function booked(shop: ShopTale): void {
  shop.posts('capture', 'ch_1');
  shop.posts('capture', 'ch_2', { gatewayId: 'ch_2', reference: 'ref-2' });
}

const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('S23 type by type', () => {
  it('wants what only the ledger has called so, once it is due', () => {
    const one = { rows: [row()] };
    expect(ran({ ...one, result: { matched: 1, ...found('MISSING_GATEWAY') } }).verdict).toBe('holds');
    expect(ran({ ...one, result: { matched: 1 } })).toMatchObject(
      because('comes to 0 MISSING_GATEWAY, and there are 1'),
    );
    expect(ran({ ...one, result: { matched: 1, ...found('NOT_YET_DUE') } }).verdict).toBe('breaks');
    expect(ran({ ...one, result: { matched: 1 }, calm: false }).verdict).toBe('holds');
  });

  it('lets it be under way for two days, to the millisecond', () => {
    const at = (laterMs: number, type: string) =>
      ran({ rows: [row()], laterMs, result: { matched: 1, ...found(type) } }).verdict;
    expect(at(2 * dayMs - 1, 'NOT_YET_DUE')).toBe('holds');
    expect(at(2 * dayMs, 'NOT_YET_DUE')).toBe('breaks');
    expect(at(2 * dayMs, 'MISSING_GATEWAY')).toBe('holds');
    // It looks at the clock within a minute of being asked.
    expect(at(2 * dayMs - 60_000, 'MISSING_GATEWAY')).toBe('holds');
    expect(at(2 * dayMs - 60_001, 'MISSING_GATEWAY')).toBe('breaks');
  });

  it('breaks when what is matched is called missing, on either side', () => {
    const result = { matched: 1, ...found('MISSING_GATEWAY') };
    expect(ran({ result })).toMatchObject(
      because('comes to 1 MISSING_GATEWAY, and there are no more than 0'),
    );
    expect(ran({ result: { matched: 1, ...found('NOT_YET_DUE') } }).verdict).toBe('breaks');
    const internal = { rows: [row(), row('ch_2'), row('ch_3')], posts: booked };
    const theirs = (...types: readonly string[]) =>
      ran({ ...internal, result: { matched: 2, ...found(...types) } }).verdict;
    expect(theirs('MISSING_INTERNAL')).toBe('holds');
    expect(theirs('MISSING_INTERNAL', 'MISSING_INTERNAL')).toBe('breaks');
  });

  it('breaks when a pair, or a row without an entry, is not mentioned at all', () => {
    expect(ran({ result: { matched: 1 } })).toMatchObject(because('comes to 1 matches, and there are 2'));
    const rows = [row(), row('ch_2'), row('ch_3')];
    const repairs = (shop: ShopTale) => {
      shop.story.wait(1);
      shop.story.book({ id: 'ch_3', merchantReference: 'ref-3' });
      shop.posts('capture', 'ch_3', { gatewayId: 'ch_3', reference: 'ref-3' });
      const commit = shop.done().crossings.at(-1);
      if (commit !== undefined) Object.assign(commit, { actor: 'op' });
    };
    const unbooked = (result: Ran['result']) =>
      ran({ rows, during: repairs, result: { matched: 2, ...result } });
    // Booked in the run itself, and not a word about it.
    expect(unbooked({})).toMatchObject(because('comes to 0 MISSING_INTERNAL, and there are 1'));
    expect(unbooked(found('MISSING_INTERNAL')).verdict).toBe('holds');
  });

  it('breaks when one row is matched with two entries, or one entry with two rows', () => {
    const twice = { rows: [row(), row(), row('ch_2')] };
    expect(ran({ ...twice, result: { matched: 2, ...found('DUPLICATE') } }).verdict).toBe('holds');
    expect(ran({ ...twice, result: { matched: 3, internal: 3, ...found('DUPLICATE') } })).toMatchObject(
      because('comes to 3 matches, and there are no more than 2'),
    );
  });

  it('compares amounts and currencies, not ids alone', () => {
    for (const other of [{ amountMinor: 501 }, { currency: 'EUR' }]) {
      const rows = [row(), row('ch_2', other)];
      expect(ran({ rows, result: { matched: 2 } }).verdict).toBe('breaks');
      expect(ran({ rows, result: { matched: 1 } })).toMatchObject(
        because('comes to 0 AMOUNT_MISMATCH, and there are 1'),
      );
      expect(ran({ rows, result: { matched: 1, ...found('AMOUNT_MISMATCH') } }).verdict).toBe('holds');
    }
    expect(ran({ result: { matched: 1, ...found('AMOUNT_MISMATCH') } })).toMatchObject(
      because('comes to 1 AMOUNT_MISMATCH, and there are no more than 0'),
    );
  });

  it('compares states where amounts are equal', () => {
    const rows = [row(), row('ch_2', { status: 'pending' })];
    expect(ran({ rows, result: { matched: 1 } })).toMatchObject(
      because('comes to 0 STATUS_MISMATCH, and there are 1'),
    );
    expect(ran({ rows, result: { matched: 2 } })).toMatchObject(
      because('comes to 0 STATUS_MISMATCH, and there are 1'),
    );
    expect(ran({ rows, result: { matched: 1, ...found('STATUS_MISMATCH') } }).verdict).toBe('holds');
    expect(ran({ rows, result: { matched: 1, ...found('AMOUNT_MISMATCH') } }).verdict).toBe('breaks');
    expect(ran({ result: { matched: 1, ...found('STATUS_MISMATCH') } })).toMatchObject(
      because('comes to 1 STATUS_MISMATCH, and there are no more than 0'),
    );
    const both = [row(), row('ch_2', { status: 'pending', amountMinor: 501 })];
    expect(ran({ rows: both, result: { matched: 1, ...found('AMOUNT_MISMATCH') } }).verdict).toBe('holds');
  });

  it('matches with rows of other days, and judges those of the day', () => {
    const elsewhere = (atMs: number) =>
      ran({ rows: [row(), row('ch_2', { atMs })], result: { matched: 2 } }).verdict;
    expect(elsewhere(epochMs + dayMs)).toBe('holds');
    const late = (shop: ShopTale) => {
      shop.posts('capture', 'ch_1');
      shop.story.wait(dayMs);
      shop.posts('capture', 'ch_2', { gatewayId: 'ch_2', reference: 'ref-2' });
    };
    const result = { matched: 1 };
    expect(ran({ rows: [row()], posts: late, result }).verdict).toBe('holds');
    expect(
      ran({ rows: [row()], posts: late, result: { ...result, ...found('MISSING_GATEWAY') } }).verdict,
    ).toBe('breaks');
  });

  it('tells refunds, disputes and what brings them back apart', () => {
    const posts = (shop: ShopTale) => {
      booked(shop);
      shop.posts('refund', 're_1');
      shop.posts('refund-failed', 're_1');
      shop.posts('chargeback', 'dp_1');
      shop.posts('chargeback-won', 'dp_1');
    };
    const common = { amountMinor: 500, at: { atMs: 0, order: 0 }, changedAtMs: 0 };
    const names = { idempotencyKey: 'k', merchantReference: 'r' };
    const charge: Ran['charge'] = {
      refunds: [{ id: 're_1', ...names, ...common, status: 'failed' }],
      disputes: [{ id: 'dp_1', ...common, status: 'won' }],
    };
    const rows = [
      row(),
      row('ch_2'),
      row('re_1', { kind: 'refund', amountMinor: -500, status: 'succeeded' }),
      row('re_1', { kind: 'adjustment', status: 'failed' }),
      row('dp_1', { kind: 'dispute', amountMinor: -500, status: 'opened' }),
      row('dp_1', { kind: 'adjustment', status: 'won' }),
    ];
    expect(ran({ charge, posts, rows, result: { matched: 6, internal: 6 } }).verdict).toBe('holds');
    for (let index = 2; index < rows.length; index += 1) {
      const fewer = { charge, posts, rows: rows.toSpliced(index, 1) };
      const result = { matched: 5, internal: 6 };
      expect(ran({ ...fewer, result }).verdict).toBe('breaks');
      expect(ran({ ...fewer, result: { ...result, ...found('MISSING_GATEWAY') } }).verdict).toBe('holds');
    }
  });

  it('says nothing of a run in which somebody else was booking', () => {
    const during = (shop: ShopTale) => void shop.posts('refund', 're_9');
    expect(ran({ rows: [row()], result: { matched: 1 }, during }).verdict).toBe('holds');
  });
});
