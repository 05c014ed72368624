// The kinds of stores: for each port its contract, and its table to be compared with.

import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { Contract } from './contract.ts';
import { idempotencyModel } from './idempotency-calls.ts';
import { idempotencyContract } from './idempotency-store.ts';
import type { PortModel } from './parity.ts';

/** The port of each kind of store. */
export interface StorePorts {
  readonly 'idempotency-store': IdempotencyStore;
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
};
