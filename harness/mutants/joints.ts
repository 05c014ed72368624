// Planted bugs of the saga and money classes where an order, its payment and its refunds meet: what was not heard, what was
// asked for again, and what came late or in part.

import { effectOf } from '../../src/errors/join.ts';
import { NetworkError, PaymentError } from '../../src/errors/payment-error.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { operationKey } from '../../src/saga/step-key.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withEntrances, withGateway, withServices, withStores } from './shop-replace.ts';

const nothing = { kind: 'unknown', code: 'internal_error', body: '' } as const;

const planted: readonly PlantedShop[] = [
  {
    id: 'broken-connections-taken-for-refused-ones',
    class: 'saga',
    mistake: 'a connection to inventory or carrier that broke is reported as if nothing had been sent',
    exposure: everywhere({ breaks: 'S12', requests: 1, faults: 1 }),
    start: withServices(({ inventory, shipping }) => ({
      inventory: { ...inventory, reserve: (request) => inventory.reserve(request).catch(notSent) },
      shipping: { ship: (request) => shipping.ship(request).catch(notSent) },
    })),
  },
  {
    id: 'shipment-under-a-new-key',
    class: 'saga',
    mistake:
      'each attempt at a shipment has a key of its own, so that the carrier takes two of them for two orders',
    exposure: everywhere({ breaks: 'S10', requests: 1, faults: 1 }),
    start: withServices(({ shipping }, { runtime }) => ({
      shipping: {
        ship: ({ order, idempotencyKey }) =>
          shipping.ship({ order, idempotencyKey: operationKey(idempotencyKey, runtime.id('attempt')) }),
      },
    })),
  },
  {
    id: 'late-authorisations-not-looked-at',
    class: 'saga',
    mistake:
      'that a payment was authorised is no news to a shop that asked for it, and is answered and dropped',
    exposure: everywhere({ breaks: 'S11', requests: 1, faults: 1 }),
    start: withEntrances((subject) => ({
      webhook: async (rawBody, headers) => {
        if (new TextDecoder().decode(rawBody).includes('"authorized"')) return { status: 200 };
        return (await subject.webhook?.(rawBody, headers)) ?? { status: 500 };
      },
    })),
  },
  {
    id: 'shipped-for-a-part-of-the-price',
    class: 'money',
    mistake: 'what the issuer approved is captured, however little it is, and the goods are sent',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 1 }),
    start: withGateway((gateway) => {
      const parts = new Map<string, number>();
      return {
        async authorize(request, options) {
          const { openMinor, ...charge } = await gateway.authorize(request, options);
          if (openMinor !== undefined) parts.set(charge.id, openMinor);
          return charge;
        },
        capture: (request, options) =>
          gateway.capture(
            { ...request, amountMinor: parts.get(request.chargeId) ?? request.amountMinor },
            options,
          ),
      };
    }),
  },
  {
    id: 'captured-by-one-too-few',
    class: 'money',
    mistake:
      'the amount that is captured is rounded down on its way, and the client is told what was captured',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 0 }),
    start: withGateway((gateway) => ({
      capture: (request, options) =>
        gateway.capture({ ...request, amountMinor: Math.max(1, request.amountMinor - 1) }, options),
    })),
  },
  {
    id: 'refund-key-for-each-request',
    class: 'money',
    mistake: 'each request for a refund is a refund of its own, whatever key the client repeats',
    exposure: everywhere({ breaks: 'S13', requests: 2, faults: 0 }),
    start: withEntrances((subject, { runtime }) => ({
      refund: async (intent) =>
        (await subject.refund?.({ ...intent, key: `${intent.key}/${runtime.id('request')}` })) ?? nothing,
    })),
  },
  {
    id: 'lost-refunds-taken-for-failed',
    class: 'money',
    mistake: 'a refund whose answer was lost counts as failed, and the client is told to ask under a new key',
    exposure: everywhere({ breaks: 'S13', requests: 2, faults: 1 }),
    start: withGateway((gateway) => ({
      refund: (request, options) =>
        gateway.refund(request, options).catch((error: unknown) => {
          if (effectOf(error) !== 'unknown') throw error;
          const kind = { code: 'refund_failed', retriable: false, effect: 'final' } as const;
          throw new PaymentError('the refund failed; use a new key', kind, { cause: error });
        }),
    })),
  },
  {
    id: 'booked-in-two-steps',
    class: 'money',
    mistake:
      'that a capture is booked is written down before its entry, which a crash in between loses for ever',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 1 }),
    start: withStores(({ ledger }) => ({ ledger: { ...ledger, commit: inTwoSteps(ledger) } })),
  },
];

/** Planted bugs where orders, payments and refunds meet. */
export const jointMutants: readonly Mutant[] = planted.map(plantShop);

function notSent(error: unknown): never {
  if (error instanceof NetworkError) throw new NetworkError(error.message, { effect: 'none' });
  throw error;
}

/** Marks that a capture is booked, and books it once that is marked. */
function inTwoSteps({ commit }: LedgerStore): LedgerStore['commit'] {
  return async (units) => {
    const [unit] = units;
    if (units.length > 1 || unit?.entries[0]?.kind !== 'capture') return commit(units);
    const marked = await commit([{ ...unit, entries: [], events: [] }]);
    if (!marked.committed || marked.outcomes[0]?.applied !== true) return marked;
    const booked = await commit([{ ...unit, effect: `${unit.effect} booked` }]);
    if (!booked.committed) return booked;
    return { ...booked, outcomes: booked.outcomes.map((outcome) => ({ ...outcome, effect: unit.effect })) };
  };
}
