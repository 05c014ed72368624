// Planted bugs of the saga class: how an order goes forward, and how it is undone.

import { PaymentError } from '../../src/errors/payment-error.ts';
import type { RefundRequest } from '../../src/gateway/port.ts';
import type { SagaJournal } from '../../src/saga/journal.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withEntrances, withGateway, withServices, withStores } from './shop-replace.ts';

/** Whether a call of the gateway undoes an order. */
function undoes({ merchantReference }: Pick<RefundRequest, 'merchantReference'>): boolean {
  return merchantReference.startsWith('undo/');
}

const planted: readonly PlantedShop[] = [
  {
    id: 'undone-in-forward-order',
    class: 'saga',
    mistake: 'an order that turns back lets its goods go at once, and gives the money back only then',
    exposure: everywhere({ breaks: 'S9', requests: 1, faults: 0 }),
    start: withStores(({ sagas }, { services: { inventory }, runtime }) => ({
      sagas: {
        ...sagas,
        async save(write: Parameters<SagaJournal['save']>[0]) {
          if (write.saga === 'checkout' && write.state === 'COMPENSATING')
            await inventory.release({ idempotencyKey: `early/${write.id}`, order: write.id }).catch(() => {
              runtime.log({ notice: 'release failed', about: write.id });
            });
          return sagas.save(write);
        },
      },
    })),
  },
  {
    id: 'compensation-registered-after-the-effect',
    class: 'saga',
    mistake:
      'a step is journalled once it has succeeded, so that nobody undoes one whose end was not heard of',
    exposure: everywhere({ breaks: 'S10', requests: 1, faults: 0 }),
    start: withStores(({ sagas }) => ({
      sagas: {
        ...sagas,
        save: (write) => sagas.save({ ...write, progress: withoutIntents(write.progress) }),
        leave: (write) => sagas.leave({ ...write, progress: withoutIntents(write.progress) }),
      },
    })),
  },
  {
    id: 'step-error-swallowed',
    class: 'saga',
    mistake: 'the failure of a shipment is caught and logged, and the order counts as sent',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    start: withServices(({ shipping }, { runtime }) => ({
      shipping: {
        async ship(request) {
          try {
            return await shipping.ship(request);
          } catch {
            runtime.log({ notice: 'shipping failed', about: request.order });
            return { shipment: 'unknown' };
          }
        },
      },
    })),
  },
  {
    id: 'compensation-error-swallowed',
    class: 'saga',
    mistake: 'goods that could not be released are logged, and their step counts as undone',
    exposure: everywhere({ breaks: 'S12', requests: 1, faults: 1 }),
    start: withServices(({ inventory }, { runtime }) => ({
      inventory: {
        ...inventory,
        release: (request) =>
          inventory
            .release(request)
            .catch(() => runtime.log({ notice: 'release failed', about: request.order })),
      },
    })),
  },
  {
    id: 'refund-fired-and-forgotten',
    class: 'saga',
    mistake: 'the way back sends its refund without waiting for it, and takes it for made',
    exposure: everywhere({ breaks: 'S12', requests: 1, faults: 2 }),
    start: withGateway((gateway) => ({
      async refund(request, options) {
        if (!undoes(request)) return gateway.refund(request, options);
        gateway.refund(request).catch(() => undefined);
        const { chargeId, amountMinor, idempotencyKey: id } = request;
        return { id, chargeId, amountMinor, status: 'succeeded' };
      },
    })),
  },
  {
    id: 'completed-saga-run-again',
    class: 'saga',
    mistake:
      'each request begins a saga of its own, so that one delivered again runs a completed order once more',
    exposure: everywhere({ breaks: 'S1', requests: 1, faults: 0 }),
    start: withEntrances((subject, { runtime }) => ({
      checkout: async (intent) =>
        (await subject.checkout?.({ ...intent, key: `${intent.key}/${runtime.id('run')}` })) ?? {
          kind: 'unknown',
          code: 'internal_error',
          body: '',
        },
    })),
  },
  {
    id: 'void-on-captured',
    class: 'saga',
    mistake:
      'the way back voids whatever it finds, and takes the refusal to void a captured charge for its end',
    exposure: everywhere({ breaks: 'S11', requests: 1, faults: 1 }),
    start: withGateway((gateway) => ({
      async refund(request, options) {
        if (!undoes(request)) return gateway.refund(request, options);
        const { chargeId, amountMinor, idempotencyKey, merchantReference } = request;
        await gateway.void({ chargeId, idempotencyKey, merchantReference }, options).catch(refused);
        return { id: idempotencyKey, chargeId, amountMinor, status: 'succeeded' };
      },
    })),
  },
  {
    id: 'authorisation-kept',
    class: 'saga',
    mistake: 'the authorisation of an order that is undone is left to expire',
    exposure: everywhere({ breaks: 'S11', requests: 1, faults: 0 }),
    start: withGateway(() => ({
      async void({ chargeId: id, merchantReference }) {
        const answer = { id, amountMinor: 0, capturedMinor: 0, currency: 'USD', merchantReference };
        return { ...answer, status: 'voided' };
      },
    })),
  },
];

/** Planted bugs of the checkout saga. */
export const sagaMutants: readonly Mutant[] = planted.map(plantShop);

function refused(error: unknown): void {
  if (!(error instanceof PaymentError)) throw error;
}

/** The progress without the steps of which only the intent is known, but for the first. */
function withoutIntents(text: string): string {
  const progress = JSON.parse(text) as { readonly steps: readonly { readonly state: string }[] };
  const steps = progress.steps.filter(({ state }, index) => index === 0 || state !== 'started');
  return JSON.stringify({ ...progress, steps });
}
