// Convinces by a charge with its fee in report and ledger, and by one of the two missing, doubled, or smaller.

import { describe, expect, it } from 'vitest';
import { reconciliationClosure } from './reconciliation-closure.ts';
import { row, type ShopTale, shopTale } from './testing-webhooks.ts';

interface Course {
  readonly settled?: boolean;
  /** Whether the target declares to book fees. */
  readonly booksFees?: boolean;
}

function ran(
  fees: readonly number[],
  rows = [row('ch_1', { feeMinor: 44 })],
  { settled = true, booksFees = true }: Course = {},
) {
  const shop: ShopTale = shopTale();
  shop.story.book();
  shop.story.book({ id: 'ch_2', merchantReference: 'ref-2' });
  shop.posts('capture', 'ch_1');
  shop.story.incident({ kind: 'healed' });
  shop.story.wait(1);
  const duplicates = rows.slice(1).map((_, index) => ({ type: 'DUPLICATE', id: `d:${index}` }));
  shop.reconciles('op', { matched: 1, internal: 1, discrepancies: duplicates }, () => shop.reads('op', rows));
  for (const [index, amountMinor] of fees.entries())
    shop.posts('fee', `charge ch_1 ${index}`, { amountMinor });
  if (settled) shop.story.incident({ kind: 'settled' });
  return reconciliationClosure.check(shop.done(booksFees ? { booksFees } : {}));
}

const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('S23 of fees', () => {
  it('holds for a fee that is booked once, of a row that is reported twice too', () => {
    expect(ran([44]).verdict).toBe('holds');
    const twice = row('ch_1', { feeMinor: 44 });
    expect(ran([44], [twice, twice]).verdict).toBe('holds');
  });

  it('breaks when it is booked twice, or another amount', () => {
    expect(ran([44, 44])).toMatchObject(because('books 88 of fees on charge ch_1, and 44 were reported'));
    expect(ran([45]).verdict).toBe('breaks');
  });

  it('breaks when a part or all of it is left out once all has settled, and not before', () => {
    expect(ran([40])).toMatchObject(because('leaves 4 of the fees on charge ch_1 unbooked'));
    expect(ran([])).toMatchObject(because('leaves 44 of the fees on charge ch_1 unbooked'));
    expect(ran([40], undefined, { settled: false }).verdict).toBe('holds');
  });

  it('asks no more of a target that does not say that it books fees', () => {
    expect(ran([], undefined, { booksFees: false }).verdict).toBe('holds');
    expect(ran([45], undefined, { booksFees: false }).verdict).toBe('breaks');
  });

  it('breaks when it is booked on what the gateway does not know, or on nothing', () => {
    const stray = (posting: Parameters<ShopTale['posts']>[2]) => {
      const shop = shopTale();
      shop.posts('fee', 'x', posting);
      return reconciliationClosure.check(shop.done());
    };
    expect(stray({ gatewayId: 'ch_9' })).toMatchObject(because('books 500 of fees on charge ch_9'));
    expect(stray({ payment: false })).toMatchObject(because('books 500 of fees on no payment'));
  });
});
