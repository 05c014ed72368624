// What a history of a whole shop holds beyond charges: orders and refunds that are asked for, the announcements that the
// gateway delivers, and what everybody else had in their books at the end.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { SagaRecord } from '../../src/saga/journal.ts';
import type { InboxRecord } from '../../src/webhooks/inbox-store.ts';
import type { Instant } from './instant.ts';

/** What a client orders: the request of a `client.checkout` crossing, which is answered as a charge is. */
export interface OrderIntent {
  /** Identity of the intended purchase: the twin attributes charges by it. */
  readonly paymentToken: string;
  readonly scope: string;
  /** The order: also the client's idempotency key. */
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
  /** What the fraud rules see of it: `blocked` is on the blocklist, `challenged` comes from another country. */
  readonly risk: 'none' | 'challenged' | 'blocked';
  /** Free text of the customer, such as a card number that has no business there. */
  readonly note?: string;
}

/** A refund that a client asks for: the request of a `client.refund` crossing. */
export interface RefundIntent {
  /** Of the purchase that is to be refunded. */
  readonly paymentToken: string;
  readonly scope: string;
  /** Key of the order. */
  readonly order: string;
  /** The client's idempotency key of this refund. */
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** One request to the webhook endpoint: the request of a `webhook.deliver` crossing, answered with `{ status }`. */
export interface DeliveryIntent {
  /** Id of the event that it claims to bring. */
  readonly eventId: string;
  /** From 1, of this event. */
  readonly attempt: number;
  /** Whether the gateway itself sent it, now and as it is. */
  readonly authentic: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** The raw body as text. */
  readonly body: string;
}

/** What an operator asks for: the request of a `client.reconcile` crossing. */
export interface ReconcileIntent {
  /** The day whose report is reconciled, such as `2026-01-01`. */
  readonly day: string;
}

/** What a reconciliation came to; the value of a `client.reconcile` crossing. */
export interface Reconciled {
  readonly matched: number;
  readonly internal: number;
  readonly gateway: number;
  /** Type and stable id of each discrepancy, in the report's order. */
  readonly discrepancies: readonly { readonly type: string; readonly id: string }[];
  /** Remedies that had a new effect in this run. */
  readonly repaired: number;
  /** All of it in one line for people, where the target has one. */
  readonly summary?: string;
}

/** Goods that the inventory holds for an order, by its own books. */
export interface BookedReservation {
  readonly idempotencyKey: string;
  readonly order: string;
  readonly at: Instant;
  /** Absent while they are held. */
  readonly releasedAt?: Instant;
}

/** A shipment by the carrier's own books. */
export interface BookedShipment {
  readonly idempotencyKey: string;
  readonly order: string;
  readonly at: Instant;
}

/** Somebody was called. */
export interface BookedPage {
  readonly about: string;
  readonly process: string;
  readonly at: Instant;
}

/** What stood where at the end of the run, beside the gateway's own books. */
export interface ShopBooks {
  readonly reservations: readonly BookedReservation[];
  readonly shipments: readonly BookedShipment[];
  readonly pages: readonly BookedPage[];
  /** The target's own journal, ledger and inbox, as their stores had them. */
  readonly sagas: readonly SagaRecord[];
  readonly entries: readonly PostedEntry[];
  readonly inbox: readonly InboxRecord[];
}
