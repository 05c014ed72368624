// What happened in one run, as plain data: the only thing that checkers, marks, stories and reports may look
// at. A leaf: it knows nothing of the world that wrote it.

import type { Instant } from './instant.ts';
import type { ShopBooks } from './shop.ts';
import type { Site } from './sites.ts';

/** How one side of a crossing ended: a value, or the error that was seen instead. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: SeenError };

/** An error as data. */
export interface SeenError {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  /** What a `PaymentError` said it proves; absent on any other error. */
  readonly effect?: 'none' | 'unknown' | 'final';
  readonly retryAfter?: string;
  readonly sealed?: boolean;
  /** One of the target's own layers refused, and nothing was sent. */
  readonly local?: boolean;
}

/**
 * One crossing of a boundary. `called` is when the caller let go, `applied` when the other side acted on it,
 * `replied` when the caller saw the answer. A lost request has no `applied`; a lost reply, a crash or a caller
 * that gave up has no `replied`.
 */
export interface Crossing {
  readonly id: number;
  /** Stable identity of who called: a step (`a`), a client retry (`a/1`), a background actor (`sweep:1`). */
  readonly actor: string;
  /** Name of the simulated process that called; the client's own crossings name the process they were sent to. */
  readonly process: string;
  /** How often that process had been started by then, from 1. */
  readonly incarnation: number;
  readonly site: Site;
  /** Occurrence of the site within the actor, from 1. */
  readonly nth: number;
  readonly request: unknown;
  /** Fault kinds that hit this crossing, in the order in which they were declared. */
  readonly faults: readonly string[];
  readonly called: Instant;
  applied?: Instant;
  /** What the other side did or answered. */
  effect?: Outcome;
  /** A second application, by a duplicated request. */
  appliedAgain?: Instant;
  effectAgain?: Outcome;
  replied?: Instant;
  /** What the caller saw. */
  reply?: Outcome;
}

/** Something that happened to a process or to the world rather than at a boundary. */
export interface Incident {
  readonly kind:
    | 'started'
    | 'crashed'
    | 'stalled'
    | 'clock-jumped'
    | 'stepped-up'
    | 'disputed'
    | 'healed'
    | 'settled';
  readonly process?: string;
  /**
   * For a step-up: the payment token of the payer who answered the challenge, and how that came out. For a dispute: that
   * of the payer whose bank acted, and what it did.
   */
  readonly paymentToken?: string;
  readonly outcome?: 'authenticated' | 'failed' | 'opened' | 'won' | 'lost';
  /** Milliseconds of stall or jump. */
  readonly ms?: number;
  readonly at: Instant;
}

/** Guards of a target whose decisions are watched. */
export type GuardKind = 'circuit-breaker' | 'rate-limit';

/**
 * One call on its way through a guard. Refused calls have no `admitted`; a call whose process died, or that was
 * given up by everybody, may lack what comes after that.
 */
export interface Passage {
  readonly id: number;
  readonly guard: GuardKind;
  readonly actor: string;
  readonly process: string;
  readonly incarnation: number;
  /** The call reached the guard. */
  readonly arrived: Instant;
  /** The guard let it through to what it guards. */
  admitted?: Instant;
  /** What is guarded answered. */
  settled?: Instant;
  result?: Outcome;
  /** The guard answered its caller; `answer` is the very `result` where it passed that on. */
  answered?: Instant;
  answer?: Outcome;
}

/** One record that a process wrote to its log, as plain data. */
export interface LogEntry {
  readonly actor: string;
  readonly process: string;
  readonly incarnation: number;
  readonly at: Instant;
  readonly record: Readonly<Record<string, unknown>>;
}

