// Convinces by a cap of one payment, or of some minor units, and two payments that come close to it from either side: in
// amount, in time, and in what became of them.

import { describe, expect, it } from 'vitest';
import type { BookedCharge } from '../history/history.ts';
import { bad, good, okAnswer, toldAnswer } from './testing-values.ts';
import { type ShopTale, shopTale, silent } from './testing-webhooks.ts';
import { velocityBound } from './velocity-bound.ts';

function judged(tell: (shop: ShopTale) => void) {
  const shop = shopTale();
  tell(shop);
  return velocityBound.check(shop.done());
}

const book = (shop: ShopTale, id: string, more: Partial<BookedCharge> = {}) =>
  shop.story.book({ id: `ch_${id}`, merchantReference: id, paymentToken: id, ...more });

type Counting = Parameters<ShopTale['counts']>[2];

/** A payment that is admitted and goes through. */
function pays(shop: ShopTale, id: string, how: Counting = {}): void {
  shop.counts(id, 'reserve', { attemptId: id, ...how });
  book(shop, id);
  shop.counts(id, 'confirm', { attemptId: id, ...how });
}

const admitted = (used: number) => good({ admitted: true, used });
const blocked = (used: number) => good({ admitted: false, used });
const hourMs = 3_600_000;

describe('S24 velocity-bound: always', () => {
  it('breaks when an order is paid that no count was asked about, where others were', () => {
    const paid = (more: Partial<BookedCharge>, ...besides: readonly 'client.charge'[]) =>
      judged((shop) => {
        pays(shop, 'a');
        for (const site of ['client.checkout', ...besides] as const)
          shop.story.cross('b', site, { paymentToken: 'b', scope: 'shop', key: 'b' })({});
        book(shop, 'b', more);
      });
    expect(paid({})).toMatchObject({
      verdict: 'breaks',
      because: 'ch_b of b went through (b), and was counted under no key',
    });
    expect(paid({ status: 'voided' }).verdict).toBe('holds');
    expect(paid({}, 'client.charge').verdict).toBe('holds');
    // A target that counts nothing has no cap.
    const uncapped = judged((shop) => {
      shop.story.cross('b', 'client.checkout', { paymentToken: 'b', scope: 'shop', key: 'b' })({});
      book(shop, 'b');
    });
    expect(uncapped.verdict).toBe('holds');
  });

  it('judges nothing without a shop, and promises nothing of a black box', () => {
    const shop = shopTale();
    pays(shop, 'a');
    pays(shop, 'b');
    expect(velocityBound.check(shop.story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(velocityBound.check(shop.done({ trace: false })).verdict).toBe('not-promised');
  });

  it('holds at the cap, and breaks at a unit above it', () => {
    const paid = (second: number) =>
      judged((shop) => {
        pays(shop, 'a', { amount: 300, cap: 500, answer: admitted(300) });
        pays(shop, 'b', { amount: second, cap: 500, answer: admitted(second) });
      });
    expect(paid(200)).toEqual({ verdict: 'holds', judged: 2 });
    expect(paid(201)).toEqual({
      verdict: 'breaks',
      because: 'card allows 500 in 3600000 ms, and 501 went through (ch_a, ch_b)',
      crossings: [0, 2],
    });
  });

  it('slides: what went through a window ago counts no more, and a millisecond later it does', () => {
    const apart = (ms: number) =>
      judged((shop) => {
        pays(shop, 'a');
        shop.story.wait(ms);
        pays(shop, 'b');
      }).verdict;
    expect(apart(hourMs)).toBe('holds');
    expect(apart(hourMs - 1)).toBe('breaks');
  });

  it('keeps keys apart, and counts what went through only', () => {
    const second = (how: Counting, charge: Partial<BookedCharge> = {}) =>
      judged((shop) => {
        pays(shop, 'a');
        shop.counts('b', 'reserve', { attemptId: 'b', answer: admitted(1), ...how });
        book(shop, 'b', charge);
      }).verdict;
    expect(second({})).toBe('breaks');
    expect(second({}, { status: 'authorized' })).toBe('breaks');
    expect(second({}, { status: 'pending' })).toBe('breaks');
    expect(second({}, { status: 'failed' })).toBe('holds');
    expect(second({ key: 'another card' })).toBe('holds');
  });

  it('asks for nothing of what went through after it was no longer held', () => {
    const heldFor = (ms: number) =>
      judged((shop) => {
        pays(shop, 'a');
        shop.counts('b', 'reserve', { attemptId: 'b', answer: admitted(1) });
        shop.story.wait(ms);
        book(shop, 'b');
      }).verdict;
    expect(heldFor(60_000)).toBe('breaks');
    expect(heldFor(60_001)).toBe('holds');
  });

  it('goes by the last check of a payment that was checked again', () => {
    const checkedAgain = (ms: number) =>
      judged((shop) => {
        pays(shop, 'a', { windowMs: 10 * hourMs });
        shop.counts('b', 'reserve', { attemptId: 'b', answer: admitted(1), windowMs: 10 * hourMs });
        shop.story.wait(120_000);
        shop.counts('b', 'reserve', { attemptId: 'b', answer: admitted(2), windowMs: 10 * hourMs });
        shop.story.wait(ms);
        book(shop, 'b');
      }).verdict;
    expect(checkedAgain(60_000)).toBe('breaks');
    expect(checkedAgain(60_001)).toBe('holds');
  });

  it('takes the shortest window and the widest cap where checks differ', () => {
    const differing = (second: Counting, waitMs = 0) =>
      judged((shop) => {
        pays(shop, 'a');
        shop.story.wait(waitMs);
        shop.counts('b', 'reserve', { attemptId: 'b', answer: admitted(1) });
        pays(shop, 'b', { answer: admitted(2), ...second });
      }).verdict;
    expect(differing({ cap: 2 })).toBe('holds');
    expect(differing({ windowMs: 1_000 }, 1_000)).toBe('holds');
    expect(differing({ windowMs: 1_000 }, 999)).toBe('breaks');
  });

  it('breaks when a payment goes through that the count refused, did not hear of, or heard of too late', () => {
    const unadmitted = (answer: ReturnType<typeof good>) =>
      judged((shop) => {
        shop.counts('a', 'reserve', { attemptId: 'a', answer });
        book(shop, 'a');
      });
    expect(unadmitted(blocked(0))).toMatchObject({
      verdict: 'breaks',
      because: 'ch_a went through (a) although card had not admitted it',
    });
    expect(unadmitted(silent).verdict).toBe('breaks');
    expect(unadmitted(admitted(1)).verdict).toBe('holds');
    const late = judged((shop) => {
      book(shop, 'a');
      shop.counts('a', 'reserve', { attemptId: 'a' });
    });
    expect(late.verdict).toBe('breaks');
  });
});

describe('S24 velocity-bound: at rest', () => {
  /** A payment is declined, its client is told, and somebody else asks. */
  interface Declining {
    readonly reply?: ReturnType<typeof bad>;
    readonly told?: 'failed' | 'unknown' | 'pending';
    readonly used?: number;
    readonly release?: ReturnType<typeof good>;
    readonly charged?: boolean;
    readonly confirmed?: boolean;
    readonly earlier?: ReturnType<typeof bad>;
    readonly client?: string;
    readonly site?: 'client.checkout' | 'client.charge' | 'client.refund';
    readonly lost?: boolean;
  }
  const declines = (how: Declining) => {
    const {
      reply = bad('card_declined', 'final'),
      told = 'failed',
      used = 1,
      release,
      charged,
      confirmed,
      earlier,
      client = 'a',
      site = 'client.checkout',
      lost = false,
    } = how;
    return judged((shop) => {
      const request = shop.story.cross(client, site, {})({});
      book(shop, 'other');
      shop.counts('a', 'reserve', { attemptId: 'a' });
      if (earlier !== undefined) shop.story.send('a', { reference: 'a', effect: earlier, reply: earlier });
      shop.story.send('a', { reference: 'a', effect: reply, reply });
      if (charged === true) book(shop, 'a');
      if (release !== undefined) {
        const crossing = shop.counts('a', 'release', { attemptId: 'a', answer: release });
        if (!release.ok) delete crossing.applied;
      }
      if (confirmed === true) shop.counts('a', 'confirm', { attemptId: 'a' });
      const answer = good(toldAnswer(told, 'card_declined'));
      const heard = { replied: shop.story.now(), reply: lost ? bad('network_error', 'unknown') : answer };
      Object.assign(request, { effect: answer, ...heard });
      shop.counts('b', 'reserve', { attemptId: 'b', answer: blocked(used) });
    });
  };

  it('breaks when a decline is counted', () => {
    expect(declines({})).toEqual({
      verdict: 'breaks',
      because: 'card counts 1, of which 0 may go through or did',
      crossings: [3],
    });
    expect(declines({ release: good(null) }).verdict).toBe('breaks');
    expect(declines({ used: 0 })).toEqual({ verdict: 'holds', judged: 2 });
  });

  it('accepts that what is not known to have been declined is counted', () => {
    expect(declines({ reply: bad('gateway_timeout', 'unknown') }).verdict).toBe('holds');
    expect(declines({ earlier: bad('gateway_timeout', 'unknown') }).verdict).toBe('holds');
    expect(declines({ earlier: bad('rate_limited', 'none') }).verdict).toBe('breaks');
    expect(declines({ told: 'unknown' }).verdict).toBe('holds');
    expect(declines({ client: 'c' }).verdict).toBe('holds');
    expect(declines({ site: 'client.refund' }).verdict).toBe('holds');
    expect(declines({ site: 'client.charge' }).verdict).toBe('breaks');
    expect(declines({ lost: true }).verdict).toBe('holds');
    expect(declines({ reply: bad('rate_limited', 'none') }).verdict).toBe('holds');
    expect(declines({ charged: true }).verdict).toBe('holds');
    expect(declines({ confirmed: true }).verdict).toBe('holds');
    // The store did not take the release.
    expect(declines({ release: silent }).verdict).toBe('holds');
  });

  it('counts a payment once, however often it is checked', () => {
    const again = (used: number) =>
      judged((shop) => {
        pays(shop, 'a', { cap: 5 });
        shop.counts('a', 'reserve', { attemptId: 'a', cap: 5, answer: admitted(used) });
      }).verdict;
    expect(again(1)).toBe('holds');
    expect(again(2)).toBe('breaks');
  });

  it('forgets what was held when window and hold are over', () => {
    const heldFor = (ms: number) =>
      judged((shop) => {
        shop.counts('a', 'reserve', { attemptId: 'a' });
        shop.story.wait(ms);
        shop.counts('b', 'reserve', { attemptId: 'b', answer: blocked(1) });
      }).verdict;
    expect(heldFor(hourMs + 59_999)).toBe('holds');
    expect(heldFor(hourMs + 60_000)).toBe('breaks');
    const confirmed = (ms: number) =>
      judged((shop) => {
        book(shop, 'a', { status: 'voided', capturedMinor: 0 });
        shop.counts('a', 'confirm', { attemptId: 'a' });
        shop.story.wait(ms);
        shop.counts('b', 'reserve', { attemptId: 'b', answer: blocked(1) });
      }).verdict;
    expect(confirmed(hourMs - 1)).toBe('holds');
    expect(confirmed(hourMs)).toBe('breaks');
  });

  it('breaks when a replay is counted under a name of its own', () => {
    const replay = (attemptId: string, { released = false, replayed = true } = {}) =>
      judged((shop) => {
        pays(shop, 'a', { cap: 5 });
        shop.story.send('a', { reference: 'a' });
        const request = shop.story.cross('a/1', 'client.checkout', {})({});
        shop.counts('a/1', 'reserve', { attemptId, cap: 5, answer: admitted(1) });
        if (released) shop.counts('a/1', 'release', { attemptId });
        const answer = good(okAnswer('ch_a', { replayed }));
        Object.assign(request, { effect: answer, replied: shop.story.now(), reply: answer });
      });
    expect(replay('execution-2')).toMatchObject({
      verdict: 'breaks',
      because: 'a/1 was answered a replay, and card counts it as execution-2',
    });
    expect(replay('a').verdict).toBe('holds');
    expect(replay('execution-2', { released: true }).verdict).toBe('holds');
    expect(replay('execution-2', { replayed: false }).verdict).toBe('holds');
  });

  it('breaks when a payment is confirmed under a name that it was neither checked nor sent by', () => {
    const confirmed = (attemptId: string) =>
      judged((shop) => {
        shop.counts('a', 'reserve', { attemptId: 'a' });
        book(shop, 'a');
        shop.counts('a', 'confirm', { attemptId });
      });
    expect(confirmed('a').verdict).toBe('holds');
    expect(confirmed('ch_a')).toMatchObject({
      verdict: 'breaks',
      because: 'card counts ch_a, which nobody checked or sent',
    });
  });
});
