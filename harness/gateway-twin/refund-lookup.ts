// Asking what became of a refund: providers list the refunds of a payment, and the reference tells which one was meant.

import type { GatewayCapabilities, RefundLookupRequest, RefundResult } from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { FarSide } from '../world/boundary.ts';
import type { WireAnswer } from './answer.ts';
import type { Ledger } from './books.ts';
import { rateLimited } from './lookup.ts';
import { refundOf, stageAt } from './payment.ts';

/** A refund as it is listed. */
export interface ListedRefund extends RefundResult {
  readonly merchantReference: string;
}

/** What a listing says. */
export type RefundListing =
  /** The refunds of the payment that were visible, in the order of their requests. */
  | { readonly kind: 'listed'; readonly refunds: readonly ListedRefund[] }
  /** The request itself was refused with `answer` (429). */
  | { readonly kind: 'refused'; readonly answer: WireAnswer };

/** What a look-up of a refund says. */
export type RefundLookupAnswer =
  | { readonly kind: 'found'; readonly refund: RefundResult }
  | { readonly kind: 'absent' }
  | { readonly kind: 'refused'; readonly answer: WireAnswer };

/** The two ways to ask. Under `stale` both answer with what was visible `consistentAfterMs` ago. */
export interface RefundLookups {
  list(chargeId: string, inject: Injection | undefined): RefundListing;
  find(request: RefundLookupRequest, inject: Injection | undefined): RefundLookupAnswer;
}

/** What refund look-ups read. */
export interface RefundLookupParts {
  readonly books: Ledger;
  readonly far: FarSide;
  readonly capabilities: GatewayCapabilities;
}

/** The look-ups over one book. */
export function refundLookups({ books, far, capabilities }: RefundLookupParts): RefundLookups {
  function list(chargeId: string, inject: Injection | undefined): RefundListing {
    if (inject?.kind === 'rate-limited') return { kind: 'refused', answer: rateLimited(inject) };
    const asOfMs = far.nowMs() - (inject?.kind === 'stale' ? capabilities.lookup.consistentAfterMs : 0);
    const refunds = (books.byId(chargeId)?.sequel?.refunds ?? []).flatMap((refund) => {
      const stage = stageAt(refund.stages, asOfMs);
      const { merchantReference } = refund.request;
      return stage === undefined ? [] : [{ ...refundOf(refund, stage), merchantReference }];
    });
    return { kind: 'listed', refunds };
  }

  return {
    list,
    find({ chargeId, merchantReference }, inject) {
      const listing = list(chargeId, inject);
      if (listing.kind === 'refused') return listing;
      const meant = listing.refunds.filter((refund) => refund.merchantReference === merchantReference);
      // Several share a reference when a request was executed twice: the one that has come furthest speaks for them,
      // the earliest if there are more.
      const [furthest] = meant.toSorted((a, b) => rank[b.status] - rank[a.status]);
      if (furthest === undefined) return { kind: 'absent' };
      const { merchantReference: _, ...refund } = furthest;
      return { kind: 'found', refund };
    },
  };
}

const rank: Readonly<Record<RefundResult['status'], number>> = { succeeded: 2, pending: 1, failed: 0 };
