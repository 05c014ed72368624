// Convinces by one impossible case at a time, compared by the sentence that it is refused with, and by the cases just on
// the other side of each bound, which must pass.

import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { CaseError } from './case-error.ts';
import { checkCase } from './codec.ts';

const charge = {
  id: 'a',
  at: 0,
  do: 'charge',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
} as const;
const plain: Case = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 7, steps: [charge] };
const checkout = { ...charge, do: 'checkout' } as const;
const refund = { ...charge, id: 'r', do: 'refund', order: 'k1', key: 'r1' } as const;
const stepUp = { id: 'b', at: 0, do: 'step-up', key: 'k1', outcome: 'failed' } as const;
const refused = { site: 'store.list', nth: 1, kind: 'refused' } as const;

function problemsOf(value: unknown): readonly string[] {
  try {
    checkCase(value);
  } catch (error) {
    if (error instanceof CaseError) return error.problems;
    throw error;
  }
  return [];
}

function withFault(fault: object): unknown {
  return { ...plain, steps: [{ ...charge, faults: [fault] }] };
}

describe('checking', () => {
  it.each<[string, unknown, string]>([
    [
      'an unknown site',
      withFault({ site: 'gateway.authorise', nth: 1, kind: 'dns' }),
      'did you mean "gateway.authorize"?',
    ],
    [
      'an unknown kind',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'respons-lost' }),
      'did you mean "response-lost"?',
    ],
    [
      'a misspelt member',
      { ...plain, step: [] },
      'at the top: has no member "step"; remove it or correct its name',
    ],
    ['a missing member', { ...plain, steps: undefined }, 'steps: is missing; add an array'],
    [
      'an amount of nothing',
      { ...plain, steps: [{ ...charge, amountMinor: 0 }] },
      'steps[0].amountMinor: must be at least 1, not 0',
    ],
    [
      'one id twice',
      { ...plain, steps: [charge, charge] },
      'steps[1].id: "a" is already the id of steps[0]; every step needs its own',
    ],
    [
      'a process that is not there',
      { ...plain, steps: [{ ...charge, retries: [{ afterMs: 0, process: 1 }] }] },
      'steps[0].retries[0].process: there is no process 1, only process 0; set config.processes to 2 or more',
    ],
    [
      'more clocks than processes',
      { ...plain, config: { processes: 2, skewMs: [0, 1, 2] } },
      'config.skewMs: gives 3 clocks to 2 processes; drop the last ones or raise config.processes',
    ],
    [
      'a kind that cannot strike its site',
      withFault({ site: 'clock.sleep', nth: 1, kind: 'refused' }),
      'steps[0].faults[0].kind: refused cannot strike clock.sleep; these can: delay, reply-delay, stall, crash-before-apply, crash-after-apply',
    ],
    [
      'a fault of real servers outside their tier',
      withFault({ site: 'store.claim', nth: 1, kind: 'redis-oom' }),
      'steps[0].faults[0].kind: redis-oom befalls real servers only; set tier to "real", or use another kind',
    ],
    [
      'a duration without use',
      withFault({ site: 'store.claim', nth: 1, kind: 'refused', ms: 5 }),
      'steps[0].faults[0].ms: refused takes no duration; remove ms, or use one of delay, ',
    ],
    [
      'a restart without a crash',
      withFault({ site: 'store.claim', nth: 1, kind: 'refused', restartAfterMs: 5 }),
      'steps[0].faults[0].restartAfterMs: only a crash is followed by a restart; remove it from refused',
    ],
    [
      'a Retry-After without a 429',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'refused', retryAfter: '5' }),
      'steps[0].faults[0].retryAfter: only rate-limited sends this header; remove it from refused',
    ],
    [
      'an effect that comes too late',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'late', ms: 30_001 }),
      'steps[0].faults[0].ms: the request takes effect 30001 ms late, but delay is bounded by 30000 ms; ' +
        'shorten it or set config.effectDelay to "unbounded"',
    ],
    [
      'an unknown background actor',
      { ...plain, background: { 'flush:1': [] } },
      'background["flush:1"]: no background actor has this name; sweeps are called sweep:1, sweep:2, …',
    ],
    [
      'a client fault on a sweep',
      {
        ...plain,
        config: { sweepEveryMs: 1_000 },
        background: { 'sweep:1': [{ site: 'client.charge', nth: 1, kind: 'delay' }] },
      },
      'background["sweep:1"][0].site: a sweep never crosses client.charge; carry this fault on a step',
    ],
    [
      'faults on a sweep where nothing sweeps',
      { ...plain, background: { 'sweep:1': [refused] } },
      'background["sweep:1"]: nothing sweeps; set config.sweepEveryMs, or remove these faults',
    ],
    [
      'faults on a sweep beyond the only one',
      { ...plain, config: { sweepEveryMs: 1_000 }, background: { 'sweep:2': [refused] } },
      'background["sweep:2"]: only one sweep runs; set config.sweeps to 2 or more, or remove these faults',
    ],
    [
      'faults on a sweep beyond the last one',
      { ...plain, config: { sweepEveryMs: 1_000, sweeps: 3 }, background: { 'sweep:9': [refused] } },
      'background["sweep:9"]: only 3 sweeps run; set config.sweeps to 9 or more, or remove these faults',
    ],
    [
      'a step-up of a purchase that nobody makes',
      { ...plain, steps: [charge, { ...stepUp, key: 'K1' }] },
      'steps[1].key: no charge or order in scope "shop" has the key "K1", so its payer is never asked; ' +
        'did you mean "k1"? Name the purchase of a charge or order',
    ],
    [
      'a step-up of a purchase in another scope',
      { ...plain, steps: [{ ...charge, scope: 'club' }, stepUp] },
      'steps[1].key: no charge or order in scope "shop" has the key "k1", so its payer is never asked; name its scope, "club"',
    ],
    [
      'a dispute over a purchase that nobody makes',
      { ...plain, steps: [charge, { id: 'd', at: 0, do: 'dispute', key: 'k2', act: 'opened' }] },
      'steps[1].key: no charge or order in scope "shop" has the key "k2", so there is nothing to dispute; ' +
        'did you mean "k1"?',
    ],
    [
      'a refund of a charge, which is no order',
      { ...plain, steps: [charge, refund] },
      'steps[1].order: no order in scope "shop" has the key "k1", so there is nothing to refund; ' +
        'Name the purchase of an order',
    ],
    [
      'a refund of an order in another scope',
      { ...plain, steps: [{ ...checkout, scope: 'club' }, refund] },
      'so there is nothing to refund; name its scope, "club"',
    ],
    [
      'an order and a charge that the gateway could not tell apart',
      { ...plain, steps: [charge, { ...checkout, id: 'b', scope: 'shop' }] },
      'steps[1].key: steps[0] charges under "k1" in scope "shop" too; give the order another key',
    ],
    [
      'a day that there is none of',
      { ...plain, steps: [{ id: 'r', at: 0, do: 'reconcile', day: '2026-02-30', process: 0 }] },
      'steps[0].day: 2026-02-30 is no day',
    ],
    [
      'an operator at a process that there is none of',
      { ...plain, steps: [{ id: 'r', at: 0, do: 'reconcile', process: 1 }] },
      'steps[0].process: there is no process 1, only process 0',
    ],
    [
      'a delivery fault on a request',
      { ...plain, steps: [{ ...checkout, faults: [{ site: 'webhook.deliver', nth: 1, kind: 'delay' }] }] },
      'steps[0].faults[0]: a request never meets delay at webhook.deliver; carry this fault in background["twin:deliver:evt_1"]',
    ],
    [
      'a row fault on a retry',
      {
        ...plain,
        steps: [
          {
            ...checkout,
            retries: [{ afterMs: 0, faults: [{ site: 'gateway.report', nth: 1, kind: 'row-late' }] }],
          },
        ],
      },
      'steps[0].retries[0].faults[0]: a request never meets row-late at gateway.report',
    ],
    [
      'a delivery that meets something else',
      { ...plain, background: { 'twin:deliver:evt_1': [{ site: 'client.refund', nth: 1, kind: 'delay' }] } },
      'background["twin:deliver:evt_1"][0].site: a delivery never crosses client.refund; carry this fault on a step',
    ],
    [
      'a row of a second report',
      {
        ...plain,
        background: { 'twin:row:txn_ch_1_1': [{ site: 'gateway.report', nth: 2, kind: 'row-late' }] },
      },
      'background["twin:row:txn_ch_1_1"][0].site: a row never crosses gateway.report but to be reported once',
    ],
    [
      'a row fault on a sweep',
      {
        ...plain,
        config: { sweepEveryMs: 1_000 },
        background: { 'sweep:1': [{ site: 'gateway.report', nth: 1, kind: 'row-late' }] },
      },
      'background["sweep:1"][0].site: a sweep never crosses gateway.report',
    ],
    [
      'a step that nobody knows',
      { ...plain, steps: [{ ...stepUp, do: 'stepup' }] },
      'did you mean "step-up"? known are charge, checkout, refund, dispute, reconcile, clock, step-up',
    ],
  ])('refuses %s', (_, value, problem) => {
    expect(problemsOf(value).join('\n')).toContain(problem);
  });

  it.each<[string, object, string]>([
    [
      'does not fit its site',
      { kind: 'dns' },
      'episodes[0].kind: dns cannot strike store.claim; these can: delay, ',
    ],
    [
      'befalls real servers only',
      { kind: 'postgres-shutdown' },
      'episodes[0].kind: postgres-shutdown befalls real servers only; set tier to "real", or use another kind',
    ],
    [
      'takes no duration',
      { ms: 5 },
      'episodes[0].ms: refused takes no duration; remove ms, or use one of delay, ',
    ],
    [
      'ends before it begins',
      { fromMs: 500, untilMs: 500 },
      'episodes[0].untilMs: the episode ends at 500 ms, which is not after its beginning at 500 ms; let it end later or remove it',
    ],
    ['strikes more often than always', { percent: 101 }, 'episodes[0].percent: must be at most 100, not 101'],
  ])('refuses weather that %s', (_, changed, problem) => {
    const episode = { fromMs: 0, untilMs: 1_000, site: 'store.claim', kind: 'refused', percent: 50 };
    expect(problemsOf({ ...plain, episodes: [episode] })).toEqual([]);
    expect(problemsOf({ ...plain, episodes: [{ ...episode, ...changed }] }).join('\n')).toContain(problem);
  });

  it('adds up what the weather and the faults at an address hold back', () => {
    const site = 'gateway.authorize';
    const slow = { fromMs: 0, untilMs: 1_000, site, kind: 'slow', percent: 10, ms: 20_000 };
    const late = { ...slow, kind: 'late' };
    const carried = { site, nth: 3, kind: 'delay', ms: 9_961 };
    const stormy = (episodes: object[], ...faults: object[]): readonly string[] =>
      problemsOf({ ...plain, steps: [{ ...charge, faults }], episodes });
    expect(stormy([slow], { ...carried, ms: 9_960 })).toEqual([]);
    expect(stormy([slow], carried)).toEqual([
      'episodes[0].ms: together with what else strikes at gateway.authorize, a request may take effect 30001 ms late, ' +
        'but delay is bounded by 30000 ms; shorten it or set config.effectDelay to "unbounded"',
    ]);
    expect(stormy([slow], { ...carried, kind: 'reply-delay' })).toEqual([]);
    expect(stormy([slow, { ...late, fromMs: 999, untilMs: 2_000 }])).toHaveLength(1);
    expect(stormy([slow, { ...late, fromMs: 1_000, untilMs: 2_000 }])).toEqual([]);
    expect(stormy([slow, { ...late, site: 'gateway.capture' }])).toEqual([]);
    // Each overlaps with the third, but never do three last at once.
    const third = { ...slow, kind: 'delay', ms: 9_900, untilMs: 2_000 };
    expect(stormy([slow, { ...late, fromMs: 1_000, untilMs: 2_000 }, third])).toEqual([]);
    expect(stormy([{ ...late, ms: 30_001 }])).toHaveLength(1);
    const unbounded = {
      ...plain,
      config: { effectDelay: 'unbounded' },
      episodes: [{ ...late, ms: 900_000 }],
    };
    expect(problemsOf(unbounded)).toEqual([]);
  });

  it('adds up what holds one request back, and only on one crossing', () => {
    const half = { site: 'gateway.authorize', kind: 'slow', ms: 20_000 } as const;
    const other = { ...half, kind: 'delay' } as const;
    const carrying = (...faults: object[]): unknown => ({ ...plain, steps: [{ ...charge, faults }] });
    expect(problemsOf(carrying({ ...half, nth: 1 }, { ...other, nth: 2 }))).toEqual([]);
    expect(problemsOf(carrying({ ...half, nth: 1 }, { ...other, nth: 1 }))).toHaveLength(1);
  });

  it('lets an effect come as late as it likes where that is declared', () => {
    const late = { site: 'gateway.authorize', nth: 1, kind: 'late', ms: 900_000 };
    const steps = [{ ...charge, faults: [late] }];
    expect(problemsOf({ ...plain, config: { effectDelay: 'unbounded' }, steps })).toEqual([]);
  });
});
