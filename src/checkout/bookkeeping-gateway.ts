// A gateway whose good news is in the books before anybody hears it: no capture or refund can be learned of, by answer
// or look-up, and be forgotten by a crash before it is booked.

import { OutcomeUnknownError } from '../errors/payment-error.ts';
import type { ChargeResult, PaymentGateway, RefundResult } from '../gateway/port.ts';
import type { ChargeNews, PaymentBooks } from './payment-books.ts';

/** Where a bookkeeping gateway writes. */
export interface Bookkeeping {
  readonly books: Pick<PaymentBooks, 'captured'>;
  /** Books a refund that has succeeded, under the reference that it was asked for. */
  readonly refunded: (news: ChargeNews, merchantReference: string) => ReturnType<PaymentBooks['refunded']>;
}

/**
 * The same gateway. A call whose news could not be booked rejects with `OutcomeUnknownError`: it happened, and is found
 * out again.
 */
export function bookkeepingGateway(
  gateway: PaymentGateway,
  { books, refunded }: Bookkeeping,
): PaymentGateway {
  const charged = async (charge: ChargeResult): Promise<ChargeResult> => {
    if (charge.capturedMinor > 0) await booked(books.captured(charge));
    return charge;
  };
  const returned = async (refund: RefundResult, merchantReference: string): Promise<RefundResult> => {
    if (refund.status !== 'succeeded') return refund;
    // An answer that was heard late: it has failed since, and others know it already.
    const hasFailed = (await booked(refunded(refund, merchantReference))) === 'failed';
    return hasFailed ? { ...refund, status: 'failed' } : refund;
  };
  return {
    capabilities: gateway.capabilities,
    authorize: async (request, options) => charged(await gateway.authorize(request, options)),
    capture: async (request, options) => charged(await gateway.capture(request, options)),
    void: async (request, options) => charged(await gateway.void(request, options)),
    refund: async (request, options) =>
      returned(await gateway.refund(request, options), request.merchantReference),
    async lookup(request, options) {
      const answer = await gateway.lookup(request, options);
      if (answer.kind === 'found') await charged(answer.charge);
      return answer;
    },
    async lookupRefund(request, options) {
      const answer = await gateway.lookupRefund(request, options);
      if (answer.kind !== 'found') return answer;
      return { ...answer, refund: await returned(answer.refund, request.merchantReference) };
    },
  };
}

async function booked<Answer>(posting: Promise<Answer>): Promise<Answer> {
  try {
    return await posting;
  } catch (cause) {
    throw new OutcomeUnknownError('it happened, but could not be booked; it is looked up again', { cause });
  }
}
