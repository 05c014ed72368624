// The textbook's table of bookings: one insert, an id from a sequence, and the time of the insert.

import type { Runtime } from '../../src/kernel/runtime.ts';
import { ledger } from '../../src/ledger/ledger.ts';
import type { LedgerStore } from '../../src/ledger/ledger-store.ts';
import { captured, type PaymentFact, refunded } from '../../src/ledger/payment-entries.ts';

/** Books that money was taken or given back. */
export type Booker = (kind: 'capture' | 'refund', fact: Omit<PaymentFact, 'occurredAtMs'>) => Promise<void>;

/**
 * Writes into the ledger in `store`. Weaknesses: the entry is named by a fresh id instead of by what happened, so the same fact
 * is booked as often as somebody tells of it (W1, S2); and it is dated when it is written, so what happened before midnight
 * and was learned after it stands on another day than at the gateway (S23).
 */
export function booker(store: LedgerStore, runtime: Pick<Runtime, 'id' | 'wallMs'>): Booker {
  const { post } = ledger({ store });
  return async (kind, fact) => {
    const dated = { ...fact, occurredAtMs: runtime.wallMs() };
    const entry = kind === 'capture' ? captured(dated) : refunded(dated);
    await post({ ...entry, key: runtime.id('entry') });
  };
}
