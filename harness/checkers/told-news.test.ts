// Convinces by one event on its way from the ledger to its subscriber, lost at each place where it can be.

import { describe, expect, it } from 'vitest';
import { good } from './testing-values.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';
import { unknownsFound } from './unknowns-found.ts';

const id = 'capture/ch_1';
const type = 'payment.capture';

const commits =
  (fresh: readonly string[] = [id]) =>
  ({ story }: ShopTale) =>
    story.cross('a', 'ledger.commit', [{ effect: id, entries: [], events: [{ id, type }] }])({
      effect: good({ committed: true, outcomes: [{ effect: id, newEvents: fresh }] }),
    });
const settles =
  (kind: 'delivered' | 'failed' | 'dead', taken = true) =>
  ({ story }: ShopTale) =>
    story.cross('sweep:1', 'outbox.settle', { id, token: 1, outcome: { kind } })({ effect: good(taken) });
const tells =
  (about = id, notice = type) =>
  ({ story }: ShopTale) =>
    story.logs('sweep:1', { notice, about });

function judged(...acts: readonly ((shop: ShopTale) => unknown)[]) {
  const shop = shopTale();
  for (const act of acts) act(shop);
  shop.story.incident({ kind: 'settled' });
  return unknownsFound.check(shop.done());
}

describe('L5 of news', () => {
  it('holds when its subscriber has heard of it, before or after it was marked', () => {
    expect(judged(commits(), tells(), settles('delivered'))).toEqual({ verdict: 'holds', judged: 1 });
    expect(judged(commits(), settles('delivered'), tells()).verdict).toBe('holds');
  });

  it('breaks when it was marked as delivered, and nobody was told, or of something else', () => {
    expect(judged(commits(), settles('delivered'))).toEqual({
      verdict: 'breaks',
      because: `event ${id} was committed, and nobody was told of it or of its failure`,
      crossings: [0, 1],
    });
    expect(judged(commits(), tells('capture/ch_2'), settles('delivered')).verdict).toBe('breaks');
    expect(judged(commits(), tells(id, 'payment.refund'), settles('delivered')).verdict).toBe('breaks');
  });

  it('breaks when nobody takes it up, and holds when it is given up openly', () => {
    expect(judged(commits()).verdict).toBe('breaks');
    expect(judged(commits(), settles('failed')).verdict).toBe('breaks');
    expect(judged(commits(), settles('dead')).verdict).toBe('holds');
    expect(judged(commits(), settles('dead', false)).verdict).toBe('breaks');
  });

  it('asks for what a commit has brought, not for what was there before', () => {
    expect(judged(commits([]))).toEqual({ verdict: 'holds', judged: 0 });
  });
});
