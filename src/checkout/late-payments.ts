// A payment that appears after its order was undone without it: it is given back by a small saga of its own, whose one
// achievement is the payment and which then turns back.

import { NotChargedError } from '../errors/payment-error.ts';
import type { SagaRecord } from '../saga/journal.ts';
import type { SagaOptions } from '../saga/options.ts';
import { decodeProgress } from '../saga/progress.ts';
import { type Saga, saga } from '../saga/saga.ts';
import { type UndoPaymentOptions, undoPayment } from '../saga/undo-payment.ts';
import { authorizeStep, type Checkout, chargeName } from './steps.ts';

/** Names the payment. */
export interface LatePayment {
  readonly merchantReference: string;
}

/** The saga that gives late payments back; its id is the order's. */
export function latePayments(
  payments: Required<Pick<UndoPaymentOptions<LatePayment>, 'gateway' | 'isContested' | 'onFenced'>>,
  options: Omit<SagaOptions<LatePayment>, 'name' | 'steps'>,
): Saga<LatePayment> {
  return saga<LatePayment>({
    ...options,
    name: 'late_payment',
    steps: [
      {
        name: 'payment_appeared',
        kind: 'compensable',
        onUnknown: 'resend',
        execute: async () => undefined,
        compensate: undoPayment<LatePayment>({
          ...payments,
          charge: ({ merchantReference }) => ({ merchantReference }),
        }),
      },
      {
        name: 'keep_payment',
        kind: 'pivot',
        onUnknown: 'resend',
        async execute() {
          throw new NotChargedError('the order was undone before its payment appeared; it is given back');
        },
      },
    ],
  });
}

/**
 * Whether an order has its payment, as its journal says.
 *
 * - `open`: whether it was authorised is still to be found out, and whatever is there will be found.
 * - `unseen`: its authorisation is settled, and nothing was ever seen of it: what appears now is nobody's, whether the order
 *   has been undone already or is still at it.
 * - `seen`: the order goes on with it, or gives it back by itself, and knows of the refunds that it made.
 */
export function paymentStanding({ progress }: SagaRecord): 'open' | 'unseen' | 'seen' {
  const { context, steps, notes } = decodeProgress(progress);
  const checkout = context as unknown as Checkout;
  const state = steps.find(({ name }) => name === authorizeStep)?.state ?? 'started';
  if (checkout.charge !== undefined) return 'seen';
  if (state === 'started') return 'open';
  if (state !== 'not-done' && state !== 'undone') return 'seen';
  const note = notes[`undo ${chargeName(checkout).merchantReference}`] as
    | { readonly refunds?: readonly unknown[] }
    | undefined;
  return (note?.refunds ?? []).length === 0 ? 'unseen' : 'seen';
}
