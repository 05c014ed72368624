// What the parts of undoing a charge share: what is kept between attempts, and how a refusal is read.

import { effectOf } from '../errors/join.ts';
import { PaymentError } from '../errors/payment-error.ts';
import type { ChargeResult, PaymentGateway } from '../gateway/port.ts';
import { quietly } from '../resilience/quietly.ts';
import type { UndoCall, Undone } from './step.ts';

/** One refund that was begun; its place in the list is part of its key. Times are the journal's. */
export interface RefundNote {
  readonly amountMinor: number;
  /** `sent` is noted before anything is: whether the gateway knows of it has to be found out. */
  readonly state: 'sent' | 'pending' | 'succeeded' | 'failed';
  /** When its key may first have been used. */
  readonly keyUsedFromMs: number;
  /** No send can have been made after this instant; noted once nothing is sent any more. */
  readonly sentUntilMs?: number;
  /** Whether the gateway has shown that it finally answered the key, without saying how the refund ended. */
  readonly sealed?: true;
}

/** What is kept between attempts; shared by all compensations of a saga that undo the same charge. */
export interface UndoNote {
  /** Everything that the steps sent for the charge was sent until then, by the journal's clock. */
  readonly sinceMs: number;
  /** Present when the charge's key was cancelled; `untilMs` bounds when. */
  readonly cancelled?: { readonly untilMs?: number };
  /** How many keys for a void are spent. */
  readonly voids: number;
  readonly refunds: readonly RefundNote[];
}

/** A send that the saga's fence stopped. */
export interface FencedSend {
  readonly operation: 'void' | 'refund' | 'cancel';
  /** The key that it would have been sent under. */
  readonly idempotencyKey: string;
  readonly error: unknown;
}

/** One attempt at undoing a charge. */
export interface Undoing {
  readonly gateway: PaymentGateway;
  readonly call: UndoCall;
  readonly merchantReference: string;
  /** See `UndoPaymentOptions`. */
  readonly isContested: (charge: ChargeResult) => Promise<boolean>;
  /** See `UndoPaymentOptions`. */
  readonly onFenced: (stopped: FencedSend) => unknown;
  readonly note: () => UndoNote;
  readonly keep: (note: UndoNote) => Promise<void>;
}

/** Asks the saga's fence before a send; throws `LeaseLostError` once somebody else may drive the saga. */
export function fence(
  { call, onFenced }: Undoing,
  send: Pick<FencedSend, 'operation' | 'idempotencyKey'>,
): void {
  try {
    call.fence();
  } catch (error) {
    quietly(onFenced, { ...send, error });
    throw error;
  }
}

/** What a request is rejected with that the gateway refused for good: the charge may not be as it was seen. */
export class Refused extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super('the gateway refused');
    this.cause = cause;
  }
}

/** Whether the gateway refused for good: asking the same again is no use. */
export function isRefused(error: unknown): boolean {
  const effect = effectOf(error);
  return effect === 'final' || (effect === 'none' && error instanceof PaymentError && !error.retriable);
}

/** Nothing more can be done now. */
export function pending(acknowledged: boolean): Undone {
  return { kind: 'pending', acknowledged };
}
