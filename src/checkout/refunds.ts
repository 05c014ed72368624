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

/** What refunds go by. */
export interface RefundMeans {
  readonly limit: RefundLimit;
  readonly books: Pick<PaymentBooks, 'wasRefunded'>;
}

/** Refunds within the limit. A refund that is pending rejects with `PaymentPendingError`; the same key asks again. */
export function refunds(parts: PaymentParts, means: RefundMeans): Once<ChargeRefund, RefundResult> {
  return refunding(parts, { ...means, name: refundName });
}

/** Pays again what came back, within the same limit. */
export function returns(parts: PaymentParts, means: RefundMeans): Once<ChargeRefund, RefundResult> {
  return refunding(parts, { ...means, name: returnName });
}

function refunding(
  { gateway, guards, settings }: PaymentParts,
  { name, limit, books }: RefundMeans & { readonly name: string },
): Once<ChargeRefund, RefundResult> {
  const send = sending<ChargeRefund, RefundResult>(guards, async ({ chargeId, amountMinor }, call) => {
    const { idempotencyKey, merchantReference, signal } = call;
    const request = { chargeId, amountMinor, idempotencyKey, merchantReference };
    return gateway.refund(request, signal === undefined ? {} : { signal });
  });
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
        return standing(await asTold(books, await send(request, call)));
      } catch (error) {
        if (error instanceof GatewayRejectedError) throw refusedFor(error);
        if (effectOf(error) === 'none') await giveBack().catch(ignored);
        throw error;
      }
    },
    async find({ chargeId }, lookup) {
      if (lookup.by === 'reference') {
        const { merchantReference } = lookup;
        const seen = await gateway.lookupRefund({ chargeId, merchantReference });
        if (seen.kind === 'absent') return seen;
        return foundRefund(await asTold(books, seen.refund));
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

/**
 * A refund that came back after it was booked is paid again by whoever hears of that. So its client is told that it was made, as
 * he may have been before: one who was told to use a new key would get the money twice.
 */
async function asTold({ wasRefunded }: RefundMeans['books'], refund: RefundResult): Promise<RefundResult> {
  if (refund.status !== 'failed') return refund;
  try {
    return (await wasRefunded(refund)) ? { ...refund, status: 'succeeded' } : refund;
  } catch (cause) {
    throw new OutcomeUnknownError('the refund failed, and the books do not say what was told of it', {
      cause,
    });
  }
}

/** The refund, once the money is back. */
function standing(refund: RefundResult): RefundResult {
  const found = foundRefund(refund);
  if (found.kind === 'found') return refund;
  if (found.kind === 'answered') throw found.error;
  throw new PaymentPendingError('the refund is under way; ask again with the same key', {
    gatewayId: refund.id,
  });
}

function foundRefund(refund: RefundResult): Found<RefundResult> {
  if (refund.status === 'succeeded') return { kind: 'found', result: refund };
  if (refund.status === 'pending') return { kind: 'pending', gatewayId: refund.id };
  const kind = { code: 'refund_failed', retriable: false, effect: 'final' } as const;
  const error = new PaymentError('the refund failed, and no money was given back; use a new key', kind);
  return { kind: 'answered', error };
}

/** What is not taken back stands for longer than it need: too little is refunded meanwhile, never too much. */
function ignored(): void {}
