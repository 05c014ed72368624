// Convinces by a charge that only the gateway's report tells of, and an event that nobody claims, each one step before it
// is taken care of.

import { describe, expect, it } from 'vitest';
import { good } from './testing-values.ts';
import { epochMs, row, type ShopTale, shopTale } from './testing-webhooks.ts';
import { unknownsFound } from './unknowns-found.ts';

function judged(tell: (shop: ShopTale) => void, terms = {}) {
  const shop = shopTale();
  shop.story.book();
  tell(shop);
  shop.story.incident({ kind: 'settled' });
  return unknownsFound.check(shop.done(terms));
}

const heals = (shop: ShopTale) => shop.story.incident({ kind: 'healed' });
const sees = (shop: ShopTale, rows = [row()]) => shop.reconciles('op', {}, () => shop.reads('op', rows));

describe('L5 unknowns-found', () => {
  it('judges nothing without a shop, before it has settled, or where nobody resolves anything', () => {
    const shop = shopTale();
    shop.keeps('evt_1', { state: 'READY', dueAtMs: -1_000_000 });
    expect(unknownsFound.check(shop.story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(unknownsFound.check(shop.done())).toEqual({ verdict: 'holds', judged: 0 });
    shop.story.incident({ kind: 'settled' });
    expect(unknownsFound.check(shop.done()).verdict).toBe('breaks');
    expect(unknownsFound.check(shop.done({ recovers: false }))).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when a reported charge is neither booked nor left to people', () => {
    expect(judged((shop) => [heals(shop), sees(shop)])).toEqual({
      verdict: 'breaks',
      because:
        'that ch_1 was captured stood in a report that was reconciled, and is neither booked nor left to people',
      crossings: [0],
    });
    expect(judged((shop) => [heals(shop), sees(shop), shop.posts('capture', 'ch_1')])).toEqual({
      verdict: 'holds',
      judged: 1,
    });
  });

  it('does not ask for what may be reported in another way', () => {
    const at = { atMs: 0, order: 0 };
    const won = { id: 'dp_1', amountMinor: 500, status: 'won' as const, at, changedAtMs: 0 };
    const names = { idempotencyKey: 'k', merchantReference: 'r', amountMinor: 500 };
    const failed = { id: 're_1', ...names, status: 'failed' as const, at, changedAtMs: 0 };
    const shows = (...posted: readonly string[]) =>
      judged((shop) => {
        shop.story.book({ id: 'ch_2', disputes: [won], refunds: [failed] });
        heals(shop);
        sees(shop, [row('dp_1', { kind: 'dispute' }), row('re_1', { kind: 'refund' })]);
        for (const kind of posted) shop.posts(kind, 'dp_1', { gatewayId: 'ch_2' });
      }).verdict;
    expect(shows('chargeback')).toBe('holds');
    expect(shows()).toBe('breaks');
  });

  it('asks for what was shown once faults had ended', () => {
    expect(judged((shop) => [sees(shop), heals(shop)]).verdict).toBe('holds');
    expect(judged((shop) => [heals(shop), sees(shop, [])]).verdict).toBe('holds');
    const dated = (atMs: number) =>
      judged((shop) => [heals(shop), sees(shop, [row('ch_1', { atMs })])]).verdict;
    expect([epochMs - 1, epochMs].map(dated)).toEqual(['holds', 'breaks']);
    expect(judged((shop) => [heals(shop), shop.reads('op', [row()])]).verdict).toBe('holds');
  });

  it('counts what is left to people', () => {
    const left = (tell: (shop: ShopTale) => void) =>
      judged((shop) => {
        shop.story.book({ id: 'ch_2' });
        heals(shop);
        tell(shop);
        shop.reconciles('op', found, () => shop.reads('op', [row(), row('ch_2')]));
      }).verdict;
    const discrepancies = ['a', 'b'].map((id) => ({ type: 'MISSING_INTERNAL', id }));
    const found = { discrepancies };
    const ticket = (shop: ShopTale, id: string, state = 'OPEN') =>
      shop.story.cross('op', 'tickets.leave', { id, state })({ effect: good(true) });
    const page = (shop: ShopTale, about: string, actor = 'op') =>
      shop.story.cross(actor, 'oncall.page', { about })({ effect: good(null) });
    expect(left((shop) => [ticket(shop, 'a'), ticket(shop, 'b')])).toBe('holds');
    expect(left((shop) => [ticket(shop, 'a'), ticket(shop, 'a')])).toBe('breaks');
    expect(left((shop) => [ticket(shop, 'a'), ticket(shop, 'b', 'CLOSED')])).toBe('breaks');
    // About something else.
    expect(left((shop) => [ticket(shop, 'a'), ticket(shop, 'c')])).toBe('breaks');
    expect(left((shop) => [page(shop, 'payment/ch_1 (x)'), page(shop, 'ch_2')])).toBe('holds');
    expect(left((shop) => [page(shop, 'ch_1'), ticket(shop, 'b')])).toBe('holds');
    expect(left((shop) => [page(shop, 'ch_1')])).toBe('breaks');
    for (const other of ['ch_22', 'ch_1', 'saga shop/k1'])
      expect(left((shop) => [page(shop, 'ch_1'), page(shop, other)])).toBe('breaks');
    expect(left((shop) => [page(shop, 'ch_1'), page(shop, 'ch_2', 'work')])).toBe('breaks');
    const lost = (shop: ShopTale) => shop.story.cross('op', 'oncall.page', { about: 'ch_2' })({});
    expect(left((shop) => [page(shop, 'ch_1'), lost(shop)])).toBe('breaks');
  });

  it('breaks when an event has been due for longer than a lease, by a millisecond', () => {
    const waits = (state: 'READY' | 'PARKED' | 'CLAIMED' | 'DONE' | 'DEAD', ms: number) =>
      judged(
        (shop) => {
          shop.keeps('evt_1', { state });
          shop.story.wait(ms);
        },
        { leaseMs: 1_000 },
      );
    for (const state of ['READY', 'PARKED', 'CLAIMED'] as const) {
      expect(waits(state, 1_000)).toEqual({ verdict: 'holds', judged: 1 });
      expect(waits(state, 1_001)).toEqual({
        verdict: 'breaks',
        because: `event evt_1 is ${state} and has been due for 1001 ms`,
        crossings: [0],
      });
    }
    for (const state of ['DONE', 'DEAD'] as const) expect(waits(state, 1_001).verdict).toBe('holds');
  });
});
