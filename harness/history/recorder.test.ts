// How this convinces: a small history is written through the recorder with one detail changed at a time; what is read
// back must be what was written, and each detail must show in the digest.

import { describe, expect, it } from 'vitest';
import type { BookedCharge, History, Outcome } from './history.ts';
import { type Called, recorder } from './recorder.ts';
import type { ShopBooks } from './shop.ts';

const called: Called = {
  actor: 'a',
  process: 'p0',
  incarnation: 1,
  site: 'gateway.authorize',
  nth: 1,
  request: { amountMinor: 500 },
  faults: ['delay'],
};
const ok: Outcome = { ok: true, value: { id: 'ch_1' } };
const failed: Outcome = {
  ok: false,
  error: { name: 'NetworkError', code: 'network_error', message: 'reset' },
};
const a = { id: 'r1', state: 'RUNNING' };
const b = { id: 'r1', state: 'COMPLETED' };
const terms: History['terms'] = {
  tier: 'sim',
  target: 'reference',
  profile: 'stripe',
  broken: [],
  maxEffectDelayMs: 1,
  consistentAfterMs: 2,
  keyRetentionMs: 3,
  leaseMs: 4,
  ttlMs: 5,
  audits: false,
  recovers: true,
  trace: true,
};

interface Written {
  readonly called: Called;
  readonly calledAtMs: number;
  readonly appliedAtMs: number;
  readonly effect: Outcome;
  readonly repliedAtMs: number;
  readonly reply: Outcome;
  readonly incident: 'crashed' | 'stalled';
  readonly stallMs: number;
  readonly deadlocked: readonly string[];
  readonly terms: History['terms'];
}

const usual: Written = {
  called,
  calledAtMs: 1,
  appliedAtMs: 2,
  effect: ok,
  repliedAtMs: 3,
  reply: failed,
  incident: 'crashed',
  stallMs: 0,
  deadlocked: [],
  terms,
};

function write(changed: Partial<Written> = {}): History {
  const what = { ...usual, ...changed };
  const history = recorder();
  const crossing = history.called(what.called, what.calledAtMs);
  history.applied(crossing, what.appliedAtMs, what.effect);
  history.replied(crossing, what.repliedAtMs, what.reply);
  history.incident({ kind: what.incident, process: 'p0', ms: what.stallMs }, 9);
  return history.close({ terms: what.terms, books: { charges: [] }, deadlocked: what.deadlocked });
}

describe('a recorder', () => {
  it('gives back what was written, in one total order', () => {
    const { crossings, incidents, events } = write();
    expect(crossings).toEqual([
      {
        ...called,
        id: 0,
        called: { atMs: 1, order: 0 },
        applied: { atMs: 2, order: 1 },
        effect: ok,
        replied: { atMs: 3, order: 2 },
        reply: failed,
      },
    ]);
    expect(incidents).toEqual([{ kind: 'crashed', process: 'p0', ms: 0, at: { atMs: 9, order: 3 } }]);
    expect(events).toBe(2);
  });

  it('keeps a second application, and what slow work came to, apart', () => {
    const history = recorder();
    const crossing = history.called(called, 0);
    history.applied(crossing, 1, undefined);
    history.applied(crossing, 2, undefined);
    history.effected(crossing, ok);
    history.effected(crossing, failed);
    expect(crossing).toMatchObject({
      applied: { atMs: 1 },
      effect: ok,
      appliedAgain: { atMs: 2 },
      effectAgain: failed,
    });
  });

  const changes: readonly Partial<Written>[] = [
    { called: { ...called, actor: 'b' } },
    { called: { ...called, process: 'p1' } },
    { called: { ...called, incarnation: 2 } },
    { called: { ...called, site: 'gateway.capture' } },
    { called: { ...called, nth: 2 } },
    { called: { ...called, request: { amountMinor: 501 } } },
    { called: { ...called, faults: ['delay', 'stall'] } },
    { called: { ...called, faults: [] } },
    { calledAtMs: 0 },
    { appliedAtMs: 1 },
    { effect: failed },
    { repliedAtMs: 4 },
    { reply: ok },
    { incident: 'stalled' },
    { stallMs: 1 },
    { stallMs: 2 ** 32 },
    { deadlocked: ['a'] },
    { terms: { ...terms, leaseMs: 5 } },
  ];

  it.each(changes)('digests every detail: %j', (change) => {
    expect(write().digest).toBe(write().digest);
    expect(write(change).digest).not.toBe(write().digest);
  });

  it('digests whether something was recorded for the first or the second application', () => {
    const twice = (first: Outcome, second: Outcome): string => {
      const history = recorder();
      const crossing = history.called(called, 0);
      history.applied(crossing, 1, first);
      history.applied(crossing, 1, second);
      return history.close({ terms, books: { charges: [] }, deadlocked: [] }).digest;
    };
    expect(twice(ok, failed)).not.toBe(twice(failed, ok));
  });

  it('digests which of two slow works was done first', () => {
    const done = (...order: readonly number[]): string => {
      const history = recorder();
      const crossings = [history.called(called, 0), history.called(called, 0)];
      for (const index of order) {
        const crossing = crossings[index];
        if (crossing !== undefined) history.effected(crossing, ok);
      }
      return history.close({ terms, books: { charges: [] }, deadlocked: [] }).digest;
    };
    expect(done(0, 1)).not.toBe(done(1, 0));
  });

  it.each([
    ['store.list', [], [a]],
    ['store.list', [a], [b]],
    ['store.list', [a, b], [b, a]],
    ['store.list', [a, a], [a]],
    ['store.list', ['x'], ['y']],
    ['store.list', [null], []],
    ['saga.read', a, b],
    ['saga.read', a, null],
    ['store.claim', { record: a, owned: true }, { record: b, owned: true }],
    ['store.claim', { record: a, owned: true }, { record: a, owned: false }],
  ] as const)('digests what %s answers: %j or %j', (site, first, second) => {
    const answered = (...values: readonly unknown[]): string => {
      const history = recorder();
      for (const value of values)
        history.applied(history.called({ ...called, site }, 0), 1, { ok: true, value });
      return history.close({ terms, books: { charges: [] }, deadlocked: [] }).digest;
    };
    expect(answered(first, second)).toBe(answered(structuredClone(first), structuredClone(second)));
    expect(answered(first, second)).not.toBe(answered(second, first));
    expect(answered(first)).not.toBe(answered(second));
  });

  it('digests every book of a shop', () => {
    const none = { reservations: [], shipments: [], pages: [], sagas: [], entries: [], inbox: [] };
    const closed = (shop: object): string =>
      recorder().close({ terms, books: { charges: [], shop: shop as ShopBooks }, deadlocked: [] }).digest;
    const all = Object.keys(none).flatMap((name) => [
      closed({ ...none, [name]: [a] }),
      closed({ ...none, [name]: [b] }),
      closed({ ...none, [name]: [a, b] }),
    ]);
    const charged = recorder().close({
      terms,
      books: { charges: [{} as BookedCharge], shop: none },
      deadlocked: [],
    });
    expect(new Set([...all, closed(none), charged.digest]).size).toBe(all.length + 2);
  });
});
