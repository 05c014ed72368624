// The kinds of stores: for each port its contract, and its table to be compared with.

import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { SagaJournal } from '../../src/saga/journal.ts';
import type { InboxStore } from '../../src/webhooks/inbox-store.ts';
import type { Contract } from './contract.ts';
import { idempotencyModel } from './idempotency-calls.ts';
import { idempotencyContract } from './idempotency-store.ts';
import { inboxModel } from './inbox-calls.ts';
import { inboxContract } from './inbox-store.ts';
import type { PortModel } from './parity.ts';
import { sagaModel } from './saga-calls.ts';
import { sagaContract } from './saga-journal.ts';

/** The port of each kind of store. */
export interface StorePorts {
  readonly 'idempotency-store': IdempotencyStore;
  readonly 'saga-journal': SagaJournal;
  readonly 'inbox-store': InboxStore;
}

/** The name of a kind of store. */
export type StoreKind = keyof StorePorts;

/** What a kind of store is held to. */
export interface StoreTerms<Port> {
  readonly contract: Contract<Port>;
  readonly model: PortModel<Port>;
}

/** The terms of every kind. */
export const storeKinds: { readonly [Kind in StoreKind]: StoreTerms<StorePorts[Kind]> } = {
  'idempotency-store': { contract: idempotencyContract, model: idempotencyModel },
  'saga-journal': { contract: sagaContract, model: sagaModel },
  'inbox-store': { contract: inboxContract, model: inboxModel },
};
