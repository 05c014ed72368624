// Convinces by a charge with its fee in report and ledger, and by by one that is booked twice or too high.

import { describe, expect, it } from 'vitest';
import { reconciliationClosure } from './reconciliation-closure.ts';
import { row, type ShopTale, shopTale } from './testing-webhooks.ts';

function ran(fees: readonly number[], rows = [row('ch_1', { feeMinor: 44 })]) {
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
  return reconciliationClosure.check(shop.done());
}

const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('S23 of fees', () => {
  it('holds for a fee that is booked once, of a row that is reported twice too', () => {
    expect(ran([44]).verdict).toBe('holds');
    const twice = row('ch_1', { feeMinor: 44 });
    expect(ran([44], [twice, twice]).verdict).toBe('holds');
  });

  it('breaks when it is booked twice, or another amount', () => {
    expect(ran([44, 44])).toMatchObject(because('books 88 USD of fees on charge ch_1, and 44 were reported'));
    expect(ran([45]).verdict).toBe('breaks');
  });

  it('asks nothing of a target that books no fees', () => {
    expect(ran([]).verdict).toBe('holds');
  });
});
