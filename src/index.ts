// What is published as `paystorm`: the payment primitives, to be used with a real gateway and a real store.

export { rowsOf } from './checkout/book-rows.ts';
export { type GatewayNews, gatewayLattice } from './checkout/gateway-news.ts';
export type { Swept } from './checkout/once.ts';
export type { Order } from './checkout/order.ts';
export type { CheckoutParts, CheckoutServices, CheckoutStores } from './checkout/parts.ts';
export { ledgerNewsTypes } from './checkout/payment-books.ts';
export type { DayReconciled, DayReport, DaySpan, GatewayObject } from './checkout/reconciliation.ts';
export type { RefundOrder } from './checkout/refund-request.ts';
export type { Inventory, ServiceRequest, Shipping } from './checkout/services.ts';
export { type CheckedOut, type CheckoutSystem, checkoutSystem, type Refunded } from './checkout/system.ts';
export { validated } from './edge/validated.ts';
export { effectOf, joinFailures } from './errors/join.ts';
export {
  AuthenticationRequiredError,
  CardDeclinedError,
  CircuitOpenError,
  type Effect,
  type ErrorDetails,
  FraudBlockedError,
  FraudUndecidedError,
  GatewayBusyError,
  GatewayKeyReuseError,
  GatewayRejectedError,
  GatewayServerError,
  GatewayTimeoutError,
  IdempotencyConflictError,
  IdempotencyInProgressError,
  InsufficientFundsError,
  LeaseLostError,
  NetworkError,
  NotChargedError,
  OutcomeUnknownError,
  PaymentError,
  PaymentPendingError,
  RateLimitedError,
  SagaCompensationError,
  StoreMisconfiguredError,
  StoreUnavailableError,
  ValidationError,
  WebhookReplayError,
  WebhookSignatureError,
} from './errors/payment-error.ts';
export { deserialiseError, type SerialisedError, serialiseError } from './errors/serialise.ts';
export { avsCvvRule } from './fraud/avs-cvv-rule.ts';
export { type BlocklistOptions, blocklistRule } from './fraud/blocklist-rule.ts';
export { countryMismatchRule } from './fraud/country-mismatch-rule.ts';
export { type FraudEngine, type FraudEngineOptions, fraudEngine } from './fraud/engine.ts';
export { type FraudCheckOptions, fraudCheck } from './fraud/fraud-check.ts';
export { highAmountRule } from './fraud/high-amount-rule.ts';
export type {
  Evaluation,
  FraudContext,
  FraudDecision,
  FraudRule,
  PaymentEnd,
  RuleAnswer,
} from './fraud/rule.ts';
export { type VelocityOptions, velocityRule } from './fraud/velocity-rule.ts';
export { chargeThrough, type Purchase } from './gateway/charge-operation.ts';
export type {
  CaptureRequest,
  ChargeRequest,
  ChargeResult,
  Dedup,
  GatewayCallOptions,
  GatewayCapabilities,
  LookupCapability,
  LookupRequest,
  LookupResult,
  Mutation,
  PaymentGateway,
  RefundLookupRequest,
  RefundLookupResult,
  RefundRequest,
  RefundResult,
  VoidRequest,
} from './gateway/port.ts';
export {
  type FingerprintKey,
  type HashPayloadOptions,
  hashPayload,
  sameFingerprint,
} from './idempotency/fingerprint.ts';
export { idempotent } from './idempotency/idempotent.ts';
export type { Found, IdempotencyOptions, Resolver } from './idempotency/options.ts';
export { maxKeyLength, parseIdempotencyKey } from './idempotency/slot.ts';
export { type SweepReport, sweeper } from './idempotency/sweeper.ts';
export { canonicalJson } from './kernel/canonical-json.ts';
export {
  addMoney,
  displayMoney,
  type ExponentOverrides,
  exponentOf,
  formatMoney,
  type Money,
  money,
  parseMoney,
  sumMinor,
} from './kernel/money.ts';
export {
  type Chance,
  type Clock,
  type LogSink,
  maxTimerMs,
  type Runtime,
  type Timers,
} from './kernel/runtime.ts';
export { systemRuntime } from './kernel/system-runtime.ts';
export { standardAccounts } from './ledger/accounts.ts';
export { type Balance, type Books, books, type LedgerView, type TrialBalance } from './ledger/books.ts';
export type { Entry, PaymentReference, Posting } from './ledger/entry.ts';
export {
  type BusEvent,
  type DeliveryFailure,
  type EventBus,
  type EventHandler,
  eventBus,
  type Publication,
} from './ledger/event-bus.ts';
export {
  type Ledger,
  type LedgerEvent,
  type LedgerOptions,
  ledger,
  type UnitOfWork,
} from './ledger/ledger.ts';
export { type OutboxRelayOptions, outboxRelay, type RelayReport } from './ledger/outbox-relay.ts';
export {
  captured,
  disputed,
  disputeWon,
  feeCharged,
  type PaymentFact,
  refunded,
  refundFailed,
} from './ledger/payment-entries.ts';
export {
  checkProduction,
  type ProductionConfig,
  type ProductionWarning,
} from './production/check-production.ts';
export { type BatchWriter, type BatchWriterOptions, batchWriter } from './queue/batch-writer.ts';
export { QueueRefusedError } from './queue/queue-refused-error.ts';
export {
  type Accepted,
  type JobOutcome,
  type Unfinished,
  type WorkQueue,
  type WorkQueueOptions,
  workQueue,
} from './queue/work-queue.ts';
export type { RowSource } from './reconciliation/book.ts';
export { compareRecords } from './reconciliation/compare-records.ts';
export type { Discrepancy, DiscrepancyType } from './reconciliation/discrepancy.ts';
export type {
  JoinEngine,
  Joined,
  KindTotal,
  MarkedPair,
  RowPair,
  UnmatchedRow,
} from './reconciliation/join-engine.ts';
export { memoryJoinEngine } from './reconciliation/memory-join-engine.ts';
export {
  type Reconciler,
  type ReconcilerOptions,
  type Reconciliation,
  reconciler,
} from './reconciliation/reconciler.ts';
export type { InvalidRow, Row, Side, TransactionKind, TransactionRecord } from './reconciliation/record.ts';
export {
  defaultRemedies,
  type Remedies,
  type Remedy,
  type RemedyCall,
  type RemedyEnd,
  type RemedyParts,
} from './reconciliation/remedies.ts';
export { type RepairOptions, type RepairReport, repair } from './reconciliation/repair.ts';
export type { HandlerFailure, ReconciliationReport, UnbookedFee } from './reconciliation/report.ts';
export { dayWindow, type Window, widened } from './reconciliation/window.ts';
export { ephemeralTokenizer } from './redaction/ephemeral-tokenizer.ts';
export { type PinoRedaction, type RedactedStream, redactionForPino } from './redaction/pino.ts';
export { redact } from './redaction/redact.ts';
export type { RedactionOptions } from './redaction/redact-text.ts';
export type { Tokenizer } from './redaction/tokenizer.ts';
export type { AuditRecord } from './resilience/audit.ts';
export type { BreakerState } from './resilience/breaker-state.ts';
export { type CachedOptions, cached } from './resilience/cached.ts';
export { type CheckStackOptions, checkStack, type StackWarning } from './resilience/check-stack.ts';
export {
  type CircuitBreakerOptions,
  circuitBreaker,
  isInfrastructureFailure,
} from './resilience/circuit-breaker.ts';
export { layersOf } from './resilience/layer.ts';
export { type LogExecutionOptions, logExecution } from './resilience/log-execution.ts';
export type { AnyLayer, Call, Layer, LayerKind, Operation } from './resilience/operation.ts';
export { type OrderRule, orderRules } from './resilience/order-rules.ts';
export { type RateLimitOptions, rateLimit } from './resilience/rate-limit.ts';
export { mayRetry, type RetryBudget, type RetryOptions, retry } from './resilience/retry.ts';
export { retryBudget } from './resilience/retry-budget.ts';
export {
  type SharedCircuitBreakerOptions,
  sharedCircuitBreaker,
} from './resilience/shared-circuit-breaker.ts';
export { type SharedRateLimitOptions, sharedRateLimit } from './resilience/shared-rate-limit.ts';
export { stack } from './resilience/stack.ts';
export { type TimeoutOptions, timeout } from './resilience/timeout.ts';
export { type TimedCall, type TimerOptions, timer } from './resilience/timer.ts';
export type { SagaEvent, SagaPage } from './saga/event.ts';
export type { SagaOptions } from './saga/options.ts';
export { assertSagaSucceeded, type SagaResult } from './saga/result.ts';
export { type RecoveryReport, type Saga, saga } from './saga/saga.ts';
export type {
  Compensation,
  OnUnknown,
  ResolveCall,
  Resolved,
  SagaStep,
  StepCall,
  UndoCall,
  Undone,
} from './saga/step.ts';
export { type ChargeName, type UndoPaymentOptions, undoPayment } from './saga/undo-payment.ts';
export type { FencedSend } from './saga/undoing.ts';
export { effectKey } from './webhooks/effect-key.ts';
export type { EventMapping, EventObject, WebhookEvent } from './webhooks/event.ts';
export { isFirstDelivery } from './webhooks/first-delivery.ts';
export type { HandlingOutcome } from './webhooks/handling.ts';
export type { WebhookHeaders } from './webhooks/headers.ts';
export { type ReceiveAnswer, type WebhookInbox, type WorkReport, webhookInbox } from './webhooks/inbox.ts';
export type { Delivery, EventEffect, Handled, WebhookInboxOptions } from './webhooks/inbox-options.ts';
export type { Movement, Ordering } from './webhooks/ordering.ts';
export type { WebhookScheme } from './webhooks/schemes.ts';
export { signWebhook, type WebhookToSign } from './webhooks/signer.ts';
export { paymentLattice, type StateLattice, stateLattice } from './webhooks/state-lattice.ts';
export {
  type VerifiedWebhook,
  type WebhookVerifier,
  type WebhookVerifierOptions,
  webhookVerifier,
} from './webhooks/verifier.ts';
