// Convinces by the log of an order and of a refund that is complete, and by the same log with each record missing, twice, or
// under a key of another payment.

import { describe, expect, it } from 'vitest';
import type { Crossing } from '../history/history.ts';
import { auditComplete } from './audit-complete.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { paid, reserved } from './testing-shop-stories.ts';
import { bad, good, okAnswer, toldAnswer } from './testing-values.ts';

type Line = readonly [audit: string, code: string, key?: string];

const check = (story: ShopTale) => auditComplete.check(story.done({ audits: true }));
const writes = (story: ShopTale, actor: string, lines: readonly Line[]): ShopTale => {
  for (const [audit, code, idempotencyKey] of lines)
    story.logs(actor, { audit, code, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) });
  return story;
};
const sentKey = (story: ShopTale): string => {
  const sent = story.done().crossings.find(({ site }) => site === 'gateway.authorize')?.request;
  return (sent as { readonly idempotencyKey?: string } | undefined)?.idempotencyKey ?? '';
};

/** Every way of one line being missing, and of one being there twice, breaks; the whole does not. */
function complete(tell: () => ShopTale, actor: string, linesOf: (story: ShopTale) => readonly Line[]): void {
  const lines = linesOf(tell());
  expect(check(writes(tell(), actor, lines)).verdict).toBe('holds');
  for (const [index, line] of lines.entries()) {
    expect(check(writes(tell(), actor, lines.toSpliced(index, 1)))).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('has no record of'),
    });
    expect(check(writes(tell(), actor, [...lines, line])).verdict).toBe('breaks');
  }
}

describe('S20 of orders', () => {
  it('wants a record of each thing that was sent, and none beside', () => {
    const capturing = (story: ShopTale): readonly Line[] => [
      ['attempt', 'ok', sentKey(story)],
      ['attempt', 'ok', 'gateway.capture ch_1'],
    ];
    complete(() => paid().story, 'a', capturing);
    const { story } = paid();
    writes(story, 'a', [capturing(story)[0] ?? ['', ''], ['attempt', 'ok', 'gateway.capture ch_9']]);
    expect(check(story)).toMatchObject({ because: expect.stringContaining('not of its payment') });
  });

  it('wants one of what a compensation sends, in the background too', () => {
    const voided = () => {
      const { story, charge } = reserved('b');
      writes(story, 'b', [['attempt', 'ok', sentKey(story)]]);
      story.voids('recover:1', charge, { effect: good({}), reply: bad('gateway_error', 'unknown') });
      return story;
    };
    complete(voided, 'recover:1', () => [['attempt', 'gateway_error', 'gateway.void ch_1']]);
  });

  it('may have one of what the fence of a saga stopped, once in each drive, under a key of its order', () => {
    const key = 'undo/%24authorize%2Fshop%252Fk1%2Fauthorize%2F0/void/0';
    const driven = (lines: readonly Line[], owns = true) => {
      const story = shopTale();
      story.begins('a', {});
      const drive = story.takesUp('recover:1', 'recovery');
      const answer = good({ owned: owns, record: null, nowMs: 0 });
      Object.assign(drive, { reply: answer, effect: answer });
      return check(writes(story, 'recover:1', lines)).verdict;
    };
    const line: Line = ['rejected', 'lease_lost', key];
    expect([driven([]), driven([line])]).toEqual(['holds', 'holds']);
    expect([driven([line, line]), driven([line], false)]).toEqual(['breaks', 'breaks']);
    expect(driven([['rejected', 'lease_lost', key.replace('k1', 'k2')]])).toBe('breaks');
  });

  const opening = (answer: Crossing['reply'], told = toldAnswer('rejected', 'idempotency_conflict')) => {
    const story = shopTale();
    const request = story.order('b');
    const asked = { saga: 'checkout', id: 'shop/k1', fingerprint: 'sha' };
    story.cross('b', 'saga.open', asked)({ effect: answer, reply: answer });
    story.answer(request, told);
    return story;
  };
  const found = (state: string, fingerprint = 'sha') =>
    good({ owned: false, record: { state, fingerprint } });

  it('wants one of a replay, a conflict, and of what the journal kept from beginning', () => {
    const replay = () => opening(found('COMPLETED'), okAnswer());
    complete(replay, 'b', () => [['replay', 'ok', 'shop/k1']]);
    const undone = () => opening(found('COMPENSATED'), toldAnswer('failed', 'declined'));
    complete(undone, 'b', () => [['replay', 'declined', 'shop/k1']]);
    const conflict = () => opening(found('RUNNING', 'md5'));
    complete(conflict, 'b', () => [['conflict', 'idempotency_conflict', 'shop/k1']]);
    const silent = () =>
      opening(bad('store_unavailable', 'none'), toldAnswer('rejected', 'store_unavailable'));
    complete(silent, 'b', () => [['rejected', 'store_unavailable', 'shop/k1']]);
    expect(check(opening(found('RUNNING'), toldAnswer('unknown', 'outcome_unknown'))).verdict).toBe('holds');
  });

  it('does not know whether an answer was taken that came late', () => {
    const story = opening(found('COMPLETED'), toldAnswer('rejected', 'store_unavailable'));
    for (const crossing of story.done().crossings)
      if (crossing.site === 'saga.open') Object.assign(crossing, { faults: ['reply-delay'] });
    expect(check(story).verdict).toBe('holds');
    expect(check(writes(story, 'b', [['rejected', 'store_unavailable', 'shop/k1']])).verdict).toBe('holds');
  });

  it('wants one of what the rules refuse', () => {
    const blocked = () => {
      const story = shopTale();
      const request = story.order('b');
      const verdict = { decision: 'BLOCK', attemptId: 'x', evaluationId: 'e' };
      story.cross('b', 'verdicts.keep', verdict)({ effect: good(null), reply: good(null) });
      story.begins('b', {});
      story.answer(request, toldAnswer('failed', 'fraud_blocked'));
      return story;
    };
    complete(blocked, 'b', () => [['rejected', 'fraud_blocked']]);
  });
});

