// The table that decides when a charge may be sent again and when a fresh gateway key may be used: each wrong rule
// breaks under each kind of gateway within the stated number of faults, found by an ordinary campaign, and the rules
// of the reference hold. The figures come from an exhaustive model of one intent; here the real code is held to them.
// Convinces because the wrong rules and the reference differ only in the rule.

import { describe, expect, it } from 'vitest';
import { type ProfileName, profiles } from '../harness/cases/case.ts';
import { hunt } from '../harness/mutants/hunt.ts';
import { ruleMutants } from '../harness/mutants/rules.ts';
import { runCase } from '../harness/run.ts';
import { type CampaignOptions, runCampaign } from '../harness/search/campaign.ts';
import { reference } from '../harness/targets/reference.ts';

type Row = Readonly<Record<ProfileName, readonly [invariant: string, withinFaults: number]>>;

const table: Readonly<Record<string, Row>> = {
  'same-key-on-any-error': { stripe: ['L1', 1], mango: ['L1', 1], checkout: ['S1', 1], none: ['S1', 1] },
  'new-key-after-any-5xx': { stripe: ['S1', 2], mango: ['S1', 2], checkout: ['S1', 1], none: ['S1', 1] },
  'last-error-decides': { stripe: ['S18', 3], mango: ['S13', 3], checkout: ['S1', 1], none: ['S1', 1] },
};

const campaign: Omit<CampaignOptions, 'profile'> = {
  target: reference,
  tier: 'sim',
  seed: 3,
  runs: 1_500,
  strategy: 'mixed',
  bail: false,
  shrink: true,
  recheckEvery: 0,
  now: () => 0,
  runCase,
};

describe('wrong rules', () => {
  it('are the rows of the table', () => {
    expect(ruleMutants.map(({ id }) => id)).toEqual(Object.keys(table));
  });

  const cells = ruleMutants.flatMap((mutant) =>
    profiles.map((profile) => {
      const [breaks, within] = table[mutant.id]?.[profile] ?? ['missing', 0];
      return { id: mutant.id, mutant, profile, breaks, within };
    }),
  );
  it.each(cells)('$id on $profile breaks $breaks', async ({ mutant, profile, breaks, within }) => {
    const expected = mutant.exposure[profile];
    expect(expected?.breaks).toBe(breaks);
    if (expected === undefined) return;
    const { caught } = await hunt({ mutant, profile, expected, seed: 3, runs: 20_000 });
    expect(caught?.invariant).toBe(breaks);
    expect((caught?.faults ?? 0) + (caught?.preemptions ?? 0)).toBeLessThanOrEqual(within);
  });
});

describe('the rules of the reference', () => {
  it.each(profiles)('hold on %s where delays are bounded', async (profile) => {
    const { violations, errors, notPromised } = await runCampaign({ ...campaign, profile });
    expect({ violations, errors }).toEqual({ violations: [], errors: [] });
    expect(notPromised.L1 ?? 0).toBe(0);
  });

  it.each(profiles)('break nothing on %s where delays are unbounded', async (profile) => {
    const options = { ...campaign, profile, breaking: ['bounded-delay'] as const };
    const { violations, errors } = await runCampaign(options);
    expect({ violations, errors }).toEqual({ violations: [], errors: [] });
  });

  it.each(profiles)(
    'on %s without a bound on delays one lost answer ends as the table says',
    async (profile) => {
      const { verdicts, history } = await runCase(
        {
          paystorm: 1,
          target: 'reference',
          profile,
          seed: 1,
          config: { effectDelay: 'unbounded' },
          steps: [
            {
              id: 'a',
              at: 0,
              do: 'charge',
              key: 'k1',
              amountMinor: 500,
              currency: 'USD',
              process: 0,
              faults: [{ site: 'gateway.authorize', nth: 1, kind: 'late', ms: 3_600_000 }],
            },
          ],
        },
        reference,
      );
      const finishes = verdicts.find(({ id }) => id === 'L1')?.verdict.verdict;
      const replaysEveryAnswer = profile === 'stripe' || profile === 'mango';
      expect(finishes).toBe(replaysEveryAnswer ? 'holds' : 'not-promised');
      expect(history.books.charges).toHaveLength(1);
    },
  );
});
