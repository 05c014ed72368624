// Convinces by entries that could tell of several facts, and by which of them they are given to.

import { describe, expect, it } from 'vitest';
import { bookedFacts, movedMinor } from './booked-facts.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';

const at = { atMs: 0, order: 0 };
const capture = (reference: string, amountMinor: number) => ({
  idempotencyKey: `key-${reference}`,
  merchantReference: reference,
  amountMinor,
  at,
});
const dispute = { id: 'dp_1', amountMinor: 500, status: 'won' as const, at, changedAtMs: 7 };

/** Each fact with the operations of its entries. */
function given(tell: (shop: ShopTale) => void) {
  const shop = shopTale();
  tell(shop);
  const { facts, strays } = bookedFacts(shop.done());
  const told = facts.map(({ charge, transition, amountMinor, entries }) =>
    [charge.id, transition, amountMinor, ...entries.map(({ operation }) => operation)].join(' '),
  );
  return { told, strays: strays.length };
}

describe('booked facts', () => {
  it('give an entry to the charge that it names by the gateway, though its reference is another', () => {
    const { told, strays } = given((shop) => {
      shop.story.book();
      shop.story.book({ id: 'ch_2' });
      shop.posts('capture', 'x', { gatewayId: 'ch_2' });
      shop.posts('capture', 'y', { gatewayId: 'ch_1' });
      shop.posts('capture', 'z', { gatewayId: 'unknown', reference: 'nobody' });
    });
    expect(told).toEqual(['ch_1 captured 500 y', 'ch_2 captured 500 x']);
    expect(strays).toBe(1);
  });

  it('give what names none of several captures to the one of its amount, else to the first that has none', () => {
    const captured = (...amounts: readonly number[]) =>
      given((shop) => {
        shop.story.book({ captures: [capture('c1', 300), capture('c2', 200), capture('c3', 200)] });
        for (const [index, amountMinor] of amounts.entries())
          shop.posts('capture', 'ch_1', { key: `${index}`, amountMinor });
        shop.posts('capture', 'key-c3', { amountMinor: 200 });
      }).told.map((text) => text.split(' ').length - 3);
    expect(captured(200)).toEqual([0, 1, 1]);
    expect(captured(200, 300)).toEqual([1, 1, 1]);
    expect(captured(999)).toEqual([1, 0, 1]);
    expect(captured(300, 200, 200)).toEqual([1, 2, 1]);
  });

  it('know a single capture by the names of its charge as well', () => {
    const { told } = given((shop) => {
      shop.story.book({ captures: [capture('c1', 500)] });
      shop.posts('capture', 'ch_1', { payment: false });
    });
    expect(told).toEqual(['ch_1 captured 500 ch_1']);
  });

  it('are sure of disputes, each from its own time, and not of what a failed refund was before', () => {
    const shop = shopTale();
    const refund = { id: 're_1', ...capture('r', 100), status: 'failed' as const, changedAtMs: 9 };
    shop.story.book({ disputes: [dispute], refunds: [refund] });
    const facts = bookedFacts(shop.done()).facts.map(({ transition, certain, sinceMs }) => [
      transition,
      certain,
      sinceMs,
    ]);
    expect(facts).toEqual([
      ['captured', true, 0],
      ['refunded', false, 0],
      ['refund-failed', false, 9],
      ['disputed', true, 0],
      ['dispute-won', true, 7],
    ]);
  });

  it('read what an entry moves from its debits', () => {
    expect(movedMinor(shopTale().posts('refund', 're_1', { amountMinor: 3 }))).toBe(3);
  });
});
