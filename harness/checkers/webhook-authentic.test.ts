// Convinces by one forgery at a time: refused without a trace, or answered, kept, acted upon or booked.

import { describe, expect, it } from 'vitest';
import type { Terms } from '../history/history.ts';
import { type Delivering, type ShopTale, shopTale } from './testing-webhooks.ts';
import { webhookAuthentic } from './webhook-authentic.ts';

function judged(tell: (shop: ShopTale) => void, terms: Partial<Terms> = {}) {
  const shop = shopTale();
  tell(shop);
  return webhookAuthentic.check(shop.done(terms));
}

const forged = { authentic: false, status: 400, actor: 'twin:forge:evt_1' } as const;

/** The gateway's delivery, and the same by somebody who has kept it for `agoMs`. */
const copied =
  (agoMs: number, how: Delivering = {}) =>
  (shop: ShopTale): void => {
    shop.delivers('evt_1');
    shop.delivers('evt_1', { ...forged, agoMs, ...how });
  };

describe('W3 webhook-authentic', () => {
  it('judges nothing without a shop', () => {
    const { story, delivers } = shopTale();
    delivers('evt_1_forged', { ...forged, status: 200 });
    expect(webhookAuthentic.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it('holds for forgeries that are refused, beside what is genuine', () => {
    const verdict = judged((shop) => {
      shop.delivers('evt_1_forged', forged);
      shop.keeps('evt_1');
      shop.delivers('evt_1');
      shop.posts('capture', 'ch_1');
    });
    expect(verdict).toEqual({ verdict: 'holds', judged: 1 });
  });

  it.each([200, 202, 302, 500, 503])('breaks when a forgery is answered %i', (status) => {
    expect(judged((shop) => shop.delivers('evt_1_forged', { ...forged, status }))).toEqual({
      verdict: 'breaks',
      because: `a forged delivery of evt_1_forged was answered ${status}, not 4xx`,
      crossings: [0],
    });
  });

  it('accepts any 4xx, and that none came', () => {
    for (const status of [400, 401, 403, 499, undefined])
      expect(judged((shop) => shop.delivers('evt_1_forged', { ...forged, status })).verdict).toBe('holds');
  });

  it('judges the second answer as well where the network delivered twice', () => {
    const verdict = judged((shop) => {
      const crossing = shop.delivers('evt_1_forged', forged);
      Object.assign(crossing, {
        appliedAgain: shop.story.now(),
        effectAgain: { ok: true, value: { status: 200 } },
      });
    });
    expect(verdict.verdict).toBe('breaks');
  });

  it.each([
    ['stripe-signature', 'v1=aa', 't=1767225600,v1=aa'],
    ['webhook-signature', 'v1,aa', undefined],
  ])('breaks when a copy without its time is accepted: %s', (name, undated, dated) => {
    const told = (signature: string, status: number) =>
      judged((shop) => {
        shop.delivers('evt_1');
        const copy = shop.delivers('evt_1', { ...forged, status });
        Object.assign(copy.request as object, { headers: { [name]: signature } });
      }).verdict;
    expect([told(undated, 400), told(undated, 200)]).toEqual(['holds', 'breaks']);
    if (dated !== undefined) expect(told(dated, 200)).toBe('holds');
  });

  it('breaks when a stale copy is accepted, and not one that is within the tolerance', () => {
    expect(judged(copied(302_000)).verdict).toBe('holds');
    expect(judged(copied(302_000, { status: 200 }))).toMatchObject({
      verdict: 'breaks',
      because: 'a stale delivery of evt_1 was answered 200, not 4xx',
    });
    expect(judged(copied(301_000, { status: 200 })).verdict).toBe('holds');
    expect(judged(copied(0, { status: 200 })).verdict).toBe('holds');
  });

  it('tells the age of a copy that comes before what it was copied from, late in a run', () => {
    const copiedBefore = (agoMs: number) =>
      judged((shop) => {
        shop.story.wait(86_400_000);
        shop.delivers('evt_1', { ...forged, agoMs, status: 200 });
        shop.delivers('evt_1');
      }).verdict;
    expect(copiedBefore(302_000)).toBe('breaks');
    expect(copiedBefore(300_000)).toBe('holds');
  });

  it('takes the clock of the process for what is stale', () => {
    const behind = { clockSkewMs: { p0: -600_000 } };
    expect(judged(copied(600_000, { status: 200 }), behind).verdict).toBe('holds');
    expect(judged(copied(600_000, { status: 200, process: 'p1' }), behind).verdict).toBe('breaks');
    const ahead = { clockSkewMs: { p0: 600_000 } };
    expect(judged(copied(10_000, { status: 200 }), ahead).verdict).toBe('breaks');
  });

  it('breaks when the inbox keeps a forged event, though it was refused', () => {
    const kept = (...[eventId, record]: Parameters<ShopTale['keeps']>) =>
      judged((shop) => {
        shop.delivers('evt_1');
        shop.delivers('evt_1_forged', forged);
        shop.keeps(eventId, record);
      }).verdict;
    expect(kept('evt_1_forged')).toBe('breaks');
    expect(kept('evt_1_forged', null)).toBe('breaks');
    expect(kept('evt_1')).toBe('holds');
    // Tampered with, under the id of an event that there is.
    const tampered = judged((shop) => {
      shop.delivers('evt_1');
      shop.delivers('evt_1', { ...forged, object: 'ch_9' });
      shop.keeps('evt_1');
    });
    expect(tampered.verdict).toBe('holds');
  });

  it('breaks when something is done while a forgery is served', () => {
    const done = (actor: string, claims?: unknown) =>
      judged((shop) => {
        shop.delivers('evt_1_forged', forged);
        if (claims !== undefined)
          shop.story.cross(actor, 'inbox.claim', {})({ effect: { ok: true, value: claims } });
        shop.story.cross(actor, 'gateway.capture', {})({ effect: { ok: true, value: {} } });
      });
    expect(done(forged.actor)).toEqual({
      verdict: 'breaks',
      because: 'a forged delivery (twin:forge:evt_1) led to gateway.capture',
      crossings: [0, 1],
    });
    expect(done(forged.actor, null).verdict).toBe('breaks');
    expect(done('twin:deliver:evt_1').verdict).toBe('holds');
    // It worked off the inbox on the way.
    expect(done(forged.actor, { record: {} }).verdict).toBe('holds');
  });

  it('breaks when an event is kept that was tampered with, under the id of one that there is', () => {
    const kept = (actor: string) =>
      judged((shop) => {
        shop.delivers('evt_1');
        shop.delivers('evt_1', { ...forged, object: 'ch_9' });
        shop.keeps('evt_1', {}, actor);
      }).verdict;
    expect(kept('twin:deliver:evt_1')).toBe('holds');
    expect(kept(forged.actor)).toBe('breaks');
  });

  it('breaks when a stale copy has an effect, though it was refused', () => {
    const acts = (agoMs: number) =>
      judged((shop) => {
        copied(agoMs)(shop);
        shop.keeps('evt_1', {}, forged.actor);
      });
    expect(acts(600_000)).toMatchObject({
      verdict: 'breaks',
      because: 'a stale delivery (twin:forge:evt_1) led to inbox.receive',
    });
    expect(acts(1_000).verdict).toBe('holds');
  });

  it('does not excuse what was done before the inbox was worked off', () => {
    const done = (...sites: readonly ('gateway.void' | 'inbox.claim')[]) =>
      judged((shop) => {
        shop.delivers('evt_1_forged', forged);
        for (const site of sites)
          shop.story.cross(forged.actor, site, {})({ effect: { ok: true, value: { record: {} } } });
      }).verdict;
    expect(done('inbox.claim', 'gateway.void')).toBe('holds');
    expect(done('gateway.void', 'inbox.claim')).toBe('breaks');
  });

  it('asks nothing of an actor whose copy was fresh enough to be let in', () => {
    const acts = (agoMs: number) =>
      judged((shop) => {
        copied(agoMs)(shop);
        shop.delivers('evt_1_forged', forged);
        shop.story.cross(forged.actor, 'ledger.commit', [])({ effect: { ok: true, value: {} } });
      }).verdict;
    expect(acts(1_000)).toBe('holds');
    expect(acts(600_000)).toBe('breaks');
  });

  it('breaks when what a forgery claims is booked before it is true, by a millisecond', () => {
    const bookedAfter = (ms: number, object = 'ch_1') =>
      judged((shop) => {
        shop.delivers('evt_1_forged', { ...forged, object });
        shop.story.wait(ms);
        shop.posts('capture', 'ch_1');
        shop.story.wait(10 - ms);
        shop.story.book();
      });
    expect(bookedAfter(9)).toMatchObject({
      verdict: 'breaks',
      because: 'entry capture/ch_1 was made after a forgery claimed it, 1 ms before ch_1 was captured',
      crossings: [0, 1],
    });
    expect(bookedAfter(10).verdict).toBe('holds');
    expect(bookedAfter(9, 'ch_2').verdict).toBe('holds');
  });
});
