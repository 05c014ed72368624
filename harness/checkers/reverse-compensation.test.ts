// Convinces by one way back that is right, and by the same with two of its steps, intents or keys exchanged.

import { describe, expect, it } from 'vitest';
import { reverseCompensation } from './reverse-compensation.ts';
import { tale } from './testing.ts';
import { type ShopTale, type Steps, shopTale } from './testing-shop.ts';
import { ends, paid, reserved, turnsBack, undoes, undone } from './testing-shop-stories.ts';
import { bad } from './testing-values.ts';

const going = { state: 'COMPENSATING' } as const;

/** A paid order whose way back is written down as `writes`, from the latest step. */
function wayBack(...writes: readonly Steps[]) {
  const { story } = paid();
  for (const steps of writes) story.saves('a', { reserve: 'done', authorize: 'done', ...steps }, going);
  return reverseCompensation.check(story.done());
}

describe('S9 reverse-compensation', () => {
  it('holds for a way back in exact reverse', () => {
    expect(reverseCompensation.check(undone().story.done())).toEqual({ verdict: 'holds', judged: 3 });
  });

  it('judges nothing of an order that went well, or without a shop', () => {
    expect(reverseCompensation.check(paid().story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(reverseCompensation.check(tale().done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('breaks when an earlier step is undone before a later one', () => {
    expect(
      wayBack({ authorize: 'undoing', capture: 'done' }, { authorize: 'undone', capture: 'undoing' }),
    ).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 began to undo capture after authorize, which came before it',
    });
    expect(
      wayBack({ authorize: 'done', capture: 'undoing' }, { authorize: 'undoing', capture: 'undone' }).verdict,
    ).toBe('holds');
  });

  it('lets the next be undone while the last is accepted and not yet done', () => {
    expect(
      wayBack({ authorize: 'done', capture: 'undoing' }, { authorize: 'undoing', capture: 'undoing' })
        .verdict,
    ).toBe('holds');
  });

  it('breaks when something is undone while it is unknown whether a later step happened', () => {
    const tried = (ship: Steps[string]) => wayBack({ capture: 'undoing', ship });
    expect(tried('started')).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('while it was not known whether ship had happened'),
    });
    expect(tried('not-done').verdict).toBe('holds');
    expect(tried({ state: 'started', stuck: true }).verdict).toBe('holds');
  });

  it('sees a step that was undone in the write that says so', () => {
    expect(
      wayBack({ authorize: 'undone', capture: 'done' }, { authorize: 'undone', capture: 'undone' }).verdict,
    ).toBe('breaks');
  });

  it('does not judge what a repair does', () => {
    const repaired = (stuck: boolean) => {
      const { story } = paid();
      const failed = { state: 'FAILED_COMPENSATION' } as const;
      const capture = { state: 'done', stuck: true } as const;
      story.leaves('a', { reserve: 'undone', authorize: 'done', capture }, failed);
      story.takesUp('operator', 'repair');
      story.saves(
        'operator',
        { reserve: 'undone', authorize: 'done', capture: stuck ? capture : 'undoing' },
        going,
      );
      story.saves(
        'operator',
        { reserve: 'undone', authorize: 'undoing', capture: stuck ? capture : 'undone' },
        going,
      );
      return reverseCompensation.check(story.done()).verdict;
    };
    expect(repaired(false)).toBe('holds');
    expect(repaired(true)).toBe('breaks');
  });

  it('judges every saga by itself', () => {
    const { story } = undone();
    story.begins('b', { reserve: 'started' }, { id: 'shop/k2' });
    story.saves('b', { reserve: 'done', authorize: 'undoing' }, { id: 'shop/k2', ...going });
    expect(reverseCompensation.check(story.done())).toEqual({ verdict: 'holds', judged: 4 });
    story.saves('b', { reserve: 'undoing', authorize: 'undone' }, { id: 'shop/k2', ...going });
    story.begins('c', { reserve: 'undoing', authorize: 'done' }, { id: 'shop/k3' });
    story.saves('c', { reserve: 'undone', authorize: 'undoing' }, { id: 'shop/k3', ...going });
    expect(reverseCompensation.check(story.done()).verdict).toBe('breaks');
  });

  describe('by what was done, whatever the journal says', () => {
    const voids = (story: ShopTale, charge: ReturnType<typeof paid>['charge']) => story.refunds('a', charge);

    it.each([
      ['after', 'holds'],
      ['before', 'breaks'],
    ] as const)('the goods are let go %s the money', (when, verdict) => {
      const { story, charge } = paid();
      turnsBack(story);
      if (when === 'after') voids(story, charge);
      undoes(story);
      if (when === 'before') voids(story, charge);
      ends(story);
      expect(reverseCompensation.check(story.done()).verdict).toBe(verdict);
    });

    it('forgives it of a saga that people were called for', () => {
      const { story, charge } = paid();
      turnsBack(story);
      story.saves(
        'a',
        { reserve: 'done', authorize: 'done', capture: { state: 'undoing', stuck: true } },
        going,
      );
      story.serves('a', 'inventory.release');
      voids(story, charge);
      expect(reverseCompensation.check(story.done()).verdict).toBe('holds');
    });

    it('forgives it of a charge that the gateway had not answered with', () => {
      const { story } = reserved();
      turnsBack(story);
      story.serves('a', 'inventory.release');
      const late = story.book({ id: 'ch_late', status: 'authorized' });
      story.voids('twin:deliver:evt_1', late);
      expect(reverseCompensation.check(story.done()).verdict).toBe('holds');
    });

    it('forgives it of a charge that was answered only after the saga had turned back', () => {
      const charged = (when: 'before' | 'after') => {
        const story = shopTale();
        story.order('a');
        story.begins('a', { reserve: 'started' });
        story.serves('a', 'inventory.reserve');
        story.saves('a', { reserve: 'done', authorize: 'started' });
        if (when === 'before') story.send('a');
        story.saves('b', { reserve: 'undoing', authorize: 'not-done' }, going);
        if (when === 'after') story.send('a');
        story.serves('b', 'inventory.release');
        story.voids('b', story.book({ status: 'authorized', capturedMinor: 0 }));
        return reverseCompensation.check(story.done()).verdict;
      };
      expect(charged('before')).toBe('breaks');
      expect(charged('after')).toBe('holds');
    });

    it('has the goods let go first where the money was taken first', () => {
      const story = shopTale();
      story.order('a');
      story.begins('a', { authorize: 'started' });
      story.send('a');
      const charge = story.book({ status: 'authorized', capturedMinor: 0 });
      story.saves('a', { authorize: 'done', reserve: 'started' });
      story.serves('a', 'inventory.reserve');
      story.saves('a', { authorize: 'done', reserve: 'undoing' }, going);
      story.serves('a', 'inventory.release');
      story.voids('a', charge);
      expect(reverseCompensation.check(story.done()).verdict).toBe('holds');
    });

    it('counts a release only when it had an effect, and one for each saga of the order', () => {
      const { story } = undone();
      const lost = { effect: undefined, reply: bad('store_unavailable', 'unknown') };
      story.cross('b', 'inventory.release', { idempotencyKey: 'fresh', order: 'shop/k1' })(lost);
      expect(reverseCompensation.check(story.done()).verdict).toBe('holds');
      story.order('b', { key: 'k2' });
      story.begins('b', { reserve: 'done' }, { id: 'shop/k2' });
      story.serves('b', 'inventory.release', { key: 'fresh', order: 'k1' });
      expect(reverseCompensation.check(story.done()).verdict).toBe('holds');
    });

    it('lets the goods be released again under the same key, and not under another', () => {
      const released = (key: string) => {
        const { story } = undone();
        story.serves('b', 'inventory.release', { key });
        return reverseCompensation.check(story.done());
      };
      expect(released('inventory.release').verdict).toBe('holds');
      expect(released('fresh')).toMatchObject({
        verdict: 'breaks',
        because: 'the goods of order tok:shop:k1 were released under 2 keys: inventory.release, fresh',
      });
    });
  });

  it('promises nothing without a trace', () => {
    expect(reverseCompensation.check(undone().story.done({ trace: false })).verdict).toBe('not-promised');
  });
});
