// The drivers of all stores of a shop over one client, by the names under which their operations are recorded.

import type { VelocityStore } from '../../../src/fraud/velocity-store.ts';
import type { VerdictLog } from '../../../src/fraud/verdict-log.ts';
import type { IdempotencyStore } from '../../../src/idempotency/store.ts';
import type { LedgerStore } from '../../../src/ledger/ledger-store.ts';
import type { OutboxStore } from '../../../src/ledger/outbox-store.ts';
import type { TicketStore } from '../../../src/reconciliation/ticket-store.ts';
import type { SagaJournal } from '../../../src/saga/journal.ts';
import type { InboxStore } from '../../../src/webhooks/inbox-store.ts';

/** Every store by the family of its sites; see `sites.ts`. */
export interface Drivers {
  readonly store: IdempotencyStore;
  readonly saga: SagaJournal;
  readonly inbox: InboxStore;
  readonly ledger: LedgerStore;
  readonly outbox: OutboxStore;
  readonly velocity: VelocityStore;
  readonly verdicts: VerdictLog;
  readonly tickets: TicketStore;
}

/** The families of sites that are stores. */
export const storeFamilies = [
  'store',
  'saga',
  'inbox',
  'ledger',
  'outbox',
  'velocity',
  'verdicts',
  'tickets',
] as const satisfies readonly (keyof Drivers)[];

/** Makes an operation of a driver by name. */
export function operate(
  drivers: Drivers,
  { family, name, asked }: { readonly family: string; readonly name: string; readonly asked: unknown },
): Promise<unknown> {
  const store = drivers[family as keyof Drivers] as unknown as
    | Readonly<Record<string, (given: unknown) => Promise<unknown>>>
    | undefined;
  const act = store?.[name];
  if (act === undefined) throw new RangeError(`no store has an operation ${family}.${name}`);
  return act(asked);
}
