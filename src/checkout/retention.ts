// What has ended is kept for as long as anybody may come back to it, and then forgotten, a little at a time. The books are kept.

import { ValidationError } from '../errors/payment-error.ts';
import type { PruneRequest } from '../kernel/pruning.ts';
import type { Clock } from '../kernel/runtime.ts';
import type { OutboxStore } from '../ledger/outbox-store.ts';
import type { TicketStore } from '../reconciliation/ticket-store.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { SagaJournal } from '../saga/journal.ts';
import type { InboxStore } from '../webhooks/inbox-store.ts';

/** How long things are kept that have ended. Milliseconds. */
export interface Retention {
  /**
   * How long a checkout keeps its ended sagas, delivered news, handled webhooks and closed tickets. Afterwards an order cannot be
   * refunded by its key, its key is new again, and what the gateway announces about it waits for people.
   */
  readonly retentionMs: number;
  /** Between two prunings of a store by one process. */
  readonly pruneEveryMs: number;
}

/** What may still come back, milliseconds. */
export interface Horizons {
  /** For how long clients repeat a request. */
  readonly ttlMs: number;
  /** For how long the sender repeats a webhook. */
  readonly dedupTtlMs: number;
  /** How much later than the books a report may speak of a movement. */
  readonly settlementLagMs: number;
}

/** The stores that forget. */
interface PrunedStores {
  readonly sagas: Pick<SagaJournal, 'prune'>;
  readonly outbox: Pick<OutboxStore, 'prune'>;
  readonly inbox: Pick<InboxStore, 'prune'>;
  readonly tickets: Pick<TicketStore, 'prune'>;
}

const check = optionCheck('checkoutSystem');

/**
 * @throws ValidationError when something would be forgotten that may still come back, because it would then happen again.
 */
export function checkRetention({ retentionMs, pruneEveryMs }: Retention, horizons: Horizons): void {
  check.span('pruneEveryMs', pruneEveryMs);
  check.span('retentionMs', retentionMs);
  for (const name of ['ttlMs', 'dedupTtlMs', 'settlementLagMs'] as const) {
    const horizonMs = horizons[name];
    if (retentionMs > horizonMs) continue;
    throw new ValidationError(
      `checkoutSystem: retentionMs must be longer than ${name}, got ${retentionMs} and ${horizonMs}: what is repeated ` +
        'after it was forgotten is done again; keep it for longer',
    );
  }
}

/** Most that one operation forgets: it must not hold up a store. */
const batch = 1_000;

/**
 * One pass for each store, to be called as often as one likes: it forgets a batch when it is time, and goes on at the next call
 * while there is more. Rejects as the store does; then nothing is lost but time.
 */
export function pruning(
  { sagas, outbox, inbox, tickets }: PrunedStores,
  { retentionMs, pruneEveryMs }: Retention,
  runtime: Pick<Clock, 'monotonicMs'>,
): readonly (() => Promise<void>)[] {
  const request: PruneRequest = { olderThanMs: retentionMs, limit: batch };
  const stores: readonly (() => Promise<number>)[] = [
    () => sagas.prune({ saga: 'checkout', ...request }),
    () => sagas.prune({ saga: 'late_payment', ...request }),
    () => outbox.prune(request),
    () => inbox.prune(request),
    () => tickets.prune(request),
  ];
  return stores.map((prune) => {
    let dueAtMs = runtime.monotonicMs() + pruneEveryMs;
    return async () => {
      if (runtime.monotonicMs() < dueAtMs) return;
      const forgotten = await prune();
      if (forgotten < batch) dueAtMs = runtime.monotonicMs() + pruneEveryMs;
    };
  });
}
