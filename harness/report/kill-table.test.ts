// Convinces by drawing a matrix made by hand in which every kind of trouble occurs once: each has to be named together
// with the command that shows it again, and to cost the exit code that it deserves.

import { describe, expect, it } from 'vitest';
import type { HuntedPair, KillMatrix, Trial } from '../mutants/kill-matrix.ts';
import { type Mutant, on, plant } from '../mutants/mutant.ts';
import { plantShop } from '../mutants/planted-shop.ts';
import type { Violation } from '../search/violation-book.ts';
import { type KillReport, killExitCode, killReport } from './kill-report.ts';
import { killTable } from './kill-table.ts';
import { plainText } from './text.ts';

const expected = { breaks: 'S1', requests: 1, faults: 1 } as const;

const bugOfOrders: Mutant = plantShop({
  id: 'bug-of-orders',
  class: 'saga',
  mistake: 'something else',
  exposure: on(['stripe'], expected),
  start: () => ({}),
});

const bug: Mutant = plant({
  id: 'some-bug',
  class: 'idempotency',
  mistake: 'something',
  exposure: on(['stripe', 'none'], expected),
  parts: {},
});

function trial(seed: number, ms: number, story?: Partial<Violation>): Trial {
  const size = {
    requests: 1,
    faults: 0,
    preemptions: 1,
    runsToFailure: 5,
    result: { history: { digest: 'd' } },
  };
  const caught = story === undefined ? undefined : ({ ...size, ...story } as Violation);
  return { seed, ms, caught, runs: 5, errorCount: 0, interrupted: false };
}

function pair(trials: readonly Trial[], profile: 'stripe' | 'none' = 'stripe'): HuntedPair {
  return { mutant: bug, profile, expected, trials };
}

function reportOf(pairs: readonly HuntedPair[], rest: Partial<KillMatrix> = {}): KillReport {
  const matrix = { pairs, reference: [], elapsedMs: 1_000, interrupted: false, ...rest };
  return killReport(matrix, { version: '0.1.0', seed: 3, trials: 3, runs: { charge: 50, checkout: 9 } });
}

function drawn(report: KillReport): string {
  return killTable(report).map(plainText).join('\n');
}

const quiet = { suite: 'charge', profile: 'stripe', seed: 1, runs: 50, broken: [], errorCount: 0 } as const;

describe('a kill matrix', () => {
  it('has a row for profiles alike, with medians of what was caught', () => {
    const all = reportOf([
      pair([trial(1, 10, {}), trial(2, 30, { runsToFailure: 9 }), trial(3, 90, { runsToFailure: 8 })]),
      pair([trial(1, 200, {})], 'none'),
    ]);
    expect(drawn(all)).toMatch(/some-bug +S1 +stripe none +4\/4 +8 +200 +2 of 2 +1 s\n/);
    const [mutant] = all.mutants;
    expect(mutant).toMatchObject({ difficulty: 'easy', medianRunsToFailure: 7, medianMsToFailure: 60 });
    expect(mutant?.exposures.map(({ atMinimum }) => atMinimum)).toEqual([3, 1]);
    expect(killExitCode(all)).toBe(0);
  });

  it('names what survived, and fails', () => {
    const report = reportOf([pair([trial(1, 1, {}), trial(7, 1)])]);
    expect(drawn(report)).toContain('survived    some-bug on stripe: S1 held in 50 cases\n');
    expect(drawn(report)).toContain(
      'npx paystorm run --suite charge --target mutant:some-bug --profile stripe --seed 7 --runs 50',
    );
    expect(report.mutants[0]).toMatchObject({ trials: 2, caught: 1 });
    expect(killExitCode(report)).toBe(1);
  });

  it('counts and repeats cases of orders where the bug is one of orders', () => {
    const survivor: HuntedPair = { ...pair([trial(7, 1)]), mutant: bugOfOrders };
    const alarm = {
      ...quiet,
      suite: 'checkout',
      broken: [{ invariant: 'S9', because: 'so it seems' }],
    } as const;
    const report = reportOf([survivor, pair([trial(1, 1, {})])], { reference: [quiet, alarm] });
    expect(drawn(report)).toContain('survived    bug-of-orders on stripe: S1 held in 9 cases\n');
    const again = 'npx paystorm run --suite checkout --target';
    expect(drawn(report)).toContain(`${again} mutant:bug-of-orders --profile stripe --seed 7 --runs 9`);
    expect(drawn(report)).toContain(`${again} shop --profile stripe --seed 1 --runs 9`);
    expect(report.reference.map(({ suite, runs }) => [suite, runs])).toEqual([
      ['charge', 50],
      ['checkout', 50],
    ]);
  });

  it('names the longest story that could be shorter, and does not fail for it', () => {
    const report = reportOf([pair([trial(4, 1, { faults: 1 }), trial(5, 1, { faults: 2 })])]);
    expect(drawn(report)).toContain('longer      some-bug on stripe: S1 in 4 steps where 2 would do\n');
    expect(drawn(report)).toMatch(/--profile stripe --seed 5 --runs 50/);
    expect(killExitCode(report)).toBe(0);
  });

  it('names a story that is shorter than was thought possible', () => {
    const report = reportOf([pair([trial(4, 1, {}), trial(6, 1, { preemptions: 0 })])]);
    const said = 'some-bug on stripe: S1 in fewer than the 2 steps that were thought to be needed';
    expect(drawn(report)).toContain(`shorter     ${said}\n`);
    expect(drawn(report)).toMatch(/--profile stripe --seed 6 --runs 50/);
    expect(report.mutants[0]?.exposures[0]).toMatchObject({ undercuttingSeed: 6, exceedingSeed: null });
  });

  it('names false alarms, and fails', () => {
    const alarm = { ...quiet, broken: [{ invariant: 'S5', because: 'so it seems' }] } as const;
    const report = reportOf([pair([trial(1, 1, {})])], { reference: [quiet, alarm] });
    expect(report.falseAlarms).toBe(1);
    expect(drawn(report)).toContain('the reference: 1 false alarm in 100 cases');
    expect(drawn(report)).toContain('alarm       the reference broke S5 on stripe: so it seems\n');
    expect(drawn(report)).toContain(
      'npx paystorm run --suite charge --target reference --profile stripe --seed 1 --runs 50',
    );
    expect(killExitCode(report)).toBe(1);
  });

  it('cannot be relied upon when cases of the reference could not be judged', () => {
    const report = reportOf([pair([trial(1, 1, {})])], { reference: [{ ...quiet, errorCount: 2 }] });
    expect(drawn(report)).toContain('not judged  2 cases of the reference on stripe');
    expect(killExitCode(report)).toBe(2);
  });

  it('says so when it was interrupted', () => {
    const report = reportOf([pair([])], { interrupted: true });
    expect(drawn(report)).toMatch(/some-bug .* 0\/0 +– +– +– +–\n/);
    expect(drawn(report)).toContain('interrupted: these figures cover what was hunted until then');
    expect(killExitCode(report)).toBe(130);
  });

  it('has a digest of what was found, whatever time it took', () => {
    const digestOf = (ms: number, runsToFailure: number): string =>
      reportOf([pair([trial(1, ms, { runsToFailure })])]).digest;
    expect(digestOf(1, 5)).toBe(digestOf(99, 5));
    expect(digestOf(1, 5)).not.toBe(digestOf(1, 6));
  });
});
