// Convinces by a Redis that really fails over between the claim and the charge, so that the claim, which was acknowledged, is
// gone, and by a client that asks once more: what is guaranteed then is what the gateway's keys guarantee, and nothing else.

import { afterAll, expect, it } from 'vitest';
import { openLocalServers } from '../../backends/testing.ts';
import type { Case, ChargeStep, ProfileName } from '../../cases/case.ts';
import { checkCase } from '../../cases/codec.ts';
import { runCase } from '../../run.ts';
import { reference } from '../../targets/reference.ts';
import { closeRealTier } from './real-tier.ts';

afterAll(closeRealTier);

const asked = { do: 'charge', key: 'k1', amountMinor: 500, currency: 'USD', process: 0 } as const;
const first: ChargeStep = {
  ...asked,
  id: 'a',
  at: 0,
  faults: [{ site: 'store.claim', nth: 1, kind: 'redis-failover' }],
};
const again: ChargeStep = { ...asked, id: 'b', at: 20_000 };

function failingOver(profile: ProfileName): Case {
  return checkCase({
    paystorm: 1,
    target: 'reference',
    tier: 'real',
    stores: 'redis',
    profile,
    seed: 7,
    steps: [first, again],
  });
}

async function played(profile: ProfileName) {
  const { history, verdicts, broken } = await runCase(failingOver(profile), reference);
  const s1 = verdicts.find(({ id }) => id === 'S1');
  const captured = history.books.charges.filter(({ status }) => status === 'captured').length;
  const claims = history.crossings.filter(({ site, effect }) => site === 'store.claim' && effect?.ok);
  return { history, broken, captured, s1: s1?.verdict.verdict, claims };
}

const local = await openLocalServers('redis');

local.suite('a failover that loses an acknowledged claim', () => {
  it('charges once where the gateway knows keys again, though the claim was given twice', async () => {
    const { broken, captured, s1, claims } = await played('stripe');
    expect({ broken, captured, s1 }).toEqual({ broken: [], captured: 1, s1: 'holds' });
    const owners = claims.filter(({ effect }) => JSON.stringify(effect).includes('"owned":true,'));
    expect(new Set(owners.map(({ actor }) => actor))).toEqual(new Set(['a', 'b']));
  }, 60_000);

  it('promises nothing where it does not, and says so', async () => {
    const { broken, captured, s1 } = await played('none');
    expect({ broken, captured, s1 }).toEqual({ broken: [], captured: 2, s1: 'not-promised' });
  }, 60_000);
});
