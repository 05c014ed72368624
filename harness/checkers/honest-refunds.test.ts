// Convinces by a refund that was given and told so, and by the same history with one of its facts or answers changed.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { honestAnswers } from './honest-answers.ts';
import type { Refunding, ShopTale } from './testing-shop.ts';
import { paid, settles, ships } from './testing-shop-stories.ts';
import { okAnswer, toldAnswer } from './testing-values.ts';

interface Given {
  readonly answer: Answer;
  readonly refund?: Refunding | 'none';
  readonly asked?: Parameters<ShopTale['asksBack']>[1];
  readonly actor?: string;
  readonly before?: boolean;
  readonly another?: boolean;
}

/** An order was shipped, and its client asks for the money back. */
function told({ answer, refund = {}, asked, actor = 'r', before = false, another = false }: Given) {
  const { story, charge } = paid();
  ships({ story });
  const request = story.asksBack(actor, asked);
  if (before) story.answer(request, answer);
  if (refund !== 'none') story.refunds(actor, charge, refund);
  if (!before) story.answer(request, answer);
  if (another) story.answer(story.asksBack('s', { key: 'r2', ...asked }), answer);
  settles(story, 'ok');
  return honestAnswers.check(story.done());
}

const broken = (text: string) => ({ verdict: 'breaks', because: expect.stringContaining(text) });

describe('S13 of refunds', () => {
  it('holds for a refund that was given before it was told', () => {
    expect(told({ answer: okAnswer() })).toMatchObject({ verdict: 'holds' });
    // What came back later is another promise that is broken, not an untrue answer.
    const later = told({ answer: okAnswer(), refund: { status: 'failed', afterMs: 9 } });
    expect(later).toMatchObject(broken('were back, and 0 are'));
  });

  it('breaks when somebody is told ok about money that did not go back', () => {
    const never = broken('but the gateway had not given it back');
    expect(told({ answer: okAnswer(), refund: 'none' })).toMatchObject(never);
    expect(told({ answer: okAnswer(), before: true })).toMatchObject(never);
    expect(told({ answer: okAnswer(), refund: { acknowledged: 'pending' } })).toMatchObject(never);
    expect(told({ answer: okAnswer(), refund: { status: 'succeeded', afterMs: 1 } })).toMatchObject(never);
    expect(told({ answer: okAnswer(), refund: { amountMinor: 499 } })).toMatchObject(never);
    expect(told({ answer: okAnswer('ch_9') })).toMatchObject(broken('no such charge of this purchase'));
    expect(told({ answer: okAnswer('ch_1', { amountMinor: 499 }) })).toMatchObject(
      broken('but had asked for 500 USD'),
    );
  });

  it('breaks when it is told of a refund that another purchase has', () => {
    const { story, charge } = paid();
    const other = story.book({ ...charge, id: 'ch_2', paymentToken: 'tok:shop:k2' });
    const request = story.asksBack('r');
    story.refunds('x', other);
    story.answer(request, okAnswer('ch_2'));
    expect(honestAnswers.check(story.done())).toMatchObject(broken('no such charge of this purchase'));
  });

  it('breaks when one refund is told to two who asked for one each', () => {
    const half = { asked: { amountMinor: 250 }, answer: okAnswer('ch_1', { amountMinor: 250 }) };
    const refund = { amountMinor: 250 };
    expect(told({ ...half, refund }).verdict).toBe('holds');
    expect(told({ ...half, refund, another: true })).toMatchObject(
      broken('2 refunds of 250 USD of charge ch_1 were answered ok, and the gateway made 1'),
    );
  });

  it('breaks when who has the money is told that it was not given', () => {
    expect(told({ answer: toldAnswer('failed', 'refund_refused') })).toMatchObject(
      broken(
        'was told failed (refund_refused) about refund r1, but refund re_ch_1_0 of 500 USD is succeeded',
      ),
    );
    const pending = { acknowledged: 'pending' } as const;
    expect(told({ answer: toldAnswer('failed', 'refund_refused'), refund: pending }).verdict).toBe('breaks');
    for (const refund of ['none', { status: 'failed' }] as const)
      expect(told({ answer: toldAnswer('failed', 'refund_failed'), refund }).verdict).toBe('holds');
  });

  it('lets a request be rejected beside another, and not the one who asks after all has settled', () => {
    const answer = toldAnswer('rejected', 'refund_exceeds_capture');
    expect(told({ answer }).verdict).toBe('holds');
    expect(told({ answer, actor: 'ask:2' }).verdict).toBe('breaks');
    expect(told({ answer, actor: 'ask:2', refund: 'none' }).verdict).toBe('holds');
  });
});