/** What a client asked for. */
export interface ChargeIntent {
  /** Identity of the intended purchase: the twin attributes charges by it. */
  readonly paymentToken: string;
  readonly scope: string;
  readonly key: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/**
 * What a client was told; the value of a `client.charge` crossing. A crossing without such a value
 * (a disconnect, a crash) means that the client knows nothing.
 */
export type Answer =
  /** The money was taken. `body` is the exact response body, byte for byte. */
  | {
      readonly kind: 'ok';
      readonly chargeId: string;
      readonly amountMinor: number;
      readonly currency: string;
      readonly body: string;
      readonly replayed: boolean;
    }
  /** Finally not charged: declined, or proven never to have happened. */
  | { readonly kind: 'failed'; readonly code: string; readonly body: string; readonly replayed: boolean }
  /** Waits for the payer or the gateway. */
  | { readonly kind: 'pending'; readonly code: string; readonly body: string }
  /** Nothing was done for this request (conflict, in progress, invalid, try later). */
  | { readonly kind: 'rejected'; readonly code: string; readonly body: string }
  /** Not known yet. */
  | { readonly kind: 'unknown'; readonly code: string; readonly body: string };

/** One charge in the gateway's own books. */
export interface BookedCharge {
  readonly id: string;
  /** The payment token that it was charged to: the intent. */
  readonly paymentToken: string;
  readonly idempotencyKey: string;
  readonly merchantReference: string;
  readonly amountMinor: number;
  readonly currency: string;
  readonly status: 'pending' | 'authorized' | 'captured' | 'voided' | 'failed';
  readonly capturedMinor: number;
  /** Refunded for good: refunds that are pending or failed do not count. */
  readonly refundedMinor: number;
  readonly at: Instant;
  /** What the issuer approved; absent when that is all of the amount. */
  readonly approvedMinor?: number;
  /** Authorised beside what was captured, and neither captured nor released; absent when nothing is. */
  readonly openMinor?: number;
  /** Captures that were asked for by themselves, in their order; absent when there are none. */
  readonly captures?: readonly BookedCapture[];
  /** In the order of their requests; absent when there are none. */
  readonly refunds?: readonly BookedRefund[];
  /** In the order in which they were opened; absent when there are none. */
  readonly disputes?: readonly BookedDispute[];
}

/** A capture of a charge that had been authorised before. */
export interface BookedCapture {
  readonly idempotencyKey: string;
  readonly merchantReference: string;
  readonly amountMinor: number;
  readonly at: Instant;
}

/** A refund; `changedAtMs` is when it came to its present status, virtual milliseconds. */
export interface BookedRefund {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly merchantReference: string;
  readonly amountMinor: number;
  readonly status: 'pending' | 'succeeded' | 'failed';
  readonly at: Instant;
  readonly changedAtMs: number;
}

/** A chargeback: the money is withdrawn when it is opened, and comes back when it is won. */
export interface BookedDispute {
  readonly id: string;
  readonly amountMinor: number;
  readonly status: 'open' | 'won' | 'lost';
  readonly at: Instant;
  readonly changedAtMs: number;
}

/** The gateway's own books at the end of the run: the oracle. */
export interface Books {
  readonly charges: readonly BookedCharge[];
  /** Absent of a run without orders. */
  readonly shop?: ShopBooks;
}

/** What a circuit breaker is held to; see `circuitBreaker` for what the members mean. */
export interface BreakerTerms {
  readonly failureThreshold: number;
  readonly windowMs: number;
  readonly recoveryTimeoutMs: number;
  readonly halfOpenProbes: number;
  /** Absent where slow calls are as good as others. */
  readonly slowCallMs?: number | undefined;
}

/** What a rate limiter is held to: at most `maxCalls` in any window of `periodMs`. */
export interface LimitTerms {
  readonly maxCalls: number;
  readonly periodMs: number;
  readonly mode: 'reject' | 'wait';
}

/** What the world granted and the target declared; checkers judge against it. */
export interface Terms {
  readonly tier: 'sim' | 'msw' | 'real';
  readonly target: string;
  readonly profile: string;
  /** Assumptions of the catalogue that this case's faults break, such as `bounded-delay` or `durable-claims`. */
  readonly broken: readonly string[];
  /** Horizon of the gateway, milliseconds; `maxEffectDelayMs` is Infinity where delay is unbounded. */
  readonly maxEffectDelayMs: number;
  readonly consistentAfterMs: number;
  readonly keyRetentionMs: number;
  readonly leaseMs: number;
  readonly ttlMs: number;
  /** The retry policy that the target declares; absent when it declares none. */
  readonly retry?: {
    readonly maxAttempts: number;
    readonly delayMs: number;
    readonly backoff: number;
    readonly jitter: 'none' | 'full' | 'decorrelated';
    readonly maxDelayMs: number;
  };
  /** The breaker that the target declares, one in each process; absent when it declares none. Milliseconds. */
  readonly breaker?: BreakerTerms;
  /** The limiter that the target declares, one in each process; absent when it declares none. Milliseconds. */
  readonly limit?: LimitTerms;
  /** Whether the target declares that it keeps an audit log. */
  readonly audits: boolean;
  /** Whether the target resolves by itself what was left undecided; the world then asks it to before it settles. */
  readonly recovers: boolean;
  /** Present where the target is a shop that declares to book the gateway's fees. */
  readonly booksFees?: true;
  /** Whether boundary crossings of the target's insides were recorded (false for a black box). */
  readonly trace: boolean;
  /** How far off the wall clocks of a shop's processes are from the start, by name, milliseconds; absent where none is. */
  readonly clockSkewMs?: Readonly<Record<string, number>>;
}

/** The record of one run. */
export interface History {
  readonly terms: Terms;
  readonly crossings: readonly Crossing[];
  readonly incidents: readonly Incident[];
  /** Calls through watched guards, in the order of their arrival. */
  readonly passages: readonly Passage[];
  /** What the processes logged, in order. */
  readonly logs: readonly LogEntry[];
  readonly books: Books;
  /** Names of calls that never ended although nothing was scheduled any more. */
  readonly deadlocked: readonly string[];
  /** Boundary events: applications and replies that the world scheduled and carried out. */
  readonly events: number;
  /** Digest over everything above in order, 16 hex digits; equal histories have equal digests on every platform. */
  readonly digest: string;
}
