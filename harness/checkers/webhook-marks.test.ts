// Convinces by one short history for each mark that reaches it, next to the nearest history that does not.

import { describe, expect, it } from 'vitest';
import type { History } from '../history/history.ts';
import { marksOf } from './marks.ts';
import { webhookStories } from './testing-webhook-stories.ts';
import { type ShopTale, shopTale } from './testing-webhooks.ts';
import { markWebhooks } from './webhook-marks.ts';

function told(tell: (shop: ShopTale) => void): History {
  const shop = shopTale();
  tell(shop);
  return shop.done();
}

describe('marks of webhooks, reports and counts', () => {
  it.each(webhookStories)('reach $mark, and only when it happened', ({ mark, tell, nearly }) => {
    expect(marksOf(told(tell))).toContain(mark);
    expect(marksOf(told(nearly))).not.toContain(mark);
  });

  it('are none where there is no shop', () => {
    const reached: string[] = [];
    for (const { tell } of webhookStories) {
      const { books, ...history } = told(tell);
      markWebhooks({ ...history, books: { charges: books.charges } }, (id) => reached.push(id));
    }
    expect(reached).toEqual([]);
  });
});
