// Convinces by summarising hand-made reports: the figures a person looks for first stand on one line, doubts are
// never hidden behind a green word, and the exit code follows the worst thing in the report.

import { describe, expect, it } from 'vitest';
import { distribution } from '../cases/distribution.ts';
import { exitCodeOf, type ReportedViolation, type RunReport } from './run-report.ts';
import { headline, storyHeadline, summary } from './summary.ts';
import { columnsOf, plainText } from './text.ts';

const green: RunReport = {
  tool: 'paystorm',
  version: '0.1.0',
  seed: 1836211,
  suite: 'charge',
  tier: 'sim',
  target: 'reference',
  profile: 'stripe',
  stores: 'memory',
  strategy: 'mixed',
  shard: null,
  workers: 1,
  runs: 12_000,
  events: 1_500_000,
  elapsedMs: 1100,
  runsPerSecond: 10_909,
  eventsPerSecond: 1_363_636,
  held: ['S1', 'S2'],
  underjudged: [],
  undeclared: [],
  violations: [],
  judged: { S1: 14_000, S2: 9000 },
  notPromised: { S1: 0, S2: 0 },
  marks: { retried: 400, declined: 30 },
  injected: {},
  requiredMarks: ['declined', 'retried'],
  unreachedMarks: [],
  determinism: { rechecked: 600, mismatches: 0 },
  mismatchCase: null,
  errors: [],
  errorCount: 0,
  strategies: { random: 12_000 },
  distribution: {
    cases: 12_000,
    steps: { 1: 4000, 2: 8000 },
    retries: { 0: 12_000 },
    faults: { 1: 12_000 },
    kinds: { delay: 12_000 },
    sites: { 'store.claim': 12_000 },
    episodes: {},
    shares: distribution([]).shares,
  },
  interrupted: false,
  digest: '0123456789abcdef',
};

const violation: ReportedViolation = {
  invariant: 'S1',
  name: 'single-charge',
  because: 'two charges',
  case: '.paystorm/cases/single-charge-7f3a.json',
  requests: 1,
  faults: 1,
  preemptions: 0,
  before: { requests: 30, faults: 9, preemptions: 2 },
  runsToFailure: 3,
  shrinkMs: 312,
  shrunkToEnd: true,
  timesBroken: 40,
  foundBy: 'systematic',
  reproduced: null,
};

const error = { index: 4, during: 'run', message: '', case: null } as const;

function shown(change: Partial<RunReport>, verbose = false): readonly string[] {
  return summary({ ...green, ...change }, { columns: 100, verbose }).map(plainText);
}

describe('the summary of a run', () => {
  it('is short when everything held', () => {
    expect(plainText(headline(green))).toBe(
      'paystorm 0.1.0 · seed 1836211 · suite charge · tier sim · target reference · profile stripe',
    );
    expect(shown({})).toEqual([
      '  12 000 histories · 1.1 s · 10 909/s · 0 violations · 2/2 marks reached',
      '  held          S1 14 000 · S2 9 000',
      '  determinism   600 cases run twice, all alike · digest 0123456789abcdef',
    ]);
  });

  it('names what was not reached, not judged and not promised, and calls that inconclusive', () => {
    const underjudged = [{ invariant: 'L1', judged: 3, needed: 3_600 }] as const;
    const text = shown({
      unreachedMarks: ['declined'],
      underjudged,
      undeclared: ['S16'],
      notPromised: { S1: 12 },
    });
    expect(text).toContain(
      '  12 000 histories · 1.1 s · 10 909/s · 0 violations · 1/2 marks reached'.trimEnd(),
    );
    expect(text).toContain('  unreached     declined');
    expect(text).toContain('  rarely judged L1 3 of 3 600');
    expect(text).toContain('  not asked for S16');
    expect(text).toContain('  not promised  S1 12');
    expect(text.at(-1)).toMatch(/^ {2}inconclusive: /);
  });

  it('is not in doubt about what a target does not declare', () => {
    expect(shown({ undeclared: ['S15', 'S16'] })).toContain('  not asked for S15 · S16');
    expect(shown({ undeclared: ['S15', 'S16'] }).at(-1)).not.toMatch(/inconclusive/);
  });

  it('says how far a failure was shrunk', () => {
    expect(plainText(storyHeadline(violation))).toBe(
      '✗ S1 single-charge   shrunk 41 → 2 steps in 0.3 s (1 request, 1 fault)',
    );
  });

  it('shows cases that could not be judged and runs that differed', () => {
    const errors = [{ ...error, message: 'the run goes in circles' }];
    const text = shown({ errors, errorCount: 1, determinism: { rechecked: 600, mismatches: 2 } }).join('\n');
    expect(text).toContain('error         case 4: the run goes in circles');
    expect(text).toContain('2 of 600 cases came out differently the second time');
  });

  it('stays within the terminal however much there is to list', () => {
    const unreachedMarks = Array.from({ length: 40 }, (_, index) => `some-mark-${index}`);
    const lines = summary({ ...green, unreachedMarks }, { columns: 80, verbose: true }).map(plainText);
    expect(Math.max(...lines.map(columnsOf))).toBeLessThanOrEqual(80);
    expect(lines.join('\n')).toContain('some-mark-39');
  });
});

describe('the exit code', () => {
  it.each([
    { of: 'a run in which everything held', change: {}, code: 0 },
    { of: 'a violation', change: { violations: [violation] }, code: 1 },
    {
      of: 'a violation beside an error',
      change: { violations: [violation], errorCount: 1 },
      code: 1,
    },
    {
      of: 'a violation that came again in every further run',
      change: { violations: [{ ...violation, reproduced: { times: 5, of: 5 } }] },
      code: 1,
    },
    {
      of: 'a violation that came again in some',
      change: { violations: [{ ...violation, reproduced: { times: 2, of: 5 } }] },
      code: 3,
    },
    {
      of: 'a violation that did not come again, beside an error',
      change: { violations: [{ ...violation, reproduced: { times: 0, of: 5 } }], errorCount: 1 },
      code: 2,
    },
    { of: 'a case that could not be judged', change: { errorCount: 1 }, code: 2 },
    { of: 'a run that differed', change: { determinism: { rechecked: 1, mismatches: 1 } }, code: 2 },
    { of: 'an unreached mark', change: { unreachedMarks: ['retried'] }, code: 3 },
    {
      of: 'an invariant that was judged too rarely',
      change: { underjudged: [{ invariant: 'L1', judged: 0, needed: 1 } as const] },
      code: 3,
    },
    { of: 'a target without a breaker', change: { undeclared: ['S16' as const] }, code: 0 },
    { of: 'an interrupt', change: { interrupted: true, violations: [violation] }, code: 130 },
  ])('of $of is $code', ({ change, code }) => {
    expect(exitCodeOf({ ...green, ...change })).toBe(code);
  });
});
