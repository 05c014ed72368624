// Planted bugs of the money and reconciliation classes: what is given back and booked, and how it is compared.

import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withGateway, withStores } from './shop-replace.ts';

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
    id: 'paging-loses-rows',
    class: 'reconciliation',
    mistake: 'the second page of the books begins one entry too late',
    exposure: everywhere({ breaks: 'S23', requests: 2, faults: 0 }),
    start: withStores(({ ledger }) => ({
      ledger: {
        ...ledger,
        entries: async (query: Parameters<LedgerStore['entries']>[0]) => {
          const entries = await ledger.entries({ ...query, limit: 2 });
          return query.after === 0 ? entries : entries.slice(1);
        },
      },
    })),
  },
];

/** Planted bugs of the books. */
export const bookMutants: readonly Mutant[] = planted.map(plantShop);
