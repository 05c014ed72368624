// The kinds of stores: for each port its contract, and its table to be compared with.

import type { VelocityStore } from '../../src/fraud/velocity-store.ts';
import type { VerdictLog } from '../../src/fraud/verdict-log.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { TicketStore } from '../../src/reconciliation/ticket-store.ts';
import type { BreakerStore } from '../../src/resilience/breaker-store.ts';
import type { LimiterStore } from '../../src/resilience/limiter-store.ts';
import type { SagaJournal } from '../../src/saga/journal.ts';
import type { DeliveryMarks } from '../../src/webhooks/first-delivery.ts';
import type { InboxStore } from '../../src/webhooks/inbox-store.ts';
import { breakerModel } from './breaker-calls.ts';
import { breakerContract } from './breaker-store.ts';
import type { Contract, OpenStore } from './contract.ts';
import { marksContract } from './delivery-marks.ts';
import { idempotencyModel } from './idempotency-calls.ts';
import { idempotencyContract } from './idempotency-store.ts';
import { inboxModel } from './inbox-calls.ts';
import { inboxContract } from './inbox-store.ts';
import type { BooksStore } from './ledger-acts.ts';
import { ledgerModel } from './ledger-calls.ts';
import { ledgerContract } from './ledger-store.ts';
import { limiterModel } from './limiter-calls.ts';
import { limiterContract } from './limiter-store.ts';
import { marksModel } from './marks-calls.ts';
import type { PortModel } from './parity.ts';
import { sagaModel } from './saga-calls.ts';
import { sagaContract } from './saga-journal.ts';
import { ticketModel } from './ticket-calls.ts';
import { ticketContract } from './ticket-store.ts';
import { velocityModel } from './velocity-calls.ts';
import { velocityContract } from './velocity-store.ts';
import { verdictModel } from './verdict-calls.ts';
import { verdictContract } from './verdict-log.ts';

/** The port of each kind of store. */
export interface StorePorts {
  readonly 'idempotency-store': IdempotencyStore;
  readonly 'saga-journal': SagaJournal;
  readonly 'inbox-store': InboxStore;
  readonly 'delivery-marks': DeliveryMarks;
  /** The books with their outbox. */
  readonly 'ledger-store': BooksStore;
  readonly 'velocity-store': VelocityStore;
  readonly 'ticket-store': TicketStore;
  readonly 'verdict-log': VerdictLog;
  readonly 'breaker-store': BreakerStore;
  readonly 'limiter-store': LimiterStore;
}

/** The name of a kind of store. */
export type StoreKind = keyof StorePorts;

/** Opens a store of each kind. */
export type StoreOpeners = { readonly [Kind in StoreKind]: OpenStore<StorePorts[Kind]> };

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
  'delivery-marks': { contract: marksContract, model: marksModel },
  'ledger-store': { contract: ledgerContract, model: ledgerModel },
  'velocity-store': { contract: velocityContract, model: velocityModel },
  'ticket-store': { contract: ticketContract, model: ticketModel },
  'verdict-log': { contract: verdictContract, model: verdictModel },
  'breaker-store': { contract: breakerContract, model: breakerModel },
  'limiter-store': { contract: limiterContract, model: limiterModel },
};
