// Convinces by an order that is asked for again once it has ended, and by the same history with one answer that differs.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { stableReplay } from './stable-replay.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { paid, ships, undone } from './testing-shop-stories.ts';
import { good, okAnswer, toldAnswer } from './testing-values.ts';

const check = (story: ShopTale) => stableReplay.check(story.done());

function again(story: ShopTale, answer: Answer, fingerprint = 'sha'): ShopTale {
  const request = story.order('b');
  const record = { state: 'COMPLETED', fingerprint };
  const opened = good({ owned: false, record, nowMs: 0 });
  story.cross('b', 'saga.open', { saga: 'checkout', id: 'shop/k1', attemptId: 'b', fingerprint })({
    effect: opened,
    reply: opened,
  });
  story.answer(request, answer);
  return story;
}

function shipped(): ShopTale {
  const { story } = paid();
  ships({ story });
  return story;
}

describe('S7 of orders', () => {
  it('holds for the same answer, and breaks for any other', () => {
    const first = shipped();
    const body = okAnswer().body;
    expect(check(again(first, okAnswer()))).toMatchObject({ verdict: 'holds', judged: 1 });
    expect(check(again(shipped(), { ...okAnswer(), body: `${body} ` }))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('for the same order k1 of shop'),
    });
    expect(check(again(shipped(), toldAnswer('failed', 'not_charged'))).verdict).toBe('breaks');
    expect(check(again(shipped(), toldAnswer('unknown', 'outcome_unknown'))).verdict).toBe('holds');
  });

  it('breaks when an order that is undone is answered with another failure, or with success', () => {
    const { story } = undone();
    const told = (answer: Answer) => check(again(undone().story, answer));
    const known = story.done().crossings.find(({ site }) => site === 'client.checkout')?.reply;
    const answer = (known?.ok ? known.value : undefined) as Answer;
    expect(answer.kind).toBe('failed');
    expect(told(answer)).toMatchObject({ verdict: 'holds', judged: 1 });
    expect(told({ ...answer, body: 'because' }).verdict).toBe('breaks');
    expect(told(okAnswer()).verdict).toBe('breaks');
  });

  it('compares no failure that was told before the end was kept', () => {
    const story = shopTale();
    const order = story.order('a');
    story.begins('a', { reserve: 'started' });
    story.answer(order, toldAnswer('failed', 'declined'));
    expect(check(again(story, okAnswer()))).toMatchObject({ verdict: 'holds', judged: 0 });
  });

  it('compares no failure that was told before an end that was kept later', () => {
    const { story } = paid();
    story.answer(story.order('b'), toldAnswer('failed', 'declined'));
    ships({ story });
    expect(check(again(story, okAnswer()))).toMatchObject({ verdict: 'holds', judged: 1 });
    const late = shipped();
    late.answer(late.order('c'), toldAnswer('failed', 'declined'));
    expect(check(late).verdict).toBe('breaks');
  });

  it('breaks when the same order is taken down under another fingerprint', () => {
    expect(check(again(shipped(), okAnswer(), 'md5'))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('fingerprints sha and md5'),
    });
  });
});

describe('S7 of refunds', () => {
  it('breaks when a refund that was given is answered in other words', () => {
    const twice = (body: string) => {
      const story = shopTale();
      for (const actor of ['x', 'y']) {
        const request = story.asksBack(actor);
        story.claim(actor, { key: 'refund/r1' }, { owned: actor === 'x' });
        story.answer(request, { ...okAnswer(), body: actor === 'x' ? 'given' : body });
      }
      return check(story).verdict;
    };
    expect(twice('given')).toBe('holds');
    expect(twice('given again')).toBe('breaks');
  });
});
