// Convinces by sends at the last millisecond of a lease and at the first one after it, and by sends without one.

import { describe, expect, it } from 'vitest';
import { claimBeforeCharge } from './claim-before-charge.ts';
import { type Tale, tale } from './testing.ts';
import { bad, freshRecord, good } from './testing-values.ts';

const leaseMs = 90_000;

function claimed(): Tale {
  const story = tale();
  story.request('a');
  story.claim('a');
  return story;
}

function sends(story: Tale, actor = 'a') {
  story.send(actor);
  return claimBeforeCharge.check(story.done());
}

describe('S17 claim-before-charge', () => {
  it('holds up to the end of the lease and breaks after it', () => {
    const story = claimed();
    story.wait(leaseMs);
    expect(sends(story)).toEqual({ verdict: 'holds', judged: 1 });
    const late = claimed();
    late.wait(leaseMs + 1);
    expect(sends(late)).toEqual({
      verdict: 'breaks',
      because: 'a sent key k1 of shop at 90001 ms, but its lease had run out at 90000 ms',
      crossings: [1, 2],
    });
  });

  it('breaks when nothing was claimed', () => {
    const story = tale();
    story.request('a');
    expect(sends(story)).toMatchObject({
      verdict: 'breaks',
      because: 'a sent key k1 of shop without holding a claim',
    });
  });

  it('breaks when the claim was not granted', () => {
    const story = tale();
    story.request('a');
    story.claim('a', {}, { owned: false });
    expect(sends(story).verdict).toBe('breaks');
  });

  it('breaks when the answer to the claim never came, even if it was granted', () => {
    const story = tale();
    story.request('a');
    const request = {
      key: 'shop/k1',
      fingerprint: 'sha-500',
      request: '{}',
      attemptId: 'attempt-1',
      leaseMs,
    };
    const granted = good({ owned: true, record: freshRecord, nowMs: 0 });
    story.cross('a', 'store.claim', request)({ effect: granted, reply: bad('store_unavailable', 'none') });
    expect(sends(story).verdict).toBe('breaks');
  });

  it('accepts a claim that was recognised by reading the record', () => {
    const story = tale();
    story.request('a');
    const request = {
      key: 'shop/k1',
      fingerprint: 'sha-500',
      request: '{}',
      attemptId: 'attempt-1',
      leaseMs,
    };
    const granted = good({ owned: true, record: freshRecord, nowMs: 0 });
    story.cross('a', 'store.claim', request)({ effect: granted, reply: bad('store_unavailable', 'none') });
    story.cross('a', 'store.read', 'shop/k1')({ effect: good(freshRecord), reply: good(freshRecord) });
    story.wait(leaseMs);
    expect(sends(story).verdict).toBe('holds');
    story.wait(1);
    expect(sends(story).verdict).toBe('breaks');
  });

  it('breaks when only somebody else holds the claim', () => {
    const story = claimed();
    story.request('b');
    expect(sends(story, 'b').verdict).toBe('breaks');
  });

  it('breaks when the lease ran out and was taken over, whatever else the actor does', () => {
    const story = claimed();
    story.wait(leaseMs);
    story.request('b');
    story.claim('b', { token: 2 });
    story.wait(1);
    story.send('b');
    expect(sends(story).verdict).toBe('breaks');
  });

  it.each([
    ['confirmed', {}, 'holds'],
    ['refused', { written: false }, 'breaks'],
    ['unanswered', { reply: bad('store_unavailable', 'none') }, 'breaks'],
    ['of another token', { record: { token: 2 } }, 'breaks'],
  ] as const)('takes a renewal that was %s for what it is', (_, how, verdict) => {
    const story = claimed();
    story.wait(45_000);
    story.write('a', 'store.renew', { request: { leaseMs }, ...how });
    story.wait(90_000);
    expect(sends(story).verdict).toBe(verdict);
  });

  it('does not count a renewal or a reading whose answer came after the send', () => {
    const renewed = claimed();
    renewed.wait(leaseMs + 1);
    renewed.send('a');
    renewed.write('a', 'store.renew', { request: { leaseMs } });
    expect(claimBeforeCharge.check(renewed.done()).verdict).toBe('breaks');
    const read = tale();
    read.request('a');
    read.claim('a', {}, { owned: false });
    read.send('a');
    read.cross('a', 'store.read', 'shop/k1')({ effect: good(freshRecord), reply: good(freshRecord) });
    expect(claimBeforeCharge.check(read.done()).verdict).toBe('breaks');
  });

  it.each([
    ['somebody else reads', 'b', freshRecord],
    ['is no longer in flight', 'a', { ...freshRecord, state: 'UNKNOWN' }],
    ['bears another attempt id', 'a', { ...freshRecord, attemptId: 'attempt-2' }],
    ['is not there', 'a', null],
  ] as const)('recognises nothing in a record that %s', (_, reader, record) => {
    const story = tale();
    story.request('a');
    story.claim('a', {}, { owned: false });
    story.request('b');
    story.cross(reader, 'store.read', 'shop/k1')({ effect: good(record), reply: good(record) });
    expect(sends(story).verdict).toBe('breaks');
  });

  it('gives a background actor one claim for each record', () => {
    const story = claimed();
    story.request('b', { key: 'k2', paymentToken: 'tok:shop:k2' });
    story.claim('b', { key: 'shop/k2' });
    story.claim('sweep:1', { key: 'shop/k2', token: 2 });
    story.send('sweep:1', { token: 'tok:shop:k2' });
    expect(claimBeforeCharge.check(story.done()).verdict).toBe('holds');
    expect(sends(story, 'sweep:1').verdict).toBe('breaks');
  });

  it('judges captures, voids and refunds as well', () => {
    const capture = { chargeId: 'ch_1', amountMinor: 500, idempotencyKey: 'c0', merchantReference: 'ref' };
    const story = claimed();
    story.cross('a', 'gateway.capture', capture)({});
    expect(claimBeforeCharge.check(story.done())).toEqual({ verdict: 'holds', judged: 1 });
    story.cross('b', 'gateway.refund', capture)({});
    expect(claimBeforeCharge.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: 'b called gateway.refund without holding a claim',
    });
  });

  it('promises nothing where claims are not durable, or not seen', () => {
    const story = tale();
    story.request('a');
    story.send('a');
    expect(claimBeforeCharge.check(story.done({ broken: ['durable-claims'] })).verdict).toBe('not-promised');
    expect(claimBeforeCharge.check(story.done({ trace: false })).verdict).toBe('not-promised');
  });
});
