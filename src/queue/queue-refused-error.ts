// Back-pressure that a caller can see: what was not accepted is still the caller's.

import { PaymentError } from '../errors/payment-error.ts';

/** A queue or a batch writer did not accept the work, because it is full or has been stopped: nothing was done. */
export class QueueRefusedError extends PaymentError {
  constructor(message: string) {
    super(message, { code: 'queue_refused', retriable: true, effect: 'none' }, { local: true });
  }
}
