// Convinces by made-up targets whose every answer is known, so that each count of the result can be compared with
// one made by hand; and by one real target that is known to be broken and one that is not.

import { describe, expect, it } from 'vitest';
import { type Case, everyFault } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import { ofOrders } from '../checkers/testing-invariants.ts';
import { runCase } from '../run.ts';
import { asWritten } from '../targets/as-written.ts';
import { reference } from '../targets/reference.ts';
import { type CampaignEvent, type CampaignOptions, epochCases, runCampaign } from './campaign.ts';
import { madeUpResult } from './testing.ts';

type Run = CampaignOptions['runCase'];

const harmless: Run = async (subject) => madeUpResult(subject, { marks: ['retried'] });

const base = {
  target: reference,
  profile: 'stripe',
  tier: 'sim',
  seed: 1,
  runs: 200,
  strategy: 'random',
  bail: false,
  shrink: true,
  recheckEvery: 20,
  now: () => 0,
  runCase: harmless,
} as const;

const crashes = (subject: Case): boolean => everyFault(subject).some(({ kind }) => kind.startsWith('crash'));

const breakingOnCrash: Run = async (subject) =>
  madeUpResult(subject, { broken: crashes(subject) ? ['S6', 'L1'] : [], marks: ['retried'] });

describe('runCampaign', () => {
  it('counts what was run, judged and reached', async () => {
    const run: Run = async (subject) => madeUpResult(subject, { notPromised: ['L1'], marks: ['retried'] });
    const campaign = await runCampaign({ ...base, runCase: run });
    expect(campaign).toMatchObject({
      runs: 200,
      events: 2_000,
      errorCount: 0,
      interrupted: false,
      violations: [],
    });
    expect(campaign.judged).toMatchObject({ S1: 200, S6: 200, L1: 0, S2: 0 });
    expect(campaign.notPromised).toMatchObject({ S1: 0, L1: 200 });
    expect(campaign.marks).toEqual({ retried: 200 });
    expect(campaign.held).toEqual(['S1', 'S6']);
    expect(campaign.underjudged).toContainEqual({ invariant: 'L1', judged: 0, needed: 1 });
    expect(campaign.undeclared).toEqual(ofOrders);
    expect(campaign.requiredMarks).toContain('retried');
    expect(campaign.unreachedMarks).toEqual(campaign.requiredMarks.filter((mark) => mark !== 'retried'));
    expect(campaign.distribution.cases).toBe(200);
    expect(campaign.strategies).toEqual({
      'no-fault': 0,
      'one-fault': 0,
      'two-faults': 0,
      'three-faults': 0,
      random: 200,
    });
  });

  it('asks nothing about guards of a target that declares none', async () => {
    const { retry: _, ...target } = { ...reference, capabilities: ['charge'] } as const;
    const campaign = await runCampaign({ ...base, target });
    expect(campaign.undeclared.filter((id) => !ofOrders.includes(id))).toEqual([
      'S14',
      'S15',
      'S16',
      'S20',
      'L4',
    ]);
    expect(campaign.underjudged.map(({ invariant }) => invariant)).not.toContain('S16');
    expect(campaign.requiredMarks).not.toContain('breaker-opened');
  });

  it('shrinks the first case of each broken invariant and counts the others', async () => {
    const events: CampaignEvent[] = [];
    const campaign = await runCampaign({ ...base, runCase: breakingOnCrash }, (event) => events.push(event));
    expect(campaign.violations.map(({ invariant }) => invariant)).toEqual(['S6', 'L1']);
    const [first] = campaign.violations;
    // One crash is the least that crashes: of a request, or of a sweep that has nothing to do.
    expect(first?.requests).toBeLessThanOrEqual(1);
    expect(first).toMatchObject({
      faults: 1,
      preemptions: 0,
      foundBy: 'random',
      shrunkToEnd: true,
    });
    expect(first?.because).toBe('the rule says so');
    expect(first?.runsToFailure).toBe((first?.index ?? 0) + 1);
    expect(first?.timesBroken).toBeGreaterThan(5);
    expect(first?.timesBroken).toBe(campaign.timesBroken.S6);
    expect(crashes(checkCase(first?.case))).toBe(true);
    const told = events.filter(({ kind }) => kind !== 'progress').map(({ kind }) => kind);
    expect(told).toEqual(['broken', 'shrunk', 'broken', 'shrunk']);
  });

  it('stops at the first violation when asked, and leaves it as it is without shrinking', async () => {
    const campaign = await runCampaign({ ...base, runCase: breakingOnCrash, bail: true, shrink: false });
    const [first] = campaign.violations;
    expect(campaign.runs).toBe(first?.runsToFailure);
    expect(first?.case).toEqual(first?.foundCase);
    expect(first).toMatchObject({ shrinkMs: 0, shrinkExecutions: 0, shrunkToEnd: false });
  });

  it('has one digest for equal seeds and runs, and another one for others', async () => {
    const digestOf = async (options: Partial<CampaignOptions>) =>
      (await runCampaign({ ...base, strategy: 'mixed', runs: 120, ...options })).digest;
    const digest = await digestOf({});
    expect(await digestOf({ recheckEvery: 3 })).toBe(digest);
    expect(await digestOf({ seed: 2 })).not.toBe(digest);
    expect(await digestOf({ runs: 121 })).not.toBe(digest);
    const salted: Run = async (subject) =>
      madeUpResult(subject, { salt: subject.steps.length === 3 ? 1 : 0 });
    expect(await digestOf({ runCase: salted })).not.toBe(digest);
  });

  it('shares its cases out among shards without gap or overlap', async () => {
    const shard = async (index: number) => {
      const seen: string[] = [];
      const run: Run = async (subject) => {
        seen.push(JSON.stringify(subject));
        return await harmless(subject, reference);
      };
      const campaign = await runCampaign({
        ...base,
        recheckEvery: 0,
        runCase: run,
        shard: { index, count: 3 },
      });
      return { seen, runs: campaign.runs };
    };
    const whole: string[] = [];
    await runCampaign({
      ...base,
      recheckEvery: 0,
      async runCase(subject) {
        whole.push(JSON.stringify(subject));
        return await harmless(subject, reference);
      },
    });
    const parts = [await shard(1), await shard(2), await shard(3)];
    expect(parts.map(({ runs }) => runs)).toEqual([67, 67, 66]);
    expect(parts.flatMap(({ seen }) => seen).sort()).toEqual([...whole].sort());
  });

  it('reports cases that come out differently the second time', async () => {
    let calls = 0;
    const run: Run = async (subject) => {
      calls += 1;
      return madeUpResult(subject, { salt: calls });
    };
    const campaign = await runCampaign({ ...base, runs: 60, runCase: run });
    expect(campaign.determinism).toEqual({ rechecked: 3, mismatches: 3 });
    expect(campaign.firstMismatch?.index).toBe(0);
    expect((await runCampaign({ ...base, runs: 60 })).determinism).toEqual({ rechecked: 3, mismatches: 0 });
  });

  it('collects what keeps a case from being judged, with the case', async () => {
    const run: Run = async (subject) => {
      if (crashes(subject)) throw new TypeError('escaped the world');
      return madeUpResult(subject);
    };
    const campaign = await runCampaign({ ...base, runs: 2_000, recheckEvery: 0, runCase: run });
    expect(campaign.errorCount).toBeGreaterThan(100);
    expect(campaign.errors).toHaveLength(100);
    for (const error of campaign.errors) {
      expect(error).toMatchObject({ during: 'run', message: 'TypeError: escaped the world' });
      expect(crashes(error.case)).toBe(true);
    }
    expect(campaign.runs).toBe(2_000);
  });

  it('stops at the signal and keeps what shrinking had reached by then', async () => {
    const stop = new AbortController();
    let candidates = 0;
    const run: Run = async (subject, target) => {
      const result = await breakingOnCrash(subject, target);
      if (result.broken.length > 0) candidates += 1;
      if (candidates === 4) stop.abort();
      return result;
    };
    const campaign = await runCampaign({ ...base, runCase: run, stopSignal: stop.signal });
    expect(campaign.interrupted).toBe(true);
    expect(campaign.violations.length).toBeGreaterThan(0);
    expect(campaign.violations[0]?.shrunkToEnd).toBe(false);
    expect(campaign.runs).toBeLessThan(200);
  });

  it('looks at the clock at the end of an epoch only', async () => {
    let nowMs = 0;
    const { runs: _runs, ...unbounded } = base;
    const timed = { ...unbounded, recheckEvery: 0, maxTimeMs: 5, now: () => (nowMs += 1) };
    expect((await runCampaign(timed)).runs % epochCases.sim).toBe(0);
    expect((await runCampaign({ ...timed, tier: 'msw' })).runs % epochCases.msw).toBe(0);
    await expect(runCampaign(unbounded)).rejects.toThrow(RangeError);
  });

  it('begins with single faults and strews pairs and triples in', async () => {
    const campaign = await runCampaign({ ...base, strategy: 'mixed', runs: 2_400, runCase, recheckEvery: 0 });
    expect(campaign.strategies['no-fault']).toBe(8);
    expect(campaign.strategies['one-fault']).toBeGreaterThan(200);
    expect(campaign.strategies['two-faults']).toBeGreaterThan(150);
    expect(campaign.strategies['three-faults']).toBeGreaterThan(150);
    expect(campaign.strategies.random).toBeGreaterThan(1_300);
    expect(campaign).toMatchObject({ violations: [], errors: [] });
    const short = await runCampaign({ ...base, strategy: 'mixed', runs: 100, runCase, recheckEvery: 0 });
    expect(short.strategies.random).toBeGreaterThanOrEqual(50);
  });

  it('finds the double charge of the textbook stack and tells it in one request and one fault', async () => {
    const campaign = await runCampaign({
      ...base,
      target: asWritten,
      strategy: 'mixed',
      runs: 100,
      runCase,
    });
    const doubled = campaign.violations.find(({ invariant }) => invariant === 'S1');
    expect(doubled).toMatchObject({ requests: 1, faults: 1, preemptions: 0, foundBy: 'one-fault' });
    expect(everyFault(checkCase(doubled?.case))).toEqual([
      { site: 'gateway.authorize', nth: 1, kind: 'response-lost' },
    ]);
  });
});
