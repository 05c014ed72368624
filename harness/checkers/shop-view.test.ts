// Convinces by histories whose orders, sagas and names are known, and by the nearest ones that must not be linked.

import { describe, expect, it } from 'vitest';
import { entriesInto, shopOf, stepsIn } from './shop-view.ts';
import { tale } from './testing.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { undone } from './testing-shop-stories.ts';
import { good } from './testing-values.ts';

function viewOf(tell: (story: ShopTale) => void) {
  const story = shopTale();
  tell(story);
  return shopOf(story.done());
}

const namesIn = (tell: (story: ShopTale) => void) =>
  viewOf(tell)?.orders.map(({ names }) => [...names].sort());

describe('the view of a shop', () => {
  it('is none where there is no shop, and the same for the same history', () => {
    expect(shopOf(tale().done())).toBeUndefined();
    const history = shopTale().done();
    expect(shopOf(history)).toBe(shopOf(history));
  });

  it('gives each history a view of its own', () => {
    expect(viewOf((s) => s.order('a'))?.orders).toHaveLength(1);
    expect(viewOf(() => {})?.orders).toHaveLength(0);
  });

  it('links a saga with the order whose request opened it first', () => {
    const view = viewOf((s) => {
      s.order('a');
      s.order('b', { paymentToken: 'tok:other', key: 'k2' });
      s.begins('a', { reserve: 'started' }, { id: 'x' });
      s.begins('b', { reserve: 'started' }, { id: 'x' });
      s.begins('recover:1', { reserve: 'started' }, { id: 'y' });
    });
    expect(view?.sagas.map(({ order }) => order?.token)).toEqual(['tok:shop:k1', undefined]);
    expect(view?.orders.map(({ sagas }) => sagas.length)).toEqual([1, 0]);
  });

  it('links it by the token in its context where nobody was seen to open it', () => {
    const context = (paymentToken: string) => ({ progress: { context: { paymentToken } } });
    const orderOf = (paymentToken: string) =>
      viewOf((s) => {
        s.order('a');
        s.begins('recover:1', { reserve: 'started' }, context(paymentToken));
      })?.sagas[0]?.order?.token;
    expect(orderOf('tok:shop:k1')).toBe('tok:shop:k1');
    expect(orderOf('tok:shop:k10')).toBeUndefined();
  });

  it('knows an order by its scope and key, its saga, and what its own actor tells the services', () => {
    expect(
      namesIn((s) => {
        s.order('a');
        s.begins('a', { reserve: 'started' }, { id: 'saga-7' });
        s.serves('a', 'inventory.reserve', { order: 'basket-9' });
        s.serves('b', 'inventory.reserve', { order: 'basket-8' });
      }),
    ).toEqual([['basket-9', 'k1', 'saga-7', 'shop/k1']]);
  });

  it('knows no order by a key that two scopes use', () => {
    expect(
      namesIn((s) => {
        s.order('a');
        s.order('b', { paymentToken: 'tok:other', scope: 'else' });
      }),
    ).toEqual([['shop/k1'], ['else/k1']]);
  });

  it('takes in what the journal did, in its order, and nothing that it refused', () => {
    const story = shopTale();
    story.begins('a', { reserve: 'started' });
    const refused = good({ written: false, record: null, nowMs: 0 });
    story.saves('b', { reserve: 'undone' }, { effect: refused });
    const held = good({ owned: false, record: shopOf(story.done())?.sagas[0]?.final, nowMs: 0 });
    story.takesUp('c', 'recovery', { effect: held });
    const late = story.saves('a', { reserve: 'done' });
    const early = story.saves('a', { reserve: 'undoing' });
    const [first, second] = [late.applied, early.applied];
    Object.assign(late, { applied: second });
    Object.assign(early, { applied: first });
    const states = shopOf(story.done())?.sagas[0]?.moments.map(({ steps }) => steps[0]?.state);
    expect(states).toEqual(['started', 'undoing', 'done']);
  });

  it('tells when a saga came into a state, not how long it stayed', () => {
    const view = shopOf(undone().story.done());
    const [saga] = view?.sagas ?? [];
    expect(saga && entriesInto(saga, 'COMPENSATING')).toHaveLength(1);
    expect(saga && entriesInto(saga, 'RUNNING')).toHaveLength(1);
  });

  it('reads no steps out of what is not in the documented shape', () => {
    for (const progress of ['', '[]', 'null', '{"steps":3}', '{']) expect(stepsIn({ progress })).toEqual([]);
  });

  it('knows whether a ledger is kept', () => {
    expect(viewOf(() => {})?.keepsLedger).toBe(false);
    expect(viewOf((s) => s.posts(s.book(), 'capture'))?.keepsLedger).toBe(true);
    expect(viewOf((s) => s.cross('a', 'ledger.totals', {})({}))?.keepsLedger).toBe(true);
  });
});
