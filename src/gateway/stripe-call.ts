// One call of the `stripe` SDK under the port's rules: it ends when its signal is aborted, and whatever it throws
// is a payment error.

import type Stripe from 'stripe';
import { GatewayTimeoutError, PaymentError } from '../errors/payment-error.ts';
import type { GatewayCallOptions } from './port.ts';
import { signalDeskOf } from './stripe-client.ts';
import { stripeErrorOf } from './stripe-error.ts';

/** Request options that carry the caller's signal to the exchange. */
export type Sending = Pick<Stripe.RequestOptions, 'headers'>;

/** Makes one call of the SDK. */
export type BoundedCall = <Result>(
  options: GatewayCallOptions | undefined,
  act: (send: Sending) => Promise<Result>,
) => Promise<Result>;

/** Ends a call as soon as its signal is aborted, and turns whatever the SDK throws into a `PaymentError`. */
export function boundedCalls(stripe: Stripe): BoundedCall {
  const desk = signalDeskOf(stripe);
  return async (options, act) => {
    const signal = options?.signal;
    if (signal === undefined) return act({}).catch(rethrow);
    if (signal.aborted) throw givenUp(signal.reason);
    const ticket = desk?.deposit(signal);
    try {
      const headers = ticket === undefined ? {} : { [ticket.name]: ticket.value };
      return await raceAbort(act({ headers }), signal);
    } catch (error) {
      throw signal.aborted ? givenUp(signal.reason) : stripeErrorOf(error);
    } finally {
      if (ticket !== undefined) desk?.release(ticket.value);
    }
  };
}

function rethrow(error: unknown): never {
  throw stripeErrorOf(error);
}

async function raceAbort<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  let giveUp = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    giveUp = () => reject(signal.reason);
  });
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}

// The port promises payment errors only, and a caller may abort with anything or with nothing.
function givenUp(reason: unknown): PaymentError {
  if (reason instanceof PaymentError) return reason;
  return new GatewayTimeoutError(
    'The caller gave the gateway call up. It may have been carried out: look it up.',
    { cause: reason },
  );
}
