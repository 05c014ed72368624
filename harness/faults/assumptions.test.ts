// How this convinces: every assumption is broken by the least that breaks it, and kept by the most that does not.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import { latencyTo } from '../world/crossing.ts';
import { brokenAssumptions, type Promised, roundTripMs } from './assumptions.ts';

const stripe: Promised = {
  dedup: 'every-answer',
  maxEffectDelayMs: 300_000,
  keyRetentionMs: 86_400_000,
};
const plain: Promised = { ...stripe, dedup: 'none' };
const fault = (kind: Fault['kind'], ms?: number, site: Fault['site'] = 'gateway.authorize'): Fault => ({
  site,
  nth: 1,
  kind,
  ...(ms === undefined ? {} : { ms }),
});

describe('assumptions', () => {
  it('all stand without faults', () => {
    expect(brokenAssumptions([], stripe)).toEqual([]);
  });

  it('of bounded delay falls with a gateway that bounds nothing', () => {
    expect(brokenAssumptions([], { ...stripe, maxEffectDelayMs: Number.POSITIVE_INFINITY })).toEqual([
      'bounded-delay',
    ]);
  });

  it.each(['delay', 'late', 'edge-504', 'slow', 'duplicated'] as const)(
    'of bounded delay falls with %s beyond the bound',
    (kind) => {
      expect(brokenAssumptions([fault(kind, 300_000 - roundTripMs)], stripe)).toEqual([]);
      expect(brokenAssumptions([fault(kind, 300_001 - roundTripMs)], stripe)).toEqual(['bounded-delay']);
    },
  );

  it('count the time on the way as the world does', () => {
    expect(roundTripMs).toBe(2 * latencyTo('gateway.authorize'));
  });

  it('of bounded delay does not mind slow replies, or slow stores', () => {
    expect(
      brokenAssumptions([fault('reply-delay', 1e9), fault('delay', 1e9, 'store.claim')], stripe),
    ).toEqual([]);
  });

  it('of single delivery falls with a duplicate that the gateway does not absorb', () => {
    expect(brokenAssumptions([fault('duplicated')], stripe)).toEqual([]);
    expect(brokenAssumptions([fault('duplicated')], plain)).toEqual(['single-delivery']);
    const forgetful = { ...stripe, keyRetentionMs: 10_000 };
    expect(brokenAssumptions([fault('duplicated', 9_999 - roundTripMs)], forgetful)).toEqual([]);
    expect(brokenAssumptions([fault('duplicated', 10_000 - roundTripMs)], forgetful)).toEqual([
      'single-delivery',
    ]);
    expect(brokenAssumptions([fault('duplicated', 1, 'client.charge')], plain)).toEqual([]);
  });

  it('of durable claims falls with a server that forgets what it acknowledged', () => {
    expect(brokenAssumptions([fault('redis-failover', undefined, 'store.complete')], stripe)).toEqual([
      'durable-claims',
    ]);
    expect(brokenAssumptions([fault('redis-eviction', undefined, 'store.read')], stripe)).toEqual([
      'durable-claims',
    ]);
    expect(brokenAssumptions([fault('postgres-shutdown', undefined, 'store.claim')], stripe)).toEqual([]);
  });

  it('of remembered sends falls with it where the gateway does not remember every send for long enough', () => {
    const forgets = [fault('redis-failover', undefined, 'store.complete')];
    const both = ['durable-claims', 'remembered-sends'];
    expect(brokenAssumptions(forgets, plain)).toEqual(both);
    expect(brokenAssumptions(forgets, { ...stripe, dedup: 'successes' })).toEqual(both);
    expect(brokenAssumptions(forgets, { ...stripe, keyRetentionMs: 86_399_999 })).toEqual(both);
    expect(brokenAssumptions([], plain)).toEqual([]);
  });

  it('are named once each, in order', () => {
    const faults = [fault('key-expired'), fault('duplicated', 300_001), fault('key-expired')];
    expect(brokenAssumptions(faults, plain)).toEqual(['bounded-delay', 'key-retention', 'single-delivery']);
  });
});
