// Convinces by running every probe against the recommended order, which must hold on all gateways, so that a probe is no
// trap, and against all orders with one pair turned round, of which each probe must break one, so that it is no dud.

import { describe, expect, it } from 'vitest';
import { profiles } from '../../cases/case.ts';
import { checkCase } from '../../cases/codec.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import { movedOutside, recommendedOrder } from '../../targets/orders.ts';
import { confront } from './campaigns.ts';
import { reversalsOf } from './moves.ts';
import { probesOn } from './probes.ts';

const turned = reversalsOf(recommendedOrder).map((pair) => movedOutside(recommendedOrder, pair));

describe('a probe', () => {
  it.each(profiles)('can be carried out, and is no trap on %s', async (profile) => {
    const probes = probesOn([profile], 1);
    for (const probe of probes) expect(checkCase(probe)).toEqual(probe);
    const { broken } = await confront({ order: recommendedOrder, cases: probes, toTheEnd: true });
    expect(broken).toEqual([]);
  });

  it.each(probesOn(['stripe'], 1).map((probe, index) => ({ probe, place: index + 1 })))(
    'breaks some order: number $place',
    async ({ probe }) => {
      const broken: InvariantId[] = [];
      for (const order of turned)
        broken.push(...(await confront({ order, cases: [probe], toTheEnd: true })).broken);
      expect(broken).not.toEqual([]);
    },
  );
});
