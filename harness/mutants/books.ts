// Planted bugs of the money and reconciliation classes: what is given back and booked, and how it is compared.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { type ShopStart, withGateway, withStores } from './shop-replace.ts';

/** How many entries a page of the books has: few, for the books of a case are short. */
const pageSize = 2;

/** The shop that reads its books as `change` says. */
function withEntries(change: (entries: readonly PostedEntry[]) => readonly PostedEntry[]): ShopStart {
  return withStores(({ ledger }) => ({
    ledger: { ...ledger, entries: async (query) => change(await ledger.entries(query)) },
  }));
}

const planted: readonly PlantedShop[] = [
  {
    id: 'pending-refund-booked',
    class: 'money',
    mistake: 'a refund that the gateway has only accepted is booked, and told, as made',
    exposure: everywhere({ breaks: 'S12', requests: 1, faults: 2 }),
    start: withGateway((gateway) => ({
      async refund(request, options) {
        const refund = await gateway.refund(request, options);
        return refund.status === 'pending' ? { ...refund, status: 'succeeded' } : refund;
      },
    })),
  },
  {
    id: 'news-marked-before-it-is-told',
    class: 'money',
    mistake:
      'news of the outbox are marked as delivered when they are taken up, so that nobody hears them twice',
    exposure: everywhere({ breaks: 'L5', requests: 1, faults: 1 }),
    start: withStores(({ outbox }) => ({
      outbox: {
        ...outbox,
        async claim(request) {
          const claimed = await outbox.claim(request);
          for (const { event, token } of claimed)
            await outbox.settle({ id: event.id, token, outcome: { kind: 'delivered' } });
          return claimed;
        },
      },
    })),
  },
  {
    id: 'news-told-by-nobody',
    class: 'money',
    mistake: 'the outbox is written, and its relay runs nowhere',
    exposure: everywhere({ breaks: 'L5', requests: 1, faults: 0 }),
    start: withStores(({ outbox }) => ({ outbox: { ...outbox, claim: async () => [] } })),
  },
  {
    id: 'paging-loses-rows',
    class: 'reconciliation',
    mistake: 'the second page of the books begins one entry too late',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: withEntries((entries) => entries.filter(({ sequence }) => sequence !== pageSize + 1)),
  },
  {
    id: 'first-page-alone',
    class: 'reconciliation',
    mistake: 'the first page of the books is taken for all of them',
    exposure: everywhere({ breaks: 'S23', requests: 2, faults: 0 }),
    start: withEntries((entries) => entries.filter(({ sequence }) => sequence <= pageSize)),
  },
];

/** Planted bugs of the books. */
export const bookMutants: readonly Mutant[] = planted.map(plantShop);
