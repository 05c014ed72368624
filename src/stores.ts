// What is published as `paystorm/stores`: the contracts that a store's driver has to keep, and the stores in memory, which
// show what each operation means. Kept apart from the main entry, because who only uses a store never names them.

export type {
  VelocityAnswer,
  VelocityEntry,
  VelocityRequest,
  VelocityStore,
} from './fraud/velocity-store.ts';
export type { AttemptVerdicts, FraudVerdict, VerdictLog } from './fraud/verdict-log.ts';
export type {
  ClaimAnswer,
  ClaimRequest,
  IdempotencyRecord,
  IdempotencyStore,
  Owned,
  RecordState,
  Suspension,
  WriteAnswer,
} from './idempotency/store.ts';
export type { PruneRequest } from './kernel/pruning.ts';
export type {
  AccountTotal,
  CommitAnswer,
  EntryWrite,
  EventWrite,
  LedgerStore,
  PostedEntry,
  UnitOutcome,
  UnitWrite,
} from './ledger/ledger-store.ts';
export type { ClaimedEvent, DeadLetter, DeliveryOutcome, OutboxStore } from './ledger/outbox-store.ts';
export type {
  Ticket,
  TicketAnswer,
  TicketRequest,
  TicketState,
  TicketStore,
} from './reconciliation/ticket-store.ts';
export type {
  BreakerAnswer,
  BreakerCall,
  BreakerExit,
  BreakerPosition,
  BreakerStore,
} from './resilience/breaker-store.ts';
export type { AdmissionAnswer, AdmissionRequest, LimiterStore } from './resilience/limiter-store.ts';
export type {
  DrivenSaga,
  SagaClaim,
  SagaClaimAnswer,
  SagaJournal,
  SagaName,
  SagaOpening,
  SagaQuery,
  SagaRecord,
  SagaState,
  SagaWrite,
  SagaWriteAnswer,
} from './saga/journal.ts';
export { memoryBreakerStore } from './stores/memory-breaker-store.ts';
export { memoryDeliveryMarks } from './stores/memory-delivery-marks.ts';
export { memoryIdempotencyStore } from './stores/memory-idempotency-store.ts';
export { memoryInboxStore } from './stores/memory-inbox-store.ts';
export { memoryLedgerStore } from './stores/memory-ledger-store.ts';
export { memoryLimiterStore } from './stores/memory-limiter-store.ts';
export { memorySagaJournal } from './stores/memory-saga-journal.ts';
export { memoryTicketStore } from './stores/memory-ticket-store.ts';
export { memoryVelocityStore } from './stores/memory-velocity-store.ts';
export { memoryVerdictLog } from './stores/memory-verdict-log.ts';
export type { DeliveryMarks } from './webhooks/first-delivery.ts';
export type {
  EffectWrite,
  FinishWrite,
  HeldEvent,
  InboxClaim,
  InboxFailure,
  InboxRecord,
  InboxState,
  InboxStore,
  InboxWriteAnswer,
  ObjectPosition,
  ObjectState,
} from './webhooks/inbox-store.ts';
