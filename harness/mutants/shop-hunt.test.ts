// Convinces by hunting bugs whose fate is known: one that shows in the first case, one that no case can show, and one whose
// cases are all passed over.

import { describe, expect, it } from 'vitest';
import { carrying, type PlantedShop, plantShop } from './planted-shop.ts';
import { huntShop, type ShopHunted } from './shop-hunt.ts';
import { withEntrances, withParts } from './shop-replace.ts';

const expected = { breaks: 'S13', requests: 1, faults: 0 } as const;

const blatant: PlantedShop = {
  id: 'blatant',
  class: 'money',
  mistake: 'nothing is done, and everything is told to be',
  exposure: { stripe: expected },
  start: withEntrances(() => ({
    checkout: async ({ amountMinor, currency }) => ({
      kind: 'ok',
      chargeId: 'ch_0',
      amountMinor,
      currency,
      body: '',
      replayed: false,
    }),
  })),
};

function hunted(planted: Partial<PlantedShop>, shrinkBudget = 0): Promise<ShopHunted> {
  const mutant = plantShop({ ...blatant, ...planted });
  return huntShop({ mutant, profile: 'stripe', expected, seed: 1, runs: 5, shrinkBudget });
}

describe('a hunt in the shop', () => {
  it('ends with the first case that breaks what is looked for, and shrinks it when it may', async () => {
    const found = await hunted({});
    expect(found).toMatchObject({ drawn: 1, ran: 1, caught: { invariant: 'S13', shrinkExecutions: 0 } });
    const { caught } = await hunted({}, 200);
    expect(caught).toMatchObject({ invariant: 'S13', requests: 1, faults: 0 });
  });

  it('lets survive what does no harm', async () => {
    const { caught, drawn, ran } = await hunted({ start: withParts((parts) => parts) });
    expect({ caught, drawn, ran }).toEqual({ caught: undefined, drawn: 5, ran: 5 });
  });

  it('passes over cases that cannot show the bug', async () => {
    const { caught, drawn, ran } = await hunted({ lured: () => false });
    expect({ caught, drawn, ran }).toEqual({ caught: undefined, drawn: 5, ran: 0 });
  });
});

describe('a case that carries a fault', () => {
  it('is told by its kind, wherever it strikes', () => {
    const subject = { paystorm: 1, target: 'shop', profile: 'stripe', seed: 1, steps: [] } as const;
    const fault = { site: 'webhook.deliver', nth: 1, kind: 'webhook-stale', ms: 1 } as const;
    const background = { 'twin:deliver:evt_1': [fault] };
    const carries = carrying('webhook-stale');
    expect(carries({ ...subject, steps: [] })).toBe(false);
    expect(carries({ ...subject, steps: [], background })).toBe(true);
  });
});
