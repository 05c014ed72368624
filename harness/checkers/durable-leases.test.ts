// Convinces by one saga and one event whose lease ends at a known millisecond, with a capture on either side of it, and by
// grants that nobody saw or that were none.

import { describe, expect, it } from 'vitest';
import { claimBeforeCharge } from './claim-before-charge.ts';
import { type ShopTale, shopTale } from './testing-shop.ts';
import { bad, good } from './testing-values.ts';

const leaseMs = 90_000;
const capture = { chargeId: 'ch_1', amountMinor: 500, idempotencyKey: 'c0', merchantReference: 'ref' };

function capturedAfter(story: ShopTale, ms: number, actor = 'a'): string {
  story.wait(ms);
  story.cross(actor, 'gateway.capture', capture)({});
  return claimBeforeCharge.check(story.done()).verdict;
}

function driven(): ShopTale {
  const story = shopTale();
  story.begins('a', {});
  return story;
}

describe('S17 claim-before-charge, of a shop', () => {
  it('takes the lease of a saga for a claim, to its last millisecond', () => {
    expect(capturedAfter(driven(), leaseMs)).toBe('holds');
    expect(capturedAfter(driven(), leaseMs + 1)).toBe('breaks');
  });

  it('counts it from the last write that was confirmed', () => {
    const written = (confirmed: boolean): ShopTale => {
      const story = driven();
      story.wait(1_000);
      const reply = good({ written: confirmed, record: null, nowMs: 0 });
      story.cross('a', 'saga.renew', { leaseMs })({ effect: reply, reply });
      return story;
    };
    expect(capturedAfter(written(true), leaseMs)).toBe('holds');
    expect(capturedAfter(written(false), leaseMs)).toBe('breaks');
  });

  it('lends it to nobody else', () => {
    expect(capturedAfter(driven(), 0, 'b')).toBe('breaks');
  });

  it('takes the lease of an event too, once its holder has heard of it', () => {
    const holding = (reply: ReturnType<typeof good> | ReturnType<typeof bad>): ShopTale => {
      const story = shopTale();
      story.cross('a', 'inbox.claim', { attemptId: 'x', leaseMs })({ effect: good({}), reply });
      return story;
    };
    expect(capturedAfter(holding(good({ record: {}, position: null })), leaseMs)).toBe('holds');
    expect(capturedAfter(holding(good({ record: {}, position: null })), leaseMs + 1)).toBe('breaks');
    expect(capturedAfter(holding(good(null)), 0)).toBe('breaks');
    expect(capturedAfter(holding(bad('store_unavailable', 'none')), 0)).toBe('breaks');
    const arriving = (claim: unknown): ShopTale => {
      const story = shopTale();
      const answer = good({ first: true, record: {}, claim });
      story.cross('a', 'inbox.receive', { claim: { attemptId: 'x', leaseMs } })({
        effect: answer,
        reply: answer,
      });
      return story;
    };
    expect(capturedAfter(arriving({ position: null }), leaseMs)).toBe('holds');
    expect(capturedAfter(arriving({ position: null }), leaseMs + 1)).toBe('breaks');
    expect(capturedAfter(arriving(null), 0)).toBe('breaks');
  });

  it('asks it of inventory and carrier too', () => {
    const shippedAfter = (ms: number, actor = 'a') => {
      const story = driven();
      story.wait(ms);
      story.serves(actor, 'shipping.ship');
      return claimBeforeCharge.check(story.done());
    };
    expect(shippedAfter(leaseMs)).toEqual({ verdict: 'holds', judged: 1 });
    expect(shippedAfter(leaseMs + 1)).toMatchObject({
      verdict: 'breaks',
      because: 'a called shipping.ship without a lease that it knew to hold',
    });
    expect(shippedAfter(0, 'b').verdict).toBe('breaks');
  });

  it('ends with the write that gives it up, or that is refused because another has it', () => {
    const sendsAfter = (tell: (story: ShopTale) => void): string => {
      const story = driven();
      tell(story);
      return capturedAfter(story, 1);
    };
    expect(sendsAfter((story) => story.saves('a', {}))).toBe('holds');
    expect(sendsAfter((story) => story.leaves('a', {}))).toBe('breaks');
    expect(sendsAfter((story) => story.leaves('a', {}, { id: 'shop/k2' }))).toBe('holds');
    expect(sendsAfter((story) => story.leaves('a', {}, { reply: bad('store_unavailable', 'none') }))).toBe(
      'holds',
    );
    const refused = good({ written: false, record: null, nowMs: 0 });
    expect(sendsAfter((story) => story.saves('a', {}, { reply: refused }))).toBe('breaks');
    expect(sendsAfter((story) => story.saves('b', {}, { reply: refused }))).toBe('holds');
  });

  it('tells the lease of one event from that of another', () => {
    const handled = (done: string) => {
      const story = shopTale();
      const reply = good({ record: { id: 'evt_1' }, position: null });
      story.cross('a', 'inbox.claim', { attemptId: 'x', leaseMs })({ effect: reply, reply });
      const written = good({ written: true, record: { id: done } });
      story.cross('a', 'inbox.finish', { id: done })({ effect: written, reply: written });
      return capturedAfter(story, 0);
    };
    expect(handled('evt_1')).toBe('breaks');
    expect(handled('evt_2')).toBe('holds');
  });
});
