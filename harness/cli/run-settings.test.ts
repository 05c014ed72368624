// Convinces by giving each flag the values that people mistype or that make no sense, and reading the one line that
// comes back: it must name the flag, what was given, and what would be right.

import { describe, expect, it } from 'vitest';
import { type RunFlags, runSettings } from './run-settings.ts';
import { UsageError } from './usage-error.ts';

const flags: RunFlags = {
  suite: 'charge',
  target: 'reference',
  tier: 'sim',
  profile: 'stripe',
  stores: 'memory',
  strategy: 'mixed',
  shrink: true,
  outputDir: '.paystorm',
  reporter: 'terminal',
};

function complaint(change: Partial<RunFlags>): string {
  try {
    runSettings({ ...flags, ...change }, () => 1);
  } catch (error) {
    if (error instanceof UsageError) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('settings of a run', () => {
  it('have a budget of cases when none is given, and none when only time is', () => {
    expect(runSettings(flags, () => 7)).toMatchObject({ runs: 10_000, maxTimeMs: undefined, seed: 7 });
    expect(runSettings({ ...flags, tier: 'msw' }, () => 7).runs).toBe(500);
    expect(runSettings({ ...flags, maxTime: '1.5' }, () => 7)).toMatchObject({
      runs: undefined,
      maxTimeMs: 1500,
    });
  });

  it('take a seed as given, zero included', () => {
    expect(runSettings({ ...flags, seed: '0' }, () => 7).seed).toBe(0);
  });

  it.each(['0', '-5', 'many', '1.5', '', '1e3', '99999999999999999999'])(
    'refuse %j as a number of runs',
    (runs) => {
      expect(complaint({ runs })).toMatch(/^--runs ".*" is no budget; give a whole number/);
    },
  );

  it.each(['0', '-1', 'soon', '', 'Infinity', '0.0'])('refuse %j as a time', (maxTime) => {
    expect(complaint({ maxTime })).toMatch(/^--max-time ".*" is no budget; give seconds greater than 0/);
  });

  it.each(['0/4', '5/4', '1', 'a/b', '1/0', '-1/2'])('refuse %j as a shard', (shard) => {
    expect(complaint({ shard })).toMatch(/^--shard ".*" names no part; give i\/n/);
  });

  it.each(['0', '-1', '65', '1.5', 'all', ''])('refuse %j as a number of workers', (workers) => {
    expect(complaint({ workers })).toMatch(/^--workers ".*" is no number of threads; give a whole number/);
  });

  it('have one worker unless told otherwise', () => {
    expect(runSettings(flags, () => 7).workers).toBe(1);
    expect(runSettings({ ...flags, workers: '64' }, () => 7).workers).toBe(64);
  });

  it.each(['-1', '1.5', 'x', '9007199254740993'])('refuse %j as a seed', (seed) => {
    expect(complaint({ seed })).toMatch(/^--seed ".*" is not a seed/);
  });

  it.each([
    { name: 'tier', given: 'simm', known: 'sim, msw, real' },
    { name: 'target', given: 'aswritten', known: 'as-written, reference' },
    { name: 'profile', given: 'strip', known: 'stripe, checkout, mango, none' },
    {
      name: 'suite',
      given: 'charges',
      known: 'charge, all, saga, webhooks, refunds, reconciliation, redaction, fraud, checkout',
    },
    { name: 'strategy', given: 'rand', known: 'random, mixed' },
    { name: 'stores', given: 'memry', known: 'memory, redis, postgres' },
    { name: 'reporter', given: 'jsn', known: 'json, terminal' },
  ])('answer a mistyped $name with what is known, the nearest first', ({ name, given, known }) => {
    const [nearest] = known.split(', ');
    expect(complaint({ [name]: given })).toBe(
      `unknown --${name} "${given}": did you mean ${nearest}? Known: ${known}`,
    );
  });

  it('are about everything, or where no orders are taken about charges, and say why', () => {
    const { suite: _, ...open } = flags;
    const of = (change: Partial<RunFlags>) => runSettings({ ...open, ...change }, () => 1);
    expect(of({})).toMatchObject({ suite: 'all', runs: 5_000, suiteNote: undefined });
    expect(of({ target: 'as-written' })).toMatchObject({ suite: 'all' });
    expect(of({ suite: 'saga' })).toMatchObject({ suite: 'saga', runs: 1_000 });
    expect(of({ suite: 'charge', tier: 'msw' })).toMatchObject({ suite: 'charge', suiteNote: undefined });
    expect(of({ tier: 'msw' })).toMatchObject({ suite: 'all', runs: 500, suiteNote: undefined });
    expect(of({ tier: 'real', stores: 'redis' })).toMatchObject({ suite: 'all', runs: 100, stores: 'redis' });
    expect(of({ target: 'mutant:stuck-half-open' })).toMatchObject({
      suite: 'charge',
      suiteNote: '--target mutant:stuck-half-open takes no orders, so this is --suite charge',
    });
  });

  it.each(['all', 'saga', 'checkout'])('refuse --suite %s where no orders are taken', (suite) => {
    expect(complaint({ suite, target: 'mutant:stuck-half-open' })).toBe(
      `--target mutant:stuck-half-open takes no orders, and --suite ${suite} is about orders; take --suite charge, or --target reference or as-written`,
    );
  });

  it.each(['sim', 'msw'])('refuse servers in tier %s', (tier) => {
    expect(complaint({ tier, stores: 'postgres' })).toBe(
      `--tier ${tier} keeps its stores in memory; for --stores postgres take --tier real, else leave --stores out`,
    );
  });

  it('refuse a gateway that the real SDK cannot reach', () => {
    expect(complaint({ tier: 'real', profile: 'mango' })).toMatch(
      /^--tier real cannot play --profile mango: /,
    );
    expect(complaint({ tier: 'msw', profile: 'mango' })).toMatch(/^--tier msw cannot play --profile mango: /);
    expect(complaint({ tier: 'msw', profile: 'checkout' })).toBe('accepted');
    expect(complaint({ tier: 'sim', profile: 'mango' })).toBe('accepted');
  });

  it('list what is known when nothing is near', () => {
    expect(complaint({ tier: 'production' })).toBe('unknown --tier "production"; known: sim, msw, real');
  });
});
