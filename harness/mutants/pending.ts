// Planted bugs of the idempotency class: payments that are not decided at once, because the payer has to authenticate
// (3-D Secure) or the gateway takes its time.

import {
  AuthenticationRequiredError,
  CardDeclinedError,
  GatewayRejectedError,
  PaymentPendingError,
} from '../../src/errors/payment-error.ts';
import type { ChargeResult } from '../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { type ChargeOperation, failingWith, withFind, withStore } from './replace.ts';

const acceptedMeansPaid =
  (operation: ChargeOperation): ChargeOperation =>
  async (intent, call) => {
    try {
      return await operation(intent, call);
    } catch (error) {
      const accepted = error instanceof AuthenticationRequiredError || error instanceof PaymentPendingError;
      if (!accepted || error.gatewayId === undefined) throw error;
      const { amountMinor, currency } = intent;
      const result: ChargeResult = {
        id: error.gatewayId,
        status: 'captured',
        amountMinor,
        capturedMinor: amountMinor,
        currency,
        merchantReference: call?.merchantReference ?? '',
      };
      return result;
    }
  };

const forgetsTheGatewayId = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  suspend: ({ gatewayId: _forgotten, ...write }) => store.suspend(write),
});

const startsAgainAfterStepUp = (store: IdempotencyStore): IdempotencyStore => ({
  ...store,
  async claim(request) {
    const answer = await store.claim(request);
    const { gatewayId, ...record } = answer.record;
    if (!answer.owned || gatewayId === undefined) return answer;
    return { ...answer, record: { ...record, unresolved: false, generation: record.generation + 1 } };
  },
});

const planted: readonly Planted[] = [
  {
    id: 'accepted-told-as-paid',
    class: 'idempotency',
    mistake: 'a 202 of the gateway counts as success, whatever becomes of the payment',
    exposure: everywhere({ breaks: 'S13', requests: 1, faults: 1 }),
    parts: { send: acceptedMeansPaid },
  },
  {
    id: 'challenge-frees-the-key',
    class: 'idempotency',
    mistake: 'a demand for authentication counts as a refusal that did nothing, and the key is free again',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: {
      send: failingWith((error) =>
        error instanceof AuthenticationRequiredError
          ? new GatewayRejectedError('authenticate first', { cause: error })
          : error,
      ),
    },
  },
  {
    id: 'open-challenge-told-as-declined',
    class: 'idempotency',
    mistake: 'a payment whose payer has not authenticated yet is stored as declined when it is looked up',
    exposure: everywhere({ breaks: 'S8', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withFind(options, async (find, request) => {
          const found = await find(request);
          if (found.kind !== 'pending') return found;
          return { kind: 'answered', error: new CardDeclinedError('the payer did not authenticate') };
        }),
    },
  },
  {
    id: 'pending-looked-up-as-absent',
    class: 'idempotency',
    mistake: 'a look-up that finds a pending payment counts as one that found nothing',
    exposure: on(['checkout', 'none'], { breaks: 'S13', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withFind(withStore(options, forgetsTheGatewayId), async (find, request) => {
          const found = await find(request);
          return found.kind === 'pending' ? { kind: 'absent' } : found;
        }),
    },
  },
  {
    id: 'failed-authentication-unnoticed',
    class: 'idempotency',
    mistake: 'a payment whose challenge failed or was left alone is waited for without end',
    exposure: everywhere({ breaks: 'L1', requests: 1, faults: 1 }),
    parts: {
      options: (options) =>
        withFind(options, async (find, request) => {
          const found = await find(request);
          if (found.kind !== 'answered' || !(found.error instanceof CardDeclinedError)) return found;
          return { kind: 'pending', gatewayId: 'unknown' };
        }),
    },
  },
  {
    id: 'new-payment-after-step-up',
    class: 'idempotency',
    mistake:
      'when the payer comes back from the challenge, a new payment is made instead of going on with the old',
    exposure: everywhere({ breaks: 'S1', requests: 1, faults: 1 }),
    parts: { options: (options) => withStore(options, startsAgainAfterStepUp) },
  },
];

/** Planted bugs about payments that wait. */
export const pendingMutants: readonly Mutant[] = planted.map(plant);
