// The stores that the contracts are run over by our own tests, and the test that runs one.

import { fail } from 'node:assert/strict';
import { describe, it } from 'vitest';
import { memoryDeliveryMarks } from '../../src/stores/memory-delivery-marks.ts';
import { memoryIdempotencyStore } from '../../src/stores/memory-idempotency-store.ts';
import { memoryInboxStore } from '../../src/stores/memory-inbox-store.ts';
import { memoryLedgerStore } from '../../src/stores/memory-ledger-store.ts';
import { memorySagaJournal } from '../../src/stores/memory-saga-journal.ts';
import { memoryTicketStore } from '../../src/stores/memory-ticket-store.ts';
import { memoryVelocityStore } from '../../src/stores/memory-velocity-store.ts';
import { memoryVerdictLog } from '../../src/stores/memory-verdict-log.ts';
import { conformanceTrials } from './conformance.ts';
import type { OpenStore } from './contract.ts';
import type { StoreKind, StorePorts } from './store-kinds.ts';

/** Opens any kind of store in one place. */
type Openers = { readonly [Kind in StoreKind]: OpenStore<StorePorts[Kind]> };

function inMemory<Store>(make: (clock: { monotonicMs: () => number }) => Store): OpenStore<Store> {
  return (nowMs) => {
    const store = make({ monotonicMs: nowMs });
    return { connections: [store, store, store, store] };
  };
}

/** The stores in memory. */
const memoryOpeners: Openers = {
  'idempotency-store': inMemory(memoryIdempotencyStore),
  'saga-journal': inMemory(memorySagaJournal),
  'inbox-store': inMemory((clock) => memoryInboxStore(clock)),
  'delivery-marks': inMemory(memoryDeliveryMarks),
  'ledger-store': inMemory(memoryLedgerStore),
  'velocity-store': inMemory(memoryVelocityStore),
  'ticket-store': inMemory(memoryTicketStore),
  'verdict-log': inMemory(memoryVerdictLog),
};

/** Declares a test of each clause of a kind of store, over every backend. */
export function testContract<Kind extends StoreKind>(kind: Kind): void {
  describe('in memory', () => {
    for (const { clause, run } of conformanceTrials(kind, memoryOpeners[kind], { runs: 100 })) {
      it(clause, async () => {
        const result = await run();
        if (!result.passed) fail(result.because);
      });
    }
  });
}
