// Planted bugs of the money class: what a shop charges, captures, gives back and books.

import { paymentBooks } from '../../src/checkout/payment-books.ts';
import type { ChargeResult } from '../../src/gateway/port.ts';
import { ledger } from '../../src/ledger/ledger.ts';
import type { AccountTotal, LedgerStore, UnitWrite } from '../../src/ledger/ledger-store.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withGateway, withStores } from './shop-replace.ts';

/** The shop over another view of its ledger. */
function withLedger(change: (store: LedgerStore) => Partial<LedgerStore>): PlantedShop['start'] {
  return withStores(({ ledger: store }) => ({ ledger: { ...store, ...change(store) } }));
}

/** The shop that reads the totals of its books without some accounts. */
function withoutAccounts(...names: readonly string[]): PlantedShop['start'] {
  return withLedger((store) => ({
    totals: async (query) => (await store.totals(query)).filter(({ account }) => !names.includes(account)),
  }));
}

const planted: readonly PlantedShop[] = [
  {
    id: 'refunds-checked-then-made',
    class: 'money',
    mistake:
      'what is left to refund is looked up before each refund, and nothing holds it until the refund is made',
    exposure: everywhere({ breaks: 'S3', requests: 3, faults: 0 }),
    start: withLedger(checkedThenMade),
  },
  {
    id: 'earlier-refunds-not-counted',
    class: 'money',
    mistake: 'a refund may be as large as the capture, whatever was refunded before',
    exposure: everywhere({ breaks: 'S3', requests: 2, faults: 0 }),
    start: withoutAccounts('refunded', 'refunds-payable'),
  },
  {
    id: 'disputes-not-counted-in-refunds',
    class: 'money',
    mistake: 'what the payer’s bank has taken back is refunded once more',
    exposure: everywhere({ breaks: 'S3', requests: 2, faults: 0 }),
    start: withoutAccounts('disputed'),
  },
  {
    id: 'order-in-yen-times-100',
    class: 'money',
    mistake: 'the amount of every order is multiplied by 100 on its way, those in yen included',
    exposure: everywhere({ breaks: 'S22', requests: 1, faults: 0 }),
    start: withGateway((gateway) => ({
      authorize: (request, options) =>
        gateway.authorize(
          request.currency === 'JPY' ? { ...request, amountMinor: request.amountMinor * 100 } : request,
          options,
        ),
    })),
  },
  {
    id: 'order-in-dinars-divided-by-10',
    class: 'money',
    mistake: 'every currency is taken to have two decimals, that of Kuwait included',
    exposure: everywhere({ breaks: 'S22', requests: 1, faults: 0 }),
    start: withGateway((gateway) => ({
      authorize: (request, options) =>
        gateway.authorize(
          request.currency === 'KWD'
            ? { ...request, amountMinor: Math.ceil(request.amountMinor / 10) }
            : request,
          options,
        ),
    })),
  },
  {
    id: 'refund-truncated-to-cents',
    class: 'money',
    mistake: 'the amount of a refund passes through major units, and what floating point loses is cut off',
    exposure: everywhere({ breaks: 'S22', requests: 2, faults: 0 }),
    start: withGateway((gateway) => ({
      refund: (request, options) =>
        gateway.refund(
          { ...request, amountMinor: Math.trunc((request.amountMinor / 100) * 100) || 1 },
          options,
        ),
    })),
  },
  {
    id: 'refund-of-the-last-charge',
    class: 'money',
    mistake: 'a refund goes to whichever charge was captured last',
    exposure: everywhere({ breaks: 'S22', requests: 3, faults: 0 }),
    start: withGateway((gateway) => {
      let last: string | undefined;
      return {
        capture(request, options) {
          last = request.chargeId;
          return gateway.capture(request, options);
        },
        refund: (request, options) =>
          gateway.refund({ ...request, chargeId: last ?? request.chargeId }, options),
      };
    }),
  },
  {
    id: 'capture-booked-before-it-is-made',
    class: 'money',
    mistake: 'a capture is booked when it is asked for, and stays in the books when it is refused',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 1 }),
    start: withGateway((gateway, { runtime, stores }) => {
      const books = paymentBooks({ runtime, ledger: ledger({ store: stores.ledger }), store: stores.ledger });
      const known = new Map<string, ChargeResult>();
      return {
        async authorize(request, options) {
          const charge = await gateway.authorize(request, options);
          known.set(charge.id, charge);
          return charge;
        },
        async capture(request, options) {
          const charge = known.get(request.chargeId);
          if (charge !== undefined) await books.captured({ ...charge, capturedMinor: request.amountMinor });
          return gateway.capture(request, options);
        },
      };
    }),
  },
];

/** Planted bugs about the money of a shop. */
export const refundMutants: readonly Mutant[] = planted.map(plantShop);

/** The ledger of a shop whose acceptances hold nothing: each refund sees itself alone. */
function checkedThenMade(store: LedgerStore): Partial<LedgerStore> {
  const looking = new Map<string, AccountTotal>();
  return {
    async commit(units) {
      const [unit] = units;
      if (units.length > 1 || unit === undefined || !accepts(unit)) return store.commit(units);
      for (const { payment, postings } of unit.entries) {
        const [posting] = postings;
        if (payment === undefined || posting === undefined) continue;
        const { amountMinor, currency } = posting;
        looking.set(payment.merchantReference, {
          account: 'refunds-payable',
          currency,
          totalMinor: `${-amountMinor}`,
        });
      }
      const { effect, entries } = unit;
      const newEntries = entries.map(({ key }) => key);
      return { committed: true, outcomes: [{ effect, applied: true, newEntries, newEvents: [] }] };
    },
    async totals(query) {
      const asked = query.merchantReference === undefined ? undefined : looking.get(query.merchantReference);
      const totals = (await store.totals(query)).filter(({ account }) => account !== 'refunds-payable');
      return asked === undefined ? totals : [...totals, asked];
    },
  };
}

function accepts({ effect, entries }: UnitWrite): boolean {
  return effect.startsWith('refund-accepted/') && entries.length > 0;
}
