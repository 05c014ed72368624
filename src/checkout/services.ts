// The services beside the gateway that a checkout needs. Both keep what they did under a key, and answer a repetition with it.

/** What a request to a service carries. */
export interface ServiceRequest {
  /** Stable for the operation: repeated, it is done once. */
  readonly idempotencyKey: string;
  readonly order: string;
}

/**
 * The inventory. Methods reject with a `PaymentError`: `none` when nothing happened, such as for goods that are not there
 * (not retriable), `unknown` when the service did not answer.
 */
export interface Inventory {
  /** Holds the goods of an order. */
  reserve(request: ServiceRequest): Promise<void>;
  /** Lets go what was held for an order; what never was is no error. */
  release(request: ServiceRequest): Promise<void>;
}

/** The carrier. Rejects as {@link Inventory} does. */
export interface Shipping {
  /** Sends the goods of an order. */
  ship(request: ServiceRequest): Promise<{ readonly shipment: string }>;
}
