// Convinces by one order and one refund that are asked for once more, with every kind of answer there is.

import { describe, expect, it } from 'vitest';
import type { Answer, BookedCharge } from '../history/history.ts';
import { requestsFinish } from './requests-finish.ts';
import { orderIntent, type ShopTale, shopTale } from './testing-shop.ts';
import { paid, ships } from './testing-shop-stories.ts';
import { good, okAnswer } from './testing-values.ts';

const refund = {
  paymentToken: orderIntent.paymentToken,
  scope: 'shop',
  order: 'k1',
  key: 'r1',
  amountMinor: 500,
  currency: 'USD',
};

function told(site: 'client.checkout' | 'client.refund', answer: Answer | undefined, actor = 'ask:1') {
  const story = shopTale();
  const request = site === 'client.checkout' ? orderIntent : refund;
  const reply = answer === undefined ? {} : { effect: good(answer), reply: good(answer) };
  story.cross(actor, site, request)(reply);
  return requestsFinish.check(story.done());
}

const coded = (kind: 'failed' | 'rejected' | 'pending' | 'unknown', code: string): Answer =>
  kind === 'failed' ? { kind, code, body: '{}', replayed: true } : { kind, code, body: '{}' };

describe.each(['client.checkout', 'client.refund'] as const)('L1 requests-finish, of %s', (site) => {
  it('holds for an end, and for a refusal that stays one', () => {
    for (const end of [
      okAnswer('ch_1'),
      coded('failed', 'card_declined'),
      coded('rejected', 'idempotency_conflict'),
    ])
      expect(told(site, end)).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('breaks for what is still open, and says who was told what', () => {
    const name = site === 'client.checkout' ? 'order k1 of shop' : 'refund r1 of shop';
    expect(told(site, coded('unknown', 'outcome_unknown'))).toMatchObject({
      verdict: 'breaks',
      because: `ask:1 asked for ${name} after everything had healed and was told unknown (outcome_unknown)`,
      crossings: [0],
    });
    for (const open of [
      undefined,
      coded('pending', 'payment_pending'),
      coded('rejected', 'store_unavailable'),
      coded('unknown', 'saga_compensation'),
    ])
      expect(told(site, open).verdict).toBe('breaks');
  });

  it('asks nothing of answers that were given during the storm', () => {
    expect(told(site, coded('unknown', 'outcome_unknown'), 'o1')).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('lets who waits for the payer be told the end later, and breaks without one', () => {
    const waits = coded('pending', 'authentication_required');
    expect(told(site, waits).verdict).toBe('breaks');
    const twice = (first: Answer, last: Answer) => {
      const story = shopTale();
      const request = site === 'client.checkout' ? orderIntent : refund;
      story.cross('ask:1', site, request)({ effect: good(first), reply: good(first) });
      story.cross('ask:last:1', site, request)({ effect: good(last), reply: good(last) });
      return requestsFinish.check(story.done());
    };
    expect(twice(waits, coded('failed', 'not_charged'))).toEqual({ verdict: 'holds', judged: 1 });
    expect(twice(waits, waits)).toMatchObject({ verdict: 'breaks', crossings: [1] });
    expect(twice(coded('pending', 'payment_pending'), okAnswer('ch_1'))).toMatchObject({
      verdict: 'breaks',
      crossings: [0],
    });
  });
});

describe('L1 requests-finish, of an order', () => {
  it('is for people only while it waits for them', () => {
    const told = (state: 'FAILED_COMPENSATION' | 'COMPENSATING', since: 'before' | 'after') => {
      const { story } = paid();
      if (since === 'before') story.leaves('a', { reserve: 'undoing' }, { state });
      story.answer(story.order('ask:1'), coded('unknown', 'saga_compensation'));
      if (since === 'after') story.leaves('a', { reserve: 'undoing' }, { state });
      return requestsFinish.check(story.done()).verdict;
    };
    expect(told('FAILED_COMPENSATION', 'before')).toBe('holds');
    expect(told('FAILED_COMPENSATION', 'after')).toBe('breaks');
    expect(told('COMPENSATING', 'before')).toBe('breaks');
  });

  it('has not ended because nobody takes it any more', () => {
    expect(told('client.checkout', coded('rejected', 'invalid_order')).verdict).toBe('breaks');
  });
});

describe('L1 requests-finish, of a refund that is refused when everything has settled', () => {
  const refused = (
    before: (story: ShopTale, charge: BookedCharge) => void,
    { code = 'refund_exceeds_capture', ...asked }: { code?: string; amountMinor?: number } = {},
  ) => {
    const { story, charge } = paid();
    story.wait(1);
    before(story, charge);
    story.wait(1);
    const answer = good(coded('rejected', code));
    story.cross('ask:1', 'client.refund', { ...refund, ...asked })({ effect: answer, reply: answer });
    return requestsFinish.check(story.done());
  };
  const shipped = (story: ShopTale): void => ships({ story });

  it('breaks when both books had room for it', () => {
    expect(refused(shipped)).toMatchObject({
      verdict: 'breaks',
      because:
        'ask:1 asked for refund r1 of shop after everything had healed and was told rejected ' +
        '(refund_exceeds_capture), although 500 USD of charge ch_1 were left',
    });
    expect(refused(shipped, { amountMinor: 501 }).verdict).toBe('holds');
    expect(refused(shipped, { amountMinor: 0 }).verdict).toBe('holds');
    expect(refused(shipped, { code: 'idempotency_conflict' }).verdict).toBe('holds');
    expect(refused(() => {}).verdict).toBe('holds');
  });

  it('breaks when what stood in its way had failed, and both books say so', () => {
    const failing = { amountMinor: 100, acknowledged: 'succeeded', status: 'failed' } as const;
    const bounced = (isBooked: boolean) =>
      refused((story, charge) => {
        shipped(story);
        const { id: operation } = story.refunds('b', charge, failing);
        story.posts(charge, 'refund', { amountMinor: 100, operation });
        if (isBooked) story.posts(charge, 'refund-failed', { amountMinor: 100, operation });
      }).verdict;
    expect(bounced(true)).toBe('breaks');
    expect(bounced(false)).toBe('holds');
  });

  it.each(['refund', 'dispute'] as const)('holds when a %s stood in its way at the gateway', (what) => {
    const verdict = refused((story, charge) => {
      shipped(story);
      if (what === 'refund') story.refunds('b', charge, { amountMinor: 1, acknowledged: 'pending' });
      else story.disputes(charge, { amountMinor: 1 });
    });
    expect(verdict.verdict).toBe('holds');
  });
});