describe('S20 of refunds', () => {
  const key = 'refund/r1';
  const refused = (code: string, claims: boolean) => () => {
    const story = shopTale();
    const request = story.asksBack('x');
    if (claims) story.claim('x', { key });
    story.answer(request, toldAnswer('rejected', code));
    return story;
  };

  it('wants one of what is refused before and after it is claimed', () => {
    complete(refused('order_not_refundable', false), 'x', () => [['rejected', 'order_not_refundable', 'r1']]);
    complete(refused('refund_exceeds_capture', true), 'x', () => [
      ['rejected', 'refund_exceeds_capture', key],
    ]);
  });

  it('wants one of a replay, whatever the client was told, and one of each call', () => {
    const replayed = () => {
      const story = shopTale();
      const request = story.asksBack('x');
      story.claim('x', { key, state: 'COMPLETED', attemptId: 'p' }, { owned: false });
      story.answer(request, okAnswer());
      return story;
    };
    complete(replayed, 'x', () => [['replay', 'ok', key]]);
  });

  it('does not know whether the answer to a claim was taken that came late', () => {
    const claimed = (...faults: readonly string[]) => {
      const story = shopTale();
      const request = story.asksBack('x');
      const claim = story.claim('x', { key, state: 'COMPLETED', attemptId: 'p' }, { owned: false });
      Object.assign(claim, { faults });
      story.answer(request, toldAnswer('rejected', 'store_unavailable'));
      return story;
    };
    const line: Line = ['rejected', 'store_unavailable', key];
    for (const fault of ['delay', 'reply-delay']) {
      expect(check(writes(claimed(fault), 'x', [line])).verdict).toBe('holds');
      expect(check(writes(claimed(fault), 'x', [['replay', 'ok', key], line])).verdict).toBe('holds');
    }
    expect(check(writes(claimed(), 'x', [line])).verdict).toBe('breaks');
  });

  it('lets a sweep keep silent about what it reads, and one record be missing where the process died', () => {
    const swept = shopTale();
    swept.claim('settle:1', { key, state: 'COMPLETED' }, { owned: false });
    expect(check(swept).verdict).toBe('holds');
    const died = refused('refund_exceeds_capture', true)();
    died.incident({ kind: 'crashed', process: 'p0' });
    expect(check(died).verdict).toBe('holds');
  });
});
