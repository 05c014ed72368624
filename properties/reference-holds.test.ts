// What paystorm promises of its own reference stack, on every commit: a few hundred mixed cases under each gateway
// profile break nothing, judge every invariant, and come out the same twice. Convinces because the same campaign
// catches every planted bug (see planted-bugs.test.ts); longer campaigns are `paystorm run --runs 100000`.

import { describe, expect, it } from 'vitest';
import { profiles } from '../harness/cases/case.ts';
import { runCase } from '../harness/run.ts';
import { runCampaign } from '../harness/search/campaign.ts';
import { reference } from '../harness/targets/reference.ts';

describe.each(profiles)('the reference stack on a gateway of profile %s', (profile) => {
  it('holds every invariant, and every run repeats exactly', async () => {
    const campaign = await runCampaign({
      target: reference,
      profile,
      tier: 'sim',
      seed: 20_261_121,
      runs: 600,
      strategy: 'mixed',
      bail: true,
      shrink: true,
      recheckEvery: 20,
      now: () => performance.now(),
      runCase,
    });
    expect(
      campaign.violations.map(({ invariant, because, case: story }) => ({ invariant, because, story })),
    ).toEqual([]);
    expect(campaign.errors).toEqual([]);
    expect(campaign.underjudged).toEqual([]);
    expect(campaign.determinism).toEqual({ rechecked: 30, mismatches: 0 });
  });
});
