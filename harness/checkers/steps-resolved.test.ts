// Convinces by orders that went well and that were undone, and by the same with one step left open, forgotten, claimed
// without ground, or done before it was written down.

import { describe, expect, it } from 'vitest';
import type { SagaState } from '../../src/saga/journal.ts';
import { stepsResolved } from './steps-resolved.ts';
import { tale } from './testing.ts';
import { type Steps, shopTale } from './testing-shop.ts';
import { paid, reserved, ships, undone } from './testing-shop-stories.ts';

function endsWith(state: SagaState, steps: Steps) {
  const story = shopTale();
  story.begins('a', steps);
  story.leaves('a', steps, { state });
  return stepsResolved.check(story.done());
}

describe('S10 steps-resolved', () => {
  it('holds for an order that went well and for one that was undone', () => {
    const { story } = paid();
    ships({ story });
    expect(stepsResolved.check(story.done())).toEqual({ verdict: 'holds', judged: 4 });
    expect(stepsResolved.check(undone().story.done())).toEqual({ verdict: 'holds', judged: 4 });
    expect(stepsResolved.check(tale().done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it.each<[SagaState, Steps, 'holds' | 'breaks']>([
    ['COMPLETED', { reserve: 'done' }, 'holds'],
    ['COMPLETED', { reserve: 'started' }, 'breaks'],
    ['COMPLETED', { reserve: 'not-done' }, 'breaks'],
    ['COMPENSATED', { reserve: 'undone', ship: 'not-done' }, 'holds'],
    ['COMPENSATED', { reserve: 'done', ship: 'not-done' }, 'holds'],
    ['COMPENSATED', { reserve: 'undoing', ship: 'not-done' }, 'breaks'],
    ['COMPENSATED', { reserve: 'undone', ship: 'started' }, 'breaks'],
    ['COMPENSATED', { reserve: { state: 'undoing', stuck: true } }, 'breaks'],
    ['FAILED_COMPENSATION', { reserve: { state: 'undoing', stuck: true } }, 'holds'],
    ['FAILED_COMPENSATION', { reserve: 'undoing' }, 'breaks'],
    ['COMPENSATING', { reserve: 'undoing' }, 'holds'],
    ['RUNNING', { reserve: 'started' }, 'holds'],
  ])('of a saga that is %s with %o it %s', (state, steps, verdict) => {
    expect(endsWith(state, steps).verdict).toBe(verdict);
  });

  it('says which step was left open', () => {
    expect(endsWith('COMPENSATED', { reserve: 'undone', ship: 'started' })).toMatchObject({
      because: 'saga checkout shop/k1 ended as COMPENSATED with ship started',
    });
  });

  it('breaks when an order is shipped under two keys', () => {
    const shipped = (...keys: readonly string[]) => {
      const { story } = paid();
      for (const key of keys) story.serves('a', 'shipping.ship', { key });
      return stepsResolved.check(story.done());
    };
    expect(shipped('ship').verdict).toBe('holds');
    expect(shipped('ship', 'ship/2')).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 had order tok:shop:k1 shipped more than once',
    });
  });

  it('breaks when the journal forgets a step', () => {
    const story = shopTale();
    story.begins('a', { reserve: 'done', ship: 'started' });
    story.leaves('a', { reserve: 'undone' }, { state: 'COMPENSATED' });
    expect(stepsResolved.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 had begun ship, and its journal no longer knows of it',
    });
  });

  it('breaks when an order is called complete and there is no shipment, or no money', () => {
    const all = { reserve: 'done', authorize: 'done', capture: 'done', ship: 'done' } as const;
    const complete = { state: 'COMPLETED' } as const;
    const unsent = paid();
    unsent.story.leaves('a', all, complete);
    expect(stepsResolved.check(unsent.story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('the carrier has no shipment of order tok:shop:k1'),
    });
    const unpaid = paid();
    Object.assign(unpaid.charge, { status: 'authorized', capturedMinor: 0 });
    unpaid.story.serves('a', 'shipping.ship');
    unpaid.story.leaves('a', all, complete);
    expect(stepsResolved.check(unpaid.story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('the gateway has captured nothing'),
    });
  });

  describe('as to what is done before it is written down', () => {
    it.each([
      ['before', 'breaks'],
      ['after', 'holds'],
    ] as const)('the goods are held %s the saga is begun', (when, verdict) => {
      const story = shopTale();
      story.order('a');
      if (when === 'before') story.serves('a', 'inventory.reserve');
      story.begins('a', { reserve: 'started' });
      if (when === 'after') story.serves('a', 'inventory.reserve');
      expect(stepsResolved.check(story.done()).verdict).toBe(verdict);
    });

    it.each([
      ['done', 'breaks'],
      ['undoing', 'holds'],
      ['undone', 'breaks'],
    ] as const)('the goods are let go when the journal has them %s', (reserve, verdict) => {
      const { story } = paid();
      story.saves('a', { reserve, authorize: 'undone', capture: 'undone', ship: 'not-done' });
      story.serves('b', 'inventory.release');
      expect(stepsResolved.check(story.done()).verdict).toBe(verdict);
    });

    it('nothing but the goods is moved while a step is being undone', () => {
      const { story } = paid();
      const others = { reserve: 'done', authorize: 'done', capture: 'done', ship: 'not-done' } as const;
      story.saves('a', { ...others, label: 'undoing' });
      story.serves('b', 'shipping.ship');
      expect(stepsResolved.check(story.done())).toMatchObject({
        verdict: 'breaks',
        because: expect.stringContaining('knew of no step under way'),
      });
    });

    it('the payer is charged while no step is under way', () => {
      const charged = (authorize: 'started' | 'done') => {
        const story = shopTale();
        story.order('a');
        story.begins('a', { reserve: 'done', authorize });
        story.send('a');
        return stepsResolved.check(story.done()).verdict;
      };
      expect(charged('started')).toBe('holds');
      expect(charged('done')).toBe('breaks');
    });

    it.each([
      ['inventory.reserve', 'holds'],
      ['shipping.ship', 'breaks'],
    ] as const)('one step acts on the inventory and then by %s', (site, verdict) => {
      const story = shopTale();
      story.order('a');
      story.begins('a', { reserve: 'started' });
      story.serves('a', 'inventory.reserve');
      story.serves('a', site, { key: 'second' });
      expect(stepsResolved.check(story.done()).verdict).toBe(verdict);
    });

    it('the money is captured while a step is under way, or none', () => {
      const captured = (capture: 'started' | 'undone') => {
        const { story, charge } = reserved();
        story.saves('a', { reserve: 'done', authorize: 'done', capture });
        story.captures('a', charge);
        return stepsResolved.check(story.done()).verdict;
      };
      expect(captured('started')).toBe('holds');
      expect(captured('undone')).toBe('breaks');
    });

    it('a key that was used before may come late, and a sweep sends what it finds undecided', () => {
      const { story } = paid();
      ships({ story });
      story.serves('b', 'inventory.reserve');
      story.send('sweep:1', { key: 'g9' });
      expect(stepsResolved.check(story.done()).verdict).toBe('holds');
    });

    it('an order under two keys has two sagas, and either may have done it', () => {
      const { story } = paid();
      story.order('b', { key: 'k2' });
      story.begins('b', { reserve: 'started' }, { id: 'shop/k2' });
      story.serves('c', 'shipping.ship', { key: 'other' });
      story.saves('a', { reserve: 'done', authorize: 'done', capture: 'done', ship: 'done' });
      story.serves('c', 'shipping.ship', { key: 'third' });
      expect(stepsResolved.check(story.done()).verdict).toBe('holds');
    });
  });

  it('does not ask which of two sagas of an order has shipped it', () => {
    const { story } = paid();
    story.order('b', { key: 'k2' });
    story.begins('b', { ship: 'done' }, { id: 'shop/k2' });
    story.leaves('b', { ship: 'done' }, { id: 'shop/k2', state: 'COMPLETED' });
    expect(stepsResolved.check(story.done()).verdict).toBe('holds');
  });

  it('promises nothing without a trace', () => {
    expect(stepsResolved.check(undone().story.done({ trace: false })).verdict).toBe('not-promised');
  });
});
