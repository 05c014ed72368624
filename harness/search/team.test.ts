// Convinces by running the same cases on one thread and on several, and comparing all that came of them. This thread
// holds its first case back until the helpers have handed something in, so that they come first wherever they can, and
// each test fails if they did nothing.

import { describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { type RunResult, runCase } from '../run.ts';
import { asWritten } from '../targets/as-written.ts';
import { findTarget } from '../targets/registry.ts';
import type { Target } from '../targets/target.ts';
import { type CampaignOptions, runCampaign } from './campaign.ts';
import { HelperError } from './crew.ts';
import { type CampaignEvent, ledgerOf, type Totals } from './ledger.ts';
import type { CasesOptions } from './part.ts';
import { runTeam, type TeamOptions } from './team.ts';

const cases: CasesOptions = {
  target: 'as-written',
  profile: 'stripe',
  tier: 'sim',
  seed: 1,
  runs: 400,
  strategy: 'mixed',
  bail: false,
  recheckEvery: 20,
};

interface Trial extends Partial<Omit<TeamOptions, 'cases' | 'ledger'>> {
  readonly cases?: Partial<CasesOptions>;
  readonly shrink?: boolean;
  readonly observe?: (event: CampaignEvent) => void;
  /** Parts that helpers must have handed in before this thread begins; 4 unless it works alone. */
  readonly after?: number;
}

/** The totals of a team's work, with how many parts came in before this thread began. */
async function totalsOf(trial: Trial): Promise<Totals> {
  const options = { ...cases, ...trial.cases };
  const target = knownTarget(options.target);
  const { workers = 2, stopSignal, shrink = true, observe = () => {} } = trial;
  const plain = trial.run ?? ((subject: Case): Promise<RunResult> => runCase(subject, target));
  const { after = workers > 1 ? 4 : 0 } = trial;
  const gate = Promise.withResolvers<void>();
  let received = 0;
  if (after === 0) gate.resolve();
  const ledger = ledgerOf({ bail: options.bail, shrink, stopSignal, now: () => 0, run: plain, observe });
  await runTeam({
    isTimeUp: () => false,
    ...trial,
    workers,
    cases: options,
    async run(subject) {
      await gate.promise;
      return await plain(subject);
    },
    ledger: {
      ...ledger,
      receive(part) {
        received += 1;
        if (received === after) gate.resolve();
        ledger.receive(part);
      },
    },
  });
  return ledger.totals();
}

function knownTarget(name: string): Target {
  const target = findTarget(name);
  if (target === undefined) throw new Error(`no target is called ${name}`);
  return target;
}

describe('a team', () => {
  it.each([
    { what: 'a target that breaks much', change: {} },
    { what: 'a planted bug', change: { target: 'mutant:get-then-set-claim' } },
    { what: 'the reference at random', change: { target: 'reference', strategy: 'random' } },
    { what: 'one of three shards', change: { runs: 1_200, shard: { index: 2, count: 3 } } },
    { what: 'the msw tier', change: { tier: 'msw', runs: 80 } },
  ] as const)('comes to the same with one thread, two and three: $what', async ({ change }) => {
    const alone = await totalsOf({ workers: 1, cases: change });
    expect(await totalsOf({ workers: 2, cases: change })).toEqual(alone);
    expect(await totalsOf({ workers: 3, cases: change })).toEqual(alone);
  });

  it('ends with the violation of the smallest index, though others are found before', async () => {
    const alone = await totalsOf({ workers: 1, cases: { bail: true } });
    const told: CampaignEvent[] = [];
    const helped = await totalsOf({
      workers: 3,
      cases: { bail: true },
      after: 1,
      observe: (event) => told.push(event),
    });
    expect(helped).toEqual(alone);
    expect(helped.runs).toBe(helped.violations[0]?.runsToFailure);
    expect(told.filter(({ kind }) => kind === 'broken')).toHaveLength(helped.violations.length);
  });

  it('stops all threads at the end of the same epoch when the time is up', async () => {
    let asked = 0;
    const unbounded = { runs: undefined, strategy: 'random', target: 'reference' } as const;
    const timed = await totalsOf({ cases: unbounded, isTimeUp: () => ++asked > 30 });
    expect(timed.runs % 1_000).toBe(0);
    expect(timed).toEqual(await totalsOf({ workers: 1, cases: { ...unbounded, runs: timed.runs } }));
  });

  it('keeps what all threads found when it is interrupted', async () => {
    const stop = new AbortController();
    const stopped = await totalsOf({
      cases: { runs: undefined },
      stopSignal: stop.signal,
      run(subject) {
        stop.abort();
        return runCase(subject, asWritten);
      },
    });
    // Four parts of the helper and the case that this thread was at.
    expect(stopped.runs).toBeGreaterThan(4);
    expect(stopped.distribution.cases).toBe(stopped.runs);
    expect(stopped.violations.length).toBeGreaterThan(0);
  });

  it('loses nothing but the case that ended a thread, and names it', async () => {
    const change = { target: 'reference', strategy: 'random', recheckEvery: 0 } as const;
    const helper = new URL('./testing-lost-helper.ts', import.meta.url);
    const lost = await totalsOf({ cases: change, helper, after: 1 });
    expect(lost).toMatchObject({ runs: 400, errorCount: 1 });
    const [error] = lost.errors;
    expect(error?.message).toBe('the worker thread that ran it ended: exit code 7');
    const without = await totalsOf({
      workers: 1,
      cases: change,
      async run(subject) {
        if (JSON.stringify(subject) === JSON.stringify(error?.case)) throw new Error('lost');
        return await runCase(subject, knownTarget('reference'));
      },
    });
    expect(without.errors.map(({ index }) => index)).toEqual([error?.index]);
    expect({ ...lost, errors: [] }).toEqual({ ...without, errors: [] });
  });

  it('says so when a thread cannot be started', async () => {
    const helper = new URL('data:text/javascript,throw new Error("out of paper")');
    await expect(totalsOf({ helper, after: 0, cases: { runs: 200 } })).rejects.toThrow(
      new HelperError('Error: out of paper'),
    );
  });
});

describe('a campaign on several threads', () => {
  const base: CampaignOptions = {
    ...cases,
    target: asWritten,
    shrink: false,
    now: () => 0,
    runCase,
  };

  it('is the one on a single thread', async () => {
    const alone = await runCampaign(base);
    expect(alone.workers).toBe(1);
    expect(await runCampaign({ ...base, workers: 3 })).toEqual({ ...alone, workers: 3 });
  });

  it('stays on one thread where the target or the way to run it has no name', async () => {
    const run: typeof runCase = (subject, target) => runCase(subject, target);
    expect((await runCampaign({ ...base, runs: 20, workers: 2, runCase: run })).workers).toBe(1);
    expect((await runCampaign({ ...base, runs: 20, workers: 2, target: { ...asWritten } })).workers).toBe(1);
    await expect(runCampaign({ ...base, workers: 0 })).rejects.toThrow(RangeError);
  });
});
