// What an order that is undone makes of a refund of its own. When it comes back it is paid again only where its success was
// believed for good: an order that is still at it finds that it failed and makes another, and the payer would have the money
// twice.

import type { SagaJournal, SagaRecord } from '../saga/journal.ts';
import { decodeProgress } from '../saga/progress.ts';
import { hasEnded } from '../saga/result.ts';
import { operationKey } from '../saga/step-key.ts';
import type { RefundNote } from '../saga/undoing.ts';
import { idIn } from './order-id.ts';
import { authorizationName } from './payments.ts';
import { reserveStep } from './steps.ts';

/**
 * - `believed`: it counts as made and is looked at no more, or it is none of an order's undoing.
 * - `denied`: it counts as failed.
 * - `open`: neither is written down for good yet.
 */
export type RefundWord = 'believed' | 'denied' | 'open';

/** Names a refund. */
export interface AskedRefund {
  /** The reference of the charge. */
  readonly payment: string;
  /** The reference under which it was asked for. */
  readonly merchantReference: string;
}

/** Reads what was made of a refund. Rejects with `StoreUnavailableError` when the journal did not answer. */
export async function wordOnRefund(
  journal: Pick<SagaJournal, 'read'>,
  asked: AskedRefund,
): Promise<RefundWord> {
  const id = idIn(authorizationName, asked.payment);
  if (id === undefined) return 'believed';
  for (const saga of ['checkout', 'late_payment']) {
    const record = await journal.read({ saga, id });
    const state = record === null ? undefined : stateIn(decodeProgress(record.progress).notes, asked);
    if (record === null || state === undefined) continue;
    if (state === 'failed') return 'denied';
    return state === 'succeeded' && !looksAgain(record) ? 'believed' : 'open';
  }
  return 'believed';
}

/** Whether something of the payment has yet to be undone: whoever goes on with that looks at its refunds. */
function looksAgain(record: SagaRecord): boolean {
  if (hasEnded(record)) return false;
  const { steps } = decodeProgress(record.progress);
  // Whoever is stuck has nothing else left to do.
  const isPaymentLeft = steps.some(({ stuck, name }) => stuck && name !== reserveStep);
  return record.state !== 'FAILED_COMPENSATION' || isPaymentLeft;
}

/** How a refund stands that undoing a payment noted. */
function stateIn(
  notes: Readonly<Record<string, unknown>>,
  { payment, merchantReference }: AskedRefund,
): RefundNote['state'] | undefined {
  const note = notes[`undo ${payment}`] as { readonly refunds?: readonly RefundNote[] } | undefined;
  return note?.refunds?.find(
    (_, index) => operationKey('undo', payment, 'refund', String(index)) === merchantReference,
  )?.state;
}
