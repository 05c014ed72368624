// Planted bugs of the saga class: what goes on with an order after a crash, a challenge or a failure.

import { operationKey } from '../../src/saga/step-key.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withGateway, withServices, withStores } from './shop-replace.ts';

const planted: readonly PlantedShop[] = [
  {
    id: 'crashed-sagas-forgotten',
    class: 'saga',
    mistake: 'nobody looks for orders whose process died or that had to wait',
    exposure: everywhere({ breaks: 'L3', requests: 1, faults: 0 }),
    start: withStores(({ sagas }) => ({ sagas: { ...sagas, list: async () => [] } })),
  },
  {
    id: 'nobody-is-called',
    class: 'saga',
    mistake: 'the call to the on-call is a line in the log',
    exposure: everywhere({ breaks: 'L3', requests: 1, faults: 1 }),
    start: withServices((_, { runtime }) => ({
      page: async (about) => runtime.log({ notice: 'page', about }),
    })),
  },
  {
    id: 'undoing-without-a-stable-key',
    class: 'saga',
    mistake:
      'each attempt to give money back has a key and a reference of its own, so that none is found again',
    exposure: everywhere({ breaks: 'L3', requests: 1, faults: 2 }),
    start: withGateway((gateway, { runtime }) => ({
      refund(request, options) {
        const { idempotencyKey, merchantReference } = request;
        if (!merchantReference.startsWith('undo/')) return gateway.refund(request, options);
        const key = operationKey(idempotencyKey, runtime.id('attempt'));
        return gateway.refund({ ...request, idempotencyKey: key, merchantReference: key }, options);
      },
    })),
  },
  {
    id: 'goods-kept-for-undone-orders',
    class: 'saga',
    mistake: 'goods are let go by a job of the night that nobody has written yet',
    exposure: everywhere({ breaks: 'S12', requests: 1, faults: 0 }),
    start: withServices(({ inventory }) => ({ inventory: { ...inventory, release: async () => {} } })),
  },
  {
    id: 'captured-part-given-back-by-a-void',
    class: 'saga',
    mistake: 'the way back refunds half of what was captured, as the rest is thought to be released',
    exposure: everywhere({ breaks: 'S11', requests: 1, faults: 1 }),
    start: withGateway((gateway) => ({
      async refund(request, options) {
        if (!request.merchantReference.startsWith('undo/')) return gateway.refund(request, options);
        const half = Math.ceil(request.amountMinor / 2);
        const refund = await gateway.refund({ ...request, amountMinor: half }, options);
        return { ...refund, amountMinor: request.amountMinor };
      },
    })),
  },
];

/** Planted bugs of going on with orders and of undoing them. */
export const undoingMutants: readonly Mutant[] = planted.map(plantShop);
