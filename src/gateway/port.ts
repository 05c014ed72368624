// What paystorm asks of a payment gateway, and what a gateway can promise. Safe behaviour is derived from the
// declared capabilities, never from a provider's name.

/** What the gateway does with a repeated idempotency key. */
export type Dedup =
  /** Replays whatever it answered first, failures included. */
  | 'every-answer'
  /** Replays only a success; anything else is attempted again. */
  | 'successes'
  /** Charges again. */
  | 'none';

/** How an earlier operation can be found again. */
export interface LookupCapability {
  /** By the unique merchant reference, by the idempotency key that was sent, or both. */
  readonly by: readonly ('reference' | 'key')[];
  /** How long after a change a look-up may still answer with the state before it, in milliseconds. */
  readonly consistentAfterMs: number;
}

/** What a gateway promises; an adapter declares it. */
export interface GatewayCapabilities {
  readonly dedup: Dedup;
  readonly lookup: LookupCapability;
  /** How long a key is remembered, in milliseconds. */
  readonly keyRetentionMs: number;
  /** How late a request that was sent may still take effect, in milliseconds; Infinity when unbounded. */
  readonly maxEffectDelayMs: number;
  /** Whether an operation can be cancelled by the key it was sent under. */
  readonly cancelByKey: boolean;
  /** Whether a charge may be captured at once, later, or in several parts. */
  readonly captureModes: readonly ('automatic' | 'manual' | 'multiple')[];
}

/** What every mutation carries. */
export interface Mutation {
  /** Sent as the gateway's idempotency key; never empty. */
  readonly idempotencyKey: string;
  /** Unique per operation; never empty. */
  readonly merchantReference: string;
}

/** A request to charge a tokenised payment method; raw card numbers never pass this port. */
export interface ChargeRequest extends Mutation {
  /** Minor units of the currency, a positive safe integer. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
  readonly paymentToken: string;
  readonly capture: 'automatic' | 'manual';
  /** Whether the payer must authenticate (3-D Secure) whatever gateway and issuer think of it. Default false. */
  readonly challenge?: boolean;
}

/** A charge that exists at the gateway. Equal however it was learned: from the first answer, a replay or a look-up. */
export interface ChargeResult {
  readonly id: string;
  readonly status: 'authorized' | 'captured' | 'voided';
  readonly amountMinor: number;
  /** Less than `amountMinor` after a partial approval or a partial capture. */
  readonly capturedMinor: number;
  readonly currency: string;
  readonly merchantReference: string;
  /**
   * Authorised beside what was captured, and neither captured nor released yet; absent when nothing is. A void
   * releases it.
   */
  readonly openMinor?: number;
}

/** Captures an authorised charge, wholly or in part. */
export interface CaptureRequest extends Mutation {
  readonly chargeId: string;
  readonly amountMinor: number;
}

/** Releases an authorisation, or what a partial capture has left open of one. */
export interface VoidRequest extends Mutation {
  readonly chargeId: string;
}

/** Returns captured money. */
export interface RefundRequest extends Mutation {
  readonly chargeId: string;
  readonly amountMinor: number;
}

/** A refund as the gateway sees it: money is back only when it says `succeeded`. */
export interface RefundResult {
  readonly id: string;
  readonly chargeId: string;
  readonly amountMinor: number;
  readonly status: 'pending' | 'succeeded' | 'failed';
}

/** Asks what became of a refund. */
export interface RefundLookupRequest {
  readonly chargeId: string;
  /** The reference that the refund was requested under. */
  readonly merchantReference: string;
}

/** What a look-up of a refund found; `absent` proves nothing before the gateway's horizon has passed. */
export type RefundLookupResult =
  | { readonly kind: 'found'; readonly refund: RefundResult }
  | { readonly kind: 'absent' };

/** Asks for an earlier charge. */
export type LookupRequest =
  | { readonly by: 'reference'; readonly merchantReference: string }
  | { readonly by: 'key'; readonly idempotencyKey: string };

/** What a look-up found. */
export type LookupResult =
  /** The charge exists. */
  | { readonly kind: 'found'; readonly charge: ChargeResult }
  /** The payment exists and waits for the payer or for the gateway. */
  | { readonly kind: 'pending'; readonly gatewayId: string }
  /** By key only: the gateway finally answered this key with `error`, which seals the key. */
  | { readonly kind: 'answered'; readonly error: Error }
  /** Nothing there. Proves nothing before the gateway's horizon has passed. */
  | { readonly kind: 'absent' };

/** How a gateway call may be given up. */
export interface GatewayCallOptions {
  readonly signal?: AbortSignal;
}

/** A payment gateway. Every method rejects with a `PaymentError` and nothing else. */
export interface PaymentGateway {
  readonly capabilities: GatewayCapabilities;
  /** Charges now (`capture: 'automatic'`) or reserves the amount (`'manual'`). */
  authorize(request: ChargeRequest, options?: GatewayCallOptions): Promise<ChargeResult>;
  capture(request: CaptureRequest, options?: GatewayCallOptions): Promise<ChargeResult>;
  void(request: VoidRequest, options?: GatewayCallOptions): Promise<ChargeResult>;
  refund(request: RefundRequest, options?: GatewayCallOptions): Promise<RefundResult>;
  lookup(request: LookupRequest, options?: GatewayCallOptions): Promise<LookupResult>;
  lookupRefund(request: RefundLookupRequest, options?: GatewayCallOptions): Promise<RefundLookupResult>;
}
