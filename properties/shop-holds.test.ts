// What paystorm promises of its own shop, on every commit: some hundred cases of orders, refunds, webhooks, disputes and
// reconciliations under each gateway profile break nothing and come out the same twice. Convinces because the same
// campaign, of as many cases, finds what is wrong with the textbook's shop.

import { describe, expect, it } from 'vitest';
import { profiles } from '../harness/cases/case.ts';
import { runCase } from '../harness/run.ts';
import { type CampaignOptions, runCampaign } from '../harness/search/campaign.ts';
import { asWritten } from '../harness/targets/as-written.ts';
import { reference } from '../harness/targets/reference.ts';

const orders: Omit<CampaignOptions, 'target' | 'profile'> = {
  suite: 'checkout',
  tier: 'sim',
  seed: 20_261_121,
  runs: 200,
  strategy: 'mixed',
  bail: false,
  shrink: false,
  recheckEvery: 20,
  now: () => performance.now(),
  runCase,
};

describe.each(profiles)('the shop on a gateway of profile %s', (profile) => {
  it('holds every invariant, and every run repeats exactly', { timeout: 300_000 }, async () => {
    const campaign = await runCampaign({ ...orders, target: reference, profile });
    expect(campaign.violations.map(({ invariant, because }) => ({ invariant, because }))).toEqual([]);
    expect(campaign.errors).toEqual([]);
    expect(campaign.underjudged).toEqual([]);
    expect(campaign.determinism).toEqual({ rechecked: 10, mismatches: 0 });
  });
});

describe("the textbook's shop", () => {
  it('breaks what it is known to break', { timeout: 300_000 }, async () => {
    const campaign = await runCampaign({ ...orders, target: asWritten, profile: 'stripe' });
    const broken = campaign.violations.map(({ invariant }) => invariant);
    expect(broken).toEqual(
      expect.arrayContaining(['S1', 'S2', 'S13', 'S17', 'S18', 'S21', 'S23', 'W1', 'W2', 'W4', 'L5']),
    );
  });
});
