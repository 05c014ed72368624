// Convinces by one short history for each way to a mark of orders, next to the nearest history that does not reach it.

import { describe, expect, it } from 'vitest';
import { marksOf } from './marks.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { shopStories } from './testing-shop-mark-stories.ts';

function reachedBy(tell: (story: ShopTale) => void): readonly string[] {
  const story = shopTale();
  tell(story);
  return marksOf(story.done());
}

describe('marks of orders', () => {
  it.each(shopStories)('reach $mark, and only when it happened', ({ mark, tell, nearly }) => {
    expect(reachedBy(tell)).toContain(mark);
    expect(reachedBy(nearly)).not.toContain(mark);
  });

  it('are not reached without a shop', () => {
    const told = new Set(shopStories.map(({ mark }) => mark));
    for (const { tell } of shopStories) {
      const story = shopTale();
      tell(story);
      const history = story.done();
      const { charges } = history.books;
      expect(marksOf({ ...history, books: { charges } }).filter((mark) => told.has(mark))).toEqual([]);
    }
  });
});
