// Convinces by an order and a refund whose key is used for other money and refused, and by each way of not refusing it.

import { describe, expect, it } from 'vitest';
import type { Answer, Crossing } from '../history/history.ts';
import { conflictRejected } from './conflict-rejected.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { paid, ships } from './testing-shop-stories.ts';
import { good, okAnswer, toldAnswer } from './testing-values.ts';

const conflict = toldAnswer('rejected', 'idempotency_conflict');
const check = (story: ShopTale) => conflictRejected.check(story.done());
const because = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

/** An order of 5.00 that went well; then `b` asks for `amountMinor` under its key. */
function another(answer: Answer, during: (story: ShopTale) => void = () => {}, amountMinor = 600): ShopTale {
  const { story } = paid();
  ships({ story });
  const request = story.order('b', { amountMinor });
  during(story);
  story.answer(request, answer);
  return story;
}

describe('S6 of orders', () => {
  it('holds for a key that is refused to another amount', () => {
    expect(check(another(conflict))).toMatchObject({ verdict: 'holds', judged: 2 });
  });

  it.each([
    ['ok', okAnswer()],
    ['failed (declined)', toldAnswer('failed', 'declined')],
    ['unknown (outcome_unknown)', toldAnswer('unknown', 'outcome_unknown')],
    ['rejected (idempotency_in_progress)', toldAnswer('rejected', 'idempotency_in_progress')],
  ])('breaks when it is answered %s', (words, answer) => {
    const asked = another(answer);
    expect(check(asked)).toMatchObject({ verdict: 'breaks' });
    if (words !== 'ok') expect(check(asked)).toMatchObject(because(`was told ${words}`));
  });

  it('breaks at what is done for it, though it is refused', () => {
    const sends = another(conflict, (story) => void story.serves('b', 'inventory.reserve'));
    expect(check(sends)).toMatchObject(because('there was a inventory.reserve for it'));
    const refunds = another(conflict, (story) => void story.serves('c', 'inventory.reserve'));
    expect(check(refunds).verdict).toBe('holds');
  });

  it('breaks when the money of the other payload is answered, whatever the trace shows', () => {
    const story = shopTale();
    const first = story.order('a');
    const second = story.order('b', { amountMinor: 600 });
    story.answer(first, okAnswer());
    story.answer(second, okAnswer());
    expect(check(story)).toMatchObject(because('asked for 600 USD and was told ok about 500 USD'));
  });

  it('breaks at a conflict between requests that are the same', () => {
    expect(check(another(conflict, undefined, 500))).toMatchObject(because('had the same payload'));
  });

  it('asks nothing of who came before the key was taken, or of another key', () => {
    const story = shopTale();
    const early = story.order('b', { amountMinor: 600 });
    story.order('a');
    story.begins('a', { reserve: 'started' });
    story.answer(early, toldAnswer('unknown', 'outcome_unknown'));
    expect(check(story).verdict).toBe('holds');
    const other = shopTale();
    const order = other.order('a');
    other.begins('a', { reserve: 'started' });
    other.answer(order, okAnswer());
    other.answer(other.order('b', { amountMinor: 600, key: 'k9' }), toldAnswer('failed', 'declined'));
    expect(check(other).verdict).toBe('holds');
  });
});

describe('S6 of refunds', () => {
  const record = { key: 'refund/r1' };
  /** A refund of 5.00 that is claimed, and `told` to `b` who asks for 1.00 under its key. */
  function twice(told: Answer, during: (story: ShopTale, request: Crossing) => void = () => {}) {
    const { story, charge } = paid();
    ships({ story });
    const first = story.asksBack('x');
    story.claim('x', record);
    story.refunds('x', charge);
    story.write('x', 'store.complete', { record: { ...record, state: 'COMPLETED' } });
    story.answer(first, okAnswer());
    const second = story.asksBack('y', { amountMinor: 100 });
    story.claim('y', { ...record, state: 'COMPLETED' }, { owned: false, fingerprint: 'other' });
    during(story, second);
    story.answer(second, told);
    return check(story);
  }

  it('holds when the key is refused, and breaks when it is not', () => {
    expect(twice(conflict).verdict).toBe('holds');
    expect(twice(okAnswer('ch_1', { amountMinor: 100 }))).toMatchObject(because('was told ok'));
    expect(twice(toldAnswer('failed', 'refund_failed'))).toMatchObject(because('was told failed'));
  });

  it('breaks when money is sent for it', () => {
    const sent = twice(conflict, (story) => {
      story.cross('y', 'gateway.refund', { chargeId: 'ch_1' })({ effect: good({}), reply: good({}) });
    });
    expect(sent).toMatchObject(because('there was a gateway.refund for it'));
  });

  it('lets a key go on that was let go', () => {
    const story = shopTale();
    const first = story.asksBack('x');
    story.claim('x', record);
    story.write('x', 'store.release', { record: { ...record, state: 'RELEASED' } });
    story.answer(first, toldAnswer('rejected', 'refund_exceeds_capture'));
    const second = story.asksBack('y', { amountMinor: 100 });
    story.claim('y', record);
    story.answer(second, okAnswer('ch_1', { amountMinor: 100 }));
    expect(check(story).verdict).toBe('holds');
  });
});
