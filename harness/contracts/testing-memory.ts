// The stores in memory, each opened as the same store several times over.

import { memoryBreakerStore } from '../../src/stores/memory-breaker-store.ts';
import { memoryDeliveryMarks } from '../../src/stores/memory-delivery-marks.ts';
import { memoryIdempotencyStore } from '../../src/stores/memory-idempotency-store.ts';
import { memoryInboxStore } from '../../src/stores/memory-inbox-store.ts';
import { memoryLedgerStore } from '../../src/stores/memory-ledger-store.ts';
import { memoryLimiterStore } from '../../src/stores/memory-limiter-store.ts';
import { memorySagaJournal } from '../../src/stores/memory-saga-journal.ts';
import { memoryTicketStore } from '../../src/stores/memory-ticket-store.ts';
import { memoryVelocityStore } from '../../src/stores/memory-velocity-store.ts';
import { memoryVerdictLog } from '../../src/stores/memory-verdict-log.ts';
import type { OpenStore } from './contract.ts';
import type { StoreOpeners } from './store-kinds.ts';

/** Opens each kind of store in memory. */
export const memoryStores: StoreOpeners = {
  'idempotency-store': inMemory(memoryIdempotencyStore),
  'saga-journal': inMemory(memorySagaJournal),
  'inbox-store': inMemory((clock) => memoryInboxStore(clock)),
  'delivery-marks': inMemory(memoryDeliveryMarks),
  'ledger-store': inMemory(memoryLedgerStore),
  'velocity-store': inMemory(memoryVelocityStore),
  'ticket-store': inMemory(memoryTicketStore),
  'verdict-log': inMemory(memoryVerdictLog),
  'breaker-store': inMemory(memoryBreakerStore),
  'limiter-store': inMemory(memoryLimiterStore),
};

function inMemory<Store>(make: (clock: { monotonicMs: () => number }) => Store): OpenStore<Store> {
  return (nowMs) => {
    const store = make({ monotonicMs: nowMs });
    return { connections: [store, store, store, store] };
  };
}
