// The one shape that every layer of the decorator stack wraps: an async operation with a request and a call
// context. The context carries what layers must tell each other, so that no layer has to know its neighbours.

/** What travels with one call through the stack. */
export interface Call {
  /** Aborted when the caller has given up; layers and adapters stop as soon as they see it. */
  readonly signal?: AbortSignal;
  /** The key to send to the gateway, stable across every attempt of one generation. */
  readonly idempotencyKey?: string;
  /** The unique merchant reference of the operation, by which the gateway can be asked what happened. */
  readonly merchantReference?: string;
  /**
   * Whether an attempt with unknown effect may be sent again under the same key: true only where the gateway
   * replays *every* answer for a repeated key. Absent means no.
   */
  readonly mayResend?: boolean;
  /**
   * Called immediately before every send; throws `LeaseLostError` when the caller no longer holds an
   * unexpired claim. Absent when nothing guards the call.
   */
  readonly fence?: () => void;
  /** Whether the gateway has to demand authentication (3-D Secure) from the payer. Absent means that it decides. */
  readonly challenge?: boolean;
  /** Told when the answer comes from a stored record instead of an execution. */
  readonly onReplay?: () => void;
}

/** An async operation that layers can wrap. */
export type Operation<Request, Result> = (request: Request, call?: Call) => Promise<Result>;

/**
 * What a layer is, so that the order of a stack can be judged. A layer of your own is `custom`: it has no rule, and
 * a stack may have several of them.
 */
export type LayerKind =
  | 'idempotent'
  | 'circuitBreaker'
  | 'retry'
  | 'rateLimit'
  | 'timeout'
  | 'timer'
  | 'logExecution'
  | 'cached'
  | 'fraudCheck'
  | 'custom';

/**
 * One decorator: takes the operation below it and returns one of the same type. Those that paystorm ships are
 * TC39 method decorators as well, which is what `context` is for; wrapping a function takes no second argument.
 */
export interface Layer<Request, Result, Kind extends LayerKind = LayerKind> {
  readonly kind: Kind;
  (next: Operation<Request, Result>, context?: ClassMethodDecoratorContext): Operation<Request, Result>;
}

/** A decorator that fits any operation. */
export interface AnyLayer<Kind extends LayerKind = LayerKind> {
  readonly kind: Kind;
  <Request, Result>(
    next: Operation<Request, Result>,
    context?: ClassMethodDecoratorContext,
  ): Operation<Request, Result>;
}
