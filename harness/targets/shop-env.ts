// What the world gives a target that runs a whole shop, beside what every target gets.

import type { DayReport, DaySpan } from '../../src/checkout/reconciliation.ts';
import type { Inventory, Shipping } from '../../src/checkout/services.ts';
import type { VelocityStore } from '../../src/fraud/velocity-store.ts';
import type { VerdictLog } from '../../src/fraud/verdict-log.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import type { OutboxStore } from '../../src/ledger/outbox-store.ts';
import type { TicketStore } from '../../src/reconciliation/ticket-store.ts';
import type { SagaJournal } from '../../src/saga/journal.ts';
import type { InboxStore } from '../../src/webhooks/inbox-store.ts';
import type { WebhookScheme } from '../../src/webhooks/schemes.ts';

/** See the file comment. All stores are durable and shared by all processes; each operation is a crossing. */
export interface ShopEnv {
  readonly sagas: SagaJournal;
  readonly inbox: InboxStore;
  readonly ledger: LedgerStore;
  readonly outbox: OutboxStore;
  readonly velocity: VelocityStore;
  readonly verdicts: VerdictLog;
  readonly tickets: TicketStore;
  readonly inventory: Inventory;
  readonly shipping: Shipping;
  /** What the gateway signs with: all secrets that are valid now. */
  readonly webhooks: { readonly scheme: WebhookScheme; readonly secrets: readonly string[] };
  /** The gateway's reports of all days of a span: settled rows, wall-clock dates. */
  report(span: DaySpan): Promise<readonly DayReport[]>;
  /** Asks the gateway to deliver an event once more. */
  redeliver(object: { readonly kind: string; readonly id: string }): Promise<void>;
  /** Calls somebody; rejects when nobody could be reached. */
  page(about: string): Promise<void>;
}
