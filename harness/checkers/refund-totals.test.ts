// Convinces by one shipped order of 500 and what clients asked back of it, each story beside the one that differs in the one
// thing that makes it honest.

import { describe, expect, it } from 'vitest';
import { honestAnswers } from './honest-answers.ts';
import type { ShopTale } from './testing-shop.ts';
import { paid, settles, ships, undone } from './testing-shop-stories.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

interface Told {
  readonly kind: 'ok' | 'failed' | 'pending' | 'rejected';
  readonly amountMinor?: number;
  readonly key?: string;
}

function asks(story: ShopTale, { kind, amountMinor = 200, key = 'r1' }: Told): void {
  const answer = kind === 'ok' ? okAnswer('ch_1', { amountMinor }) : toldAnswer(kind, 'told');
  story.answer(story.asksBack(`b ${key}`, { amountMinor, key }), answer);
}

/** What becomes of an order that was shipped, `tell` told of its refunds. */
function verdictOf(
  tell: (story: ShopTale, charge: ReturnType<typeof paid>['charge']) => void,
  terms: Parameters<ShopTale['done']>[0] = {},
) {
  const { story, charge } = paid();
  ships({ story });
  tell(story, charge);
  settles(story, 'ok');
  return honestAnswers.check(story.done(terms));
}

const refund = { amountMinor: 200 };

describe('S13 honest-answers to refunds', () => {
  it('holds when who was told ok has the money, and judges it', () => {
    expect(
      verdictOf((story, charge) => {
        story.refunds('b', charge, refund);
        asks(story, { kind: 'ok' });
      }),
    ).toEqual({ verdict: 'holds', judged: 4 });
  });

  it('breaks when who was told ok has nothing, and holds when people or the bank see to it', () => {
    const afterwards = (
      then: (story: ShopTale, charge: ReturnType<typeof paid>['charge'], id: string) => void,
    ) =>
      verdictOf((story, charge) => {
        const { id } = story.refunds('b', charge, { ...refund, status: 'failed' });
        asks(story, { kind: 'ok' });
        then(story, charge, id);
      });
    expect(afterwards(() => {})).toMatchObject({
      verdict: 'breaks',
      because: 'clients were told that 200 USD of charge ch_1 were back, and 0 are',
    });
    expect(afterwards((story, charge) => void story.refunds('c', charge, refund)).verdict).toBe('holds');
    expect(afterwards((story, _, id) => story.pages(`refund ${id} came back`)).verdict).toBe('holds');
    expect(afterwards((story, _, id) => story.pages(`refund ${id}0 came back`)).verdict).toBe('breaks');
    expect(afterwards((story, charge) => void story.disputes(charge, { amountMinor: 200 })).verdict).toBe(
      'holds',
    );
    expect(afterwards((story, charge) => void story.disputes(charge, { amountMinor: 199 })).verdict).toBe(
      'breaks',
    );
  });

  it('breaks when more was given back than was asked for, once for each key', () => {
    const twice = (keys: readonly string[], kind: Told['kind'] = 'ok') =>
      verdictOf((story, charge) => {
        for (const key of keys) {
          story.refunds('b', charge, { ...refund, key });
          asks(story, { kind, key });
        }
        story.refunds('b', charge, { ...refund, key: 'again' });
      });
    expect(twice(['r1'])).toMatchObject({
      verdict: 'breaks',
      because:
        'clients asked for 200 USD of charge ch_1 and were not told that it failed, and 400 were given back',
    });
    expect(
      verdictOf((story, charge) => {
        for (const key of ['r1', 'r2']) {
          story.refunds('b', charge, { ...refund, key });
          asks(story, { kind: 'pending', key });
        }
      }).verdict,
    ).toBe('holds');
  });

  it('breaks when money went back that a client was told had not', () => {
    const afterwards = (...kinds: readonly Told['kind'][]) =>
      verdictOf((story, charge) => {
        story.refunds('b', charge, refund);
        for (const kind of kinds) asks(story, { kind });
      }).verdict;
    expect(afterwards('failed')).toBe('breaks');
    expect(afterwards('rejected')).toBe('holds');
    // Who was told both is for S7 to judge.
    expect(afterwards('ok', 'failed')).toBe('holds');
  });

  it('takes the most that was asked for under a key, and what was promised of it', () => {
    const asked = (promised: number) =>
      verdictOf((story, charge) => {
        story.refunds('b', charge, { amountMinor: 300 });
        asks(story, { kind: 'rejected', amountMinor: 400 });
        asks(story, { kind: 'ok', amountMinor: promised });
      }).verdict;
    expect(asked(300)).toBe('holds');
    expect(asked(301)).toBe('breaks');
  });

  it('judges nothing of an order that was undone, before all has settled, or without a bound on delays', () => {
    const { story, charge } = undone();
    Object.assign(charge, { refunds: [] });
    asks(story, { kind: 'pending' });
    story.refunds('b', charge, { amountMinor: 500 });
    settles(story, 'failed');
    expect(honestAnswers.check(story.done()).verdict).not.toBe('not-promised');
    const failed = (s: ShopTale, c: typeof charge) => {
      s.refunds('b', c, refund);
      asks(s, { kind: 'failed' });
    };
    expect(verdictOf(failed).verdict).toBe('breaks');
    expect(verdictOf(failed, { broken: ['bounded-delay'] }).verdict).toBe('holds');
    const unsettled = paid();
    ships(unsettled);
    failed(unsettled.story, unsettled.charge);
    expect(honestAnswers.check(unsettled.story.done()).verdict).toBe('holds');
  });
});
