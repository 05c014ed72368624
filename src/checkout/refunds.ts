// Giving money of an order back: once for the client's key, and never more than the order took.

import { effectOf } from '../errors/join.ts';
import {
  GatewayRejectedError,
  OutcomeUnknownError,
  PaymentError,
  PaymentPendingError,
} from '../errors/payment-error.ts';
import type { RefundResult } from '../gateway/port.ts';
import type { Found } from '../idempotency/options.ts';
import { codeOf, writeRejection } from '../resilience/audit.ts';
import type { Call } from '../resilience/operation.ts';
import { type Once, once } from './once.ts';
import { orderId, referenceOf } from './order-id.ts';
import type { PaymentBooks } from './payment-books.ts';
import type { PaymentParts } from './payments.ts';
import type { RefundLimit } from './refund-limit.ts';
import { sending } from './send.ts';

/** A refund of a charge, as it is claimed and swept. Plain JSON. */
export interface ChargeRefund {
  /** Of the refund: scope and client's key. */
  readonly id: string;
  readonly chargeId: string;
  readonly merchantReference: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** The name of the operation in references. */
export const refundName = 'refund';

/** The name of the operation that pays a refund again which the payer's bank sent back. */
export const returnName = 'return';

/** The id of a client's refund. */
export const refundId = orderId;

/** What gives money back. */
export interface RefundParts extends PaymentParts {
  readonly books: Pick<PaymentBooks, 'hadRefunded'>;
}

/** Refunds within the limit. A refund that is pending rejects with `PaymentPendingError`; the same key asks again. */
export function refunds(parts: RefundParts, limit: RefundLimit): Once<ChargeRefund, RefundResult> {
  return refunding(parts, { name: refundName, limit });
}

/** Pays again what came back, within the same limit. */
export function returns(parts: RefundParts, limit: RefundLimit): Once<ChargeRefund, RefundResult> {
  return refunding(parts, { name: returnName, limit });
}

function refunding(
  { gateway, guards, settings, books }: RefundParts,
  { name, limit }: { readonly name: string; readonly limit: RefundLimit },
): Once<ChargeRefund, RefundResult> {
  const send = sending<ChargeRefund, RefundResult>(guards, async ({ chargeId, amountMinor }, call) => {
    const { idempotencyKey, merchantReference, signal } = call;
    const request = { chargeId, amountMinor, idempotencyKey, merchantReference };
    return gateway.refund(request, signal === undefined ? {} : { signal });
  });
  /**
   * Whoever asked may have been told of a refund that was booked, and be asked again by a crash: it counts as made though it
   * came back, which is paid again (see `newsHandler`). One that was never booked has failed, and is paid again by nobody.
   */
  const settled = async (made: RefundResult): Promise<Settled> => {
    if (made.status === 'pending') return { kind: 'pending', gatewayId: made.id };
    if (made.status === 'succeeded' || (await hadRefunded(books, made)))
      return { kind: 'found', result: { ...made, status: 'succeeded' } };
    const kind = { code: 'refund_failed', retriable: false, effect: 'final' } as const;
    const error = new PaymentError('the refund failed, and no money was given back; use a new key', kind);
    return { kind: 'answered', error };
  };
  const refund = once<ChargeRefund, RefundResult>(settings, {
    name,
    idOf: ({ id }) => id,
    async execute(request, call: Call = {}) {
      const reference = call.merchantReference ?? '';
      let giveBack: () => Promise<void>;
      try {
        giveBack = await limit.take(request, reference);
      } catch (error) {
        writeRejection(settings.runtime, { operation: name, code: codeOf(error), call });
        throw error;
      }
      try {
        return standing(await settled(await send(request, call)));
      } catch (error) {
        if (error instanceof GatewayRejectedError) throw refusedFor(error);
        if (effectOf(error) === 'none') await giveBack().catch(ignored);
        throw error;
      }
    },
    async find({ chargeId }, lookup) {
      if (lookup.by === 'reference') {
        const { merchantReference } = lookup;
        const found = await gateway.lookupRefund({ chargeId, merchantReference });
        return found.kind === 'found' ? settled(found.refund) : found;
      }
      const stored = await gateway.lookup(lookup);
      // Under the key of a refund there may be its charge, which says nothing of the refund.
      return stored.kind === 'answered' ? stored : { kind: 'absent' };
    },
  });
  return {
    ...refund,
    async run(request, call) {
      try {
        return await refund.run(request, call);
      } catch (error) {
        // Final for this key: what it was accepted for is free again. A crash before this is mended by every replay.
        if (effectOf(error) === 'final')
          await limit.close(request, referenceOf(name, request.id)).catch(ignored);
        throw error;
      }
    },
  };
}

/**
 * A gateway that keeps its answers keeps this one too, and would take another amount under the same key for a misuse of the
 * key, for ever. So the key has had its answer.
 */
function refusedFor(cause: GatewayRejectedError): PaymentError {
  const kind = { code: 'refund_refused', retriable: false, effect: 'final' } as const;
  return new PaymentError(`the gateway refused the refund (${cause.message}); use a new key`, kind, {
    cause,
  });
}

type Settled = Exclude<Found<RefundResult>, { readonly kind: 'absent' }>;

/** The refund, once the money is back. */
function standing(found: Settled): RefundResult {
  if (found.kind === 'found') return found.result;
  if (found.kind === 'answered') throw found.error;
  const { gatewayId } = found;
  throw new PaymentPendingError('the refund is under way; ask again with the same key', { gatewayId });
}

/** It was sent: that the books do not answer is no reason to send it again. */
async function hadRefunded(books: RefundParts['books'], refund: RefundResult): Promise<boolean> {
  try {
    return await books.hadRefunded(refund);
  } catch (cause) {
    throw new OutcomeUnknownError('the refund failed, but the books did not answer; it is looked up again', {
      cause,
    });
  }
}

/** What is not taken back stands for longer than it need: too little is refunded meanwhile, never too much. */
function ignored(): void {}
