// Convinces by one operation that is sent twice under one key, and by the same under two.

import { describe, expect, it } from 'vitest';
import { stableGatewayKey } from './stable-gateway-key.ts';
import type { ShopTale } from './testing-shop.ts';
import { paid, ships } from './testing-shop-stories.ts';
import { bad } from './testing-values.ts';

type Paid = ReturnType<typeof paid>;

function judged(tell: (paid: Paid) => void): string {
  const shop = paid();
  tell(shop);
  return stableGatewayKey.check(shop.story.done()).verdict;
}

const lost = { effect: bad('gateway_error', 'unknown'), reply: bad('gateway_error', 'unknown') };

describe('S18 of the operations of a shop', () => {
  it.each(['inventory.reserve', 'shipping.ship'] as const)('breaks when %s takes a second key', (site) => {
    const twice = (key: string, order = 'shop/k1') =>
      judged(({ story }) => {
        ships({ story });
        story.serves('recover:1', site, { key, order });
      });
    expect(twice(site)).toBe('holds');
    expect(twice('fresh')).toBe('breaks');
    expect(twice('fresh', 'shop/k2')).toBe('holds');
  });

  it('says nothing of services where a purchase was ordered under several keys', () => {
    const verdict = judged(({ story }) => {
      ships({ story });
      story.order('b', { key: 'k2' });
      story.serves('b', 'shipping.ship', { key: 'other', order: 'shop/k2' });
    });
    expect(verdict).toBe('holds');
  });

  it('breaks when a capture is sent again under another key', () => {
    const again = (key: string) => judged(({ story, charge }) => story.captures('b', charge, { key }));
    expect(again('gateway.capture ch_1')).toBe('holds');
    expect(again('fresh')).toBe('breaks');
  });

  const refunding = (tell: (story: ShopTale, charge: Paid['charge']) => void) =>
    judged(({ story, charge }) => {
      story.asksBack('x', { amountMinor: 100 });
      story.asksBack('x/1', { amountMinor: 100 });
      tell(story, charge);
    });

  it('breaks when a refund takes a second key for each who asks for it, though both are within what was paid', () => {
    const twice = (...keys: readonly string[]) =>
      refunding((story, charge) => {
        for (const [index, key] of keys.entries())
          story.refunds(index === 0 ? 'x' : 'x/1', charge, { amountMinor: 100, key });
      });
    expect(twice('r', 'r')).toBe('holds');
    expect(twice('r', 'r/1')).toBe('breaks');
  });

  it('breaks when the key changes while the first attempt was under way, whichever of them has the effect', () => {
    const changed = (first: object, then: object) =>
      refunding((story, charge) => {
        story.refunds('x', charge, { amountMinor: 100, key: 'r', ...first });
        story.refunds('x/1', charge, { amountMinor: 100, key: 'r/1', ...then });
      });
    expect(changed({}, lost)).toBe('breaks');
    expect(changed(lost, {})).toBe('holds');
    expect(changed({ effect: { ok: true, value: { status: 'failed' } } }, {})).toBe('holds');
  });

  it('takes the refunds of two keys for two', () => {
    const verdict = judged(({ story, charge }) => {
      for (const key of ['r1', 'r2']) {
        story.asksBack(key, { amountMinor: 100, key });
        story.refunds(key, charge, { amountMinor: 100, key });
      }
    });
    expect(verdict).toBe('holds');
  });
});
