// The gateway's own books: every payment that it ever created, each with its whole past, so that a look-up can
// be answered as of an earlier instant. What stands here is the truth that targets are judged by.

import type { ChargeRequest, ChargeResult } from '../../src/gateway/port.ts';
import type { BookedCharge, Books, Instant } from '../history/history.ts';
import type { FarSide } from '../world/boundary.ts';
import type { WaitsFor } from './answer.ts';

/** Where a payment stands. */
export type PaymentStatus = BookedCharge['status'];

/** A payment from one instant on. */
export interface Version {
  readonly sinceMs: number;
  readonly status: PaymentStatus;
  readonly capturedMinor: number;
}

/** One payment. Changed only through {@link Ledger}. */
export interface Payment {
  readonly id: string;
  readonly request: ChargeRequest;
  /** What the issuer approved: less than was asked for after a partial approval. */
  readonly authorizedMinor: number;
  readonly at: Instant;
  /** Who decides it, as long as it is pending. */
  readonly waitsFor: WaitsFor;
  /** Oldest first, never empty. */
  readonly versions: Version[];
  /** Refunded for good. */
  refundedMinor: number;
  /** Refunded or about to be. */
  reservedMinor: number;
}

/** What {@link Ledger.open} needs to know. */
export interface Opening {
  readonly request: ChargeRequest;
  readonly status: 'pending' | 'authorized' | 'captured';
  readonly authorizedMinor: number;
  /** For a pending payment: who decides it. Default: the gateway. */
  readonly waitsFor?: WaitsFor;
}

/** The book of payments. */
export interface Ledger {
  /** Books a new payment. */
  open(opening: Opening): Payment;
  /** Moves a payment to another state, now. */
  move(payment: Payment, status: PaymentStatus, capturedMinor: number): void;
  /** By id, or undefined. */
  byId(id: string): Payment | undefined;
  /** All payments of a merchant reference, in the order in which they were booked. */
  byReference(reference: string): readonly Payment[];
  /** How a payment stood at `asOfMs`; undefined when it did not exist yet. */
  versionAt(payment: Payment, asOfMs: number): Version | undefined;
  /** Everything, as it stands now, in the order in which it was booked. */
  books(): Books;
}

/** An empty book. Authorisations that nobody captures lapse after `authorizationLifetimeMs`. */
export function ledger(rules: { readonly authorizationLifetimeMs: number }, far: FarSide): Ledger {
  const payments: Payment[] = [];
  const ids = new Map<string, Payment>();
  const references = new Map<string, Payment[]>();

  function versionAt(payment: Payment, asOfMs: number): Version | undefined {
    const version = payment.versions.findLast(({ sinceMs }) => sinceMs <= asOfMs);
    if (version?.status !== 'authorized') return version;
    const lapsesAtMs = version.sinceMs + rules.authorizationLifetimeMs;
    return asOfMs < lapsesAtMs ? version : { sinceMs: lapsesAtMs, status: 'voided', capturedMinor: 0 };
  }

  return {
    versionAt,
    open({ request, status, authorizedMinor, waitsFor = 'gateway' }) {
      const at = far.instant();
      const capturedMinor = status === 'captured' ? authorizedMinor : 0;
      const payment: Payment = {
        id: `ch_${payments.length + 1}`,
        request,
        authorizedMinor,
        at,
        waitsFor,
        versions: [{ sinceMs: at.atMs, status, capturedMinor }],
        refundedMinor: 0,
        reservedMinor: 0,
      };
      payments.push(payment);
      ids.set(payment.id, payment);
      const siblings = references.get(request.merchantReference);
      if (siblings === undefined) references.set(request.merchantReference, [payment]);
      else siblings.push(payment);
      return payment;
    },
    move(payment, status, capturedMinor) {
      payment.versions.push({ sinceMs: far.nowMs(), status, capturedMinor });
    },
    byId: (id) => ids.get(id),
    byReference: (reference) => references.get(reference) ?? [],
    books: () => ({ charges: payments.map((payment) => booked(payment, versionAt(payment, far.nowMs()))) }),
  };
}

/** The one way to show a payment, so that it looks the same however it was learned. Undefined while undecided. */
export function chargeOf(payment: Payment, version: Version): ChargeResult | undefined {
  if (version.status === 'pending' || version.status === 'failed') return undefined;
  const { request } = payment;
  return {
    id: payment.id,
    status: version.status,
    amountMinor: request.amountMinor,
    capturedMinor: version.capturedMinor,
    currency: request.currency,
    merchantReference: request.merchantReference,
  };
}

function booked(payment: Payment, version: Version | undefined): BookedCharge {
  const { request } = payment;
  return {
    id: payment.id,
    paymentToken: request.paymentToken,
    idempotencyKey: request.idempotencyKey,
    merchantReference: request.merchantReference,
    amountMinor: request.amountMinor,
    currency: request.currency,
    status: version?.status ?? 'pending',
    capturedMinor: version?.capturedMinor ?? 0,
    refundedMinor: payment.refundedMinor,
    at: payment.at,
  };
}
