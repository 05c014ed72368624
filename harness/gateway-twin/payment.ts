// What the gateway knows of one payment, with everything that happened to it later, and the ways to show it.

import type {
  CaptureRequest,
  ChargeRequest,
  ChargeResult,
  RefundRequest,
  RefundResult,
} from '../../src/gateway/port.ts';
import type { BookedCharge, BookedDispute } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { WaitsFor } from './answer.ts';

/** Where a payment stands. */
export type PaymentStatus = BookedCharge['status'];

/** A payment from one instant on. */
export interface Version {
  readonly sinceMs: number;
  readonly status: PaymentStatus;
  readonly capturedMinor: number;
  /** Authorised, and neither captured nor released. */
  readonly openMinor: number;
}

/** One payment. Changed only by the ledger. */
export interface Payment {
  readonly id: string;
  readonly request: ChargeRequest;
  /** What the issuer approved: less than was asked for after a partial approval. */
  readonly authorizedMinor: number;
  readonly at: Instant;
  /** Who decides it, as long as it is pending. */
  readonly waitsFor: WaitsFor;
  /** Why it failed, for one that does. */
  readonly declineCode: string;
  /** Oldest first, never empty. */
  readonly versions: Version[];
  /** When what is open lapses by itself, virtual milliseconds; Infinity as long as it was not authorised. */
  lapsesAtMs: number;
  /** Refunded for good. */
  refundedMinor: number;
  /** Refunded or about to be. */
  reservedMinor: number;
  /** What came later; undefined as long as nothing has, which is how most payments end. */
  sequel: Sequel | undefined;
}

/** What may happen to a payment after it was authorised. Each list in the order of events. */
export interface Sequel {
  readonly captures: Capture[];
  readonly refunds: Refund[];
  readonly disputes: Dispute[];
}

/** A capture that was asked for by itself. */
export interface Capture {
  readonly request: CaptureRequest;
  readonly at: Instant;
}

/** One state of a refund or a dispute, from an instant on. */
export interface Stage<Status> {
  readonly sinceMs: number;
  readonly status: Status;
}

/** One refund. */
export interface Refund {
  readonly id: string;
  readonly payment: Payment;
  readonly request: RefundRequest;
  readonly at: Instant;
  /** Oldest first, never empty. */
  readonly stages: Stage<RefundResult['status']>[];
}

/** One dispute: what is open or lost of it is withdrawn. */
export interface Dispute {
  readonly id: string;
  readonly payment: Payment;
  readonly amountMinor: number;
  readonly at: Instant;
  /** Oldest first, never empty. */
  readonly stages: Stage<BookedDispute['status']>[];
}

/** The stage that something was in at `asOfMs`; undefined when it did not exist yet. */
export function stageAt<Status>(stages: readonly Stage<Status>[], asOfMs: number): Stage<Status> | undefined {
  return stages.findLast(({ sinceMs }) => sinceMs <= asOfMs);
}

/** What was withdrawn from the merchant by disputes that are not won, minor units. */
export function disputedMinor({ sequel }: Payment): number {
  let sum = 0;
  for (const { amountMinor, stages } of sequel?.disputes ?? [])
    if (stages.at(-1)?.status !== 'won') sum += amountMinor;
  return sum;
}

/** The one way to show a payment, so that it looks the same however it was learned. Undefined while undecided. */
export function chargeOf(payment: Payment, version: Version): ChargeResult | undefined {
  const { status, capturedMinor, openMinor } = version;
  if (status === 'pending' || status === 'failed') return undefined;
  const { request } = payment;
  const charge = {
    id: payment.id,
    status,
    amountMinor: request.amountMinor,
    capturedMinor,
    currency: request.currency,
    merchantReference: request.merchantReference,
  };
  const isPart = status === 'captured' ? openMinor > 0 : openMinor > 0 && openMinor < request.amountMinor;
  return isPart ? { ...charge, openMinor } : charge;
}

/** The one way to show a refund. */
export function refundOf(
  { id, request }: Refund,
  { status }: Pick<Stage<RefundResult['status']>, 'status'>,
): RefundResult {
  return { id, chargeId: request.chargeId, amountMinor: request.amountMinor, status };
}

/** A payment as the books list it. */
export function bookedCharge(payment: Payment, version: Version | undefined): BookedCharge {
  const { request, authorizedMinor, sequel } = payment;
  const charge: BookedCharge = {
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
    ...(authorizedMinor === request.amountMinor ? {} : { approvedMinor: authorizedMinor }),
  };
  if (sequel === undefined) return charge;
  const { captures, refunds, disputes } = sequel;
  return {
    ...charge,
    ...(charge.status === 'captured' && version?.openMinor ? { openMinor: version.openMinor } : {}),
    ...(captures.length === 0
      ? {}
      : { captures: captures.map(({ request: asked, at }) => movement(asked, at)) }),
    ...(refunds.length === 0
      ? {}
      : {
          refunds: refunds.map((one) => ({
            id: one.id,
            ...movement(one.request, one.at),
            ...present(one.stages),
          })),
        }),
    ...(disputes.length === 0
      ? {}
      : {
          disputes: disputes.map(({ id, amountMinor, at, stages }) => ({
            id,
            amountMinor,
            at,
            ...present(stages),
          })),
        }),
  };
}

function movement(
  { idempotencyKey, merchantReference, amountMinor }: CaptureRequest | RefundRequest,
  at: Instant,
) {
  return { idempotencyKey, merchantReference, amountMinor, at };
}

function present<Status>(stages: readonly Stage<Status>[]): { status: Status; changedAtMs: number } {
  const stage = stages.at(-1);
  if (stage === undefined) throw new Error('a refund or a dispute without a stage cannot be booked');
  return { status: stage.status, changedAtMs: stage.sinceMs };
}
