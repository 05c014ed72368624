// Convinces by a run of a shop, whose deliveries and the work on them are crossings that a fault can be addressed to: one
// that is put there must strike there.

import { expect, it } from 'vitest';
import { at, plainShop, shopCase } from '../shop/testing.ts';
import { storm } from '../storm.ts';
import { boundariesOf, withFault } from './boundaries.ts';

it.each(['webhook.deliver', 'inbox.receive'] as const)(
  'lets a fault be put at what a delivery crosses: %s',
  async (site) => {
    const actor = 'twin:deliver:evt_1';
    const subject = shopCase();
    const boundaries = boundariesOf(await storm(subject, plainShop));
    expect(boundaries).toContainEqual(expect.objectContaining({ actor, site, nth: 1 }));
    const changed = withFault(subject, { actor, fault: { site, nth: 1, kind: 'request-lost' } });
    expect(changed.background).toEqual({ [actor]: [{ site, nth: 1, kind: 'request-lost' }] });
    expect(at(await storm(changed, plainShop), site)[0]?.faults).toEqual(['request-lost']);
  },
);

it('lets a fault be put on an order', async () => {
  const fault = { site: 'shipping.ship', nth: 1, kind: 'delay' } as const;
  const changed = withFault(shopCase(), { actor: 'a', fault });
  expect(changed.steps).toMatchObject([{ id: 'a', faults: [fault] }]);
});
