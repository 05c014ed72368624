// Convinces by figures just within and just beyond the threshold, in both directions, and by files that are no baseline.

import { describe, expect, it } from 'vitest';
import { BaselineError, comparable, readBaseline, regressionsSince } from './stack-baseline.ts';
import type { ReportedStack } from './stack-report.ts';

function stack(more: Partial<ReportedStack> = {}): ReportedStack {
  return {
    order: 'a>b',
    profile: 'healthy',
    safe: true,
    broken: [],
    goodputPerSecond: 10,
    successRate: 1,
    firstAnswerRate: 1,
    p50Ms: 50,
    p99Ms: 1_000,
    samples: 600,
    callsPerSuccess: 1,
    doubleCharges: 0,
    declinesRetried: 0,
    refusedByBreaker: 0,
    refusedByLimiter: 0,
    ...more,
  };
}

const baseline = readBaseline(
  JSON.stringify({ tool: 'paystorm', version: '0', seed: 1, gateway: 'stripe', stacks: [stack()] }),
);

const since = (now: Partial<ReportedStack>): readonly string[] =>
  regressionsSince(baseline, { stacks: [stack(now)] }, 10).map(
    ({ figure, was, is, percent }) => `${figure} ${was} ${is} ${percent}`,
  );

describe('what got worse', () => {
  it.each([
    [{ goodputPerSecond: 9 }, []],
    [{ goodputPerSecond: 8.9 }, ['goodputPerSecond 10 8.9 11']],
    [{ p99Ms: 1_100 }, []],
    [{ p99Ms: 1_101 }, ['p99Ms 1000 1101 10.1']],
    [{ goodputPerSecond: 20, p99Ms: 1 }, []],
    [{ p99Ms: null }, []],
    [{ goodputPerSecond: 1, safe: false }, []],
    [{ goodputPerSecond: 1, order: 'b>a' }, []],
  ])('since the baseline by %j is %j', (now, expected) => {
    expect(since(now)).toEqual(expected);
  });

  it('from nothing is never worse, and to nothing always', () => {
    const none = { ...baseline, stacks: [{ ...stack(), goodputPerSecond: 0, p99Ms: 0 }] };
    expect(regressionsSince(none, { stacks: [stack()] }, 50)).toMatchObject([
      { figure: 'p99Ms', percent: 100 },
    ]);
  });
});

describe('a baseline', () => {
  it('has days in common with a report, or has not', () => {
    expect(comparable(baseline, { stacks: [stack(), stack({ profile: 'brown-out' })] })).toBe(1);
  });

  it.each(['', '[]', '{}', '{"tool":"paystorm","seed":1,"gateway":"stripe","stacks":[{}]}'])(
    'is not %j',
    (text) => {
      expect(() => readBaseline(text)).toThrow(BaselineError);
      expect(() => readBaseline(text)).toThrow(/written by paystorm bench stacks --json$/);
    },
  );
});
