// A payment that appears after its order was undone without it: it is given back by a small saga of its own, whose one
// achievement is the payment and which then turns back.

import { NotChargedError } from '../errors/payment-error.ts';
import type { PaymentGateway } from '../gateway/port.ts';
import type { SagaRecord } from '../saga/journal.ts';
import type { SagaOptions } from '../saga/options.ts';
import { decodeProgress } from '../saga/progress.ts';
import { type Saga, saga } from '../saga/saga.ts';
import { undoPayment } from '../saga/undo-payment.ts';
import { type Checkout, chargeName } from './steps.ts';

/** Names the payment. */
export interface LatePayment {
  readonly merchantReference: string;
}

/** The saga that gives late payments back; its id is the order's. */
export function latePayments(
  gateway: PaymentGateway,
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
          gateway,
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
 * Whether an order was undone without its payment ever having been seen. Where it was seen, the order's own compensation
 * has given it back, and knows of the refunds that it made.
 */
export function wasUndoneUnseen({ state, progress }: SagaRecord): boolean {
  if (state !== 'COMPENSATED') return false;
  const { context, notes } = decodeProgress(progress);
  const checkout = context as unknown as Checkout;
  if (checkout.charge !== undefined) return false;
  const note = notes[`undo ${chargeName(checkout).merchantReference}`] as
    | { readonly refunds?: readonly unknown[] }
    | undefined;
  return (note?.refunds ?? []).length === 0;
}
