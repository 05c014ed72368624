// What the twin says on the wire, in words that belong to no provider: the direct adapter reads it as it is, and
// HTTP faces translate it into a provider's own format.

import type { ChargeResult, RefundResult } from '../../src/gateway/port.ts';
import type { Slow } from '../world/boundary.ts';

/** Machine-readable reasons of {@link WireAnswer}. */
export type WireCode =
  /** 402: the issuer declined; `declineCode` says why. */
  | 'card_declined'
  /** 202: the payment `paymentId` exists and waits for the payer (3-D Secure). */
  | 'authentication_required'
  /** 202: the payment `paymentId` exists and is decided later. */
  | 'processing'
  /** 429: turned away at the front door. */
  | 'rate_limit'
  /** 409: the first request with this key is still executing, or the key is spent. */
  | 'idempotency_key_in_use'
  /** 400: the key was used with other parameters. */
  | 'idempotency_error'
  /** 400: malformed, refused before anything was executed. */
  | 'parameter_invalid'
  /** 404: no such charge. */
  | 'resource_missing'
  /** 400: the charge is not in a state that allows this. */
  | 'unexpected_state'
  /** 400: more than was authorised or captured. */
  | 'amount_too_large'
  /** 500 and 504: the gateway itself failed. */
  | 'api_error';

/** One HTTP answer, provider-neutral. */
export interface WireAnswer {
  /** HTTP status: 200 done, 202 not decided yet, 4xx refused or declined, 5xx failed. */
  readonly status: number;
  /** Absent on success and on an answer without a body (the bodyless 409). */
  readonly code?: WireCode;
  /** The issuer's reason, on a decline. */
  readonly declineCode?: string;
  /** Present when a charge was created, captured or voided. */
  readonly charge?: ChargeResult;
  /** Present when a refund was created. */
  readonly refund?: RefundResult;
  /** Id of the payment that is not decided yet. */
  readonly paymentId?: string;
  /** True when this is the stored answer to an earlier request with the same key. */
  readonly replayed: boolean;
  /** Raw Retry-After header of a 429. */
  readonly retryAfter?: string;
}

/** An answer now, or after virtual time has passed. */
export type Timed = WireAnswer | Slow<WireAnswer>;

/** Who has to act on a payment that is not decided. */
export type WaitsFor = 'payer' | 'gateway';

/** What a look-up says. */
export type LookupAnswer =
  /** The charge exists, in the state that was visible. */
  | { readonly kind: 'found'; readonly charge: ChargeResult }
  /** The payment exists and is not decided: it waits for the payer or for the gateway. */
  | { readonly kind: 'pending'; readonly paymentId: string; readonly waitsFor: WaitsFor }
  /** The payment, or the request under that key, finally failed with `answer`. */
  | { readonly kind: 'answered'; readonly answer: WireAnswer }
  /** Nothing was visible. */
  | { readonly kind: 'absent' }
  /** The look-up itself was refused with `answer` (400, 429). */
  | { readonly kind: 'refused'; readonly answer: WireAnswer };

/** A refusal or failure that carries nothing but its status and code. */
export function refusal(status: number, code: WireCode): WireAnswer {
  return { status, code, replayed: false };
}

/** The issuer's refusal. */
export function decline(declineCode: string): WireAnswer {
  return { status: 402, code: 'card_declined', declineCode, replayed: false };
}
