// The payment gateway of the simulated tier: the port on one side, the twin across a boundary on the other.

import { GatewayTimeoutError, PaymentError, ValidationError } from '../../src/errors/payment-error.ts';
import type {
  ChargeResult,
  GatewayCallOptions,
  GatewayCapabilities,
  LookupResult,
  Mutation,
  PaymentGateway,
  RefundLookupResult,
  RefundResult,
} from '../../src/gateway/port.ts';
import type { Injection } from '../faults/decide.ts';
import type { Site } from '../history/sites.ts';
import { type Boundary, Slow } from '../world/boundary.ts';
import type { LookupAnswer, Timed, WireAnswer } from './answer.ts';
import type { ListedRefund, RefundListing, RefundLookupAnswer } from './refund-lookup.ts';
import type { GatewayTwin } from './twin.ts';
import { errorOf, wireError } from './wire-error.ts';

/** What a {@link directGateway} stands between. */
export interface DirectGatewayParts {
  readonly twin: GatewayTwin;
  /** The boundary of the process that calls. */
  readonly boundary: Boundary;
  readonly capabilities: GatewayCapabilities;
}

interface Send<Request extends object, Reply extends object> {
  readonly site: Site;
  readonly request: Request;
  readonly apply: (request: Request, inject: Injection | undefined) => Reply | Slow<Reply>;
  readonly options: GatewayCallOptions | undefined;
}

/**
 * The port over the twin: every call is one crossing of `boundary`.
 *
 * Calls reject with `ValidationError`, before anything is sent, for an empty idempotency key or merchant reference.
 */
export function directGateway({ twin, boundary, capabilities }: DirectGatewayParts): PaymentGateway {
  async function send<Request extends object, Reply extends object>(
    sending: Send<Request, Reply>,
  ): Promise<Reply> {
    const { site, apply, options } = sending;
    const signal = options?.signal;
    try {
      signal?.throwIfAborted();
      // A program that changes what it sent or was given must not reach into the gateway's books.
      const request = { ...sending.request };
      return await boundary.cross({
        site,
        request,
        signal,
        apply: (inject) => apply(request, inject),
        handed: copyOf<Reply>,
        fail: wireError,
      });
    } catch (error) {
      throw signal?.aborted && error === signal.reason ? givenUp(error) : error;
    }
  }

  return {
    capabilities,
    async authorize(request, options) {
      insist(request);
      return send({
        site: 'gateway.authorize',
        request,
        apply: (sent, inject) => read(twin.authorize(sent, inject), chargeIn),
        options,
      });
    },
    async capture(request, options) {
      insist(request);
      return send({
        site: 'gateway.capture',
        request,
        apply: (sent, inject) => read(twin.capture(sent, inject), chargeIn),
        options,
      });
    },
    async void(request, options) {
      insist(request);
      return send({
        site: 'gateway.void',
        request,
        apply: (sent, inject) => read(twin.void(sent, inject), chargeIn),
        options,
      });
    },
    async refund(request, options) {
      insist(request);
      return send({
        site: 'gateway.refund',
        request,
        apply: (sent, inject) => read(twin.refund(sent, inject), refundIn),
        options,
      });
    },
    async lookup(request, options) {
      const wanted = request.by === 'key' ? request.idempotencyKey : request.merchantReference;
      if (wanted === '') throw new ValidationError(`A look-up by ${request.by} needs a ${request.by}.`);
      return send({
        site: 'gateway.lookup',
        request,
        apply: (sent, inject) => lookedUp(twin.lookup(sent, inject)),
        options,
      });
    },
    async lookupRefund(request, options) {
      insistOnReference(request.merchantReference);
      return send({
        site: 'gateway.lookup-refund',
        request,
        apply: (sent, inject) => refundLookedUp(twin.lookupRefund(sent, inject)),
        options,
      });
    },
  };
}

/** A copy as deep as the answers of a gateway are: a look-up's answer holds the charge or refund that it found. */
function copyOf<Reply extends object>(reply: Reply): Reply {
  const { charge, refund } = reply as { readonly charge?: ChargeResult; readonly refund?: RefundResult };
  if (refund !== undefined) return { ...reply, refund: { ...refund } };
  return charge === undefined ? { ...reply } : { ...reply, charge: { ...charge } };
}

function insist({ idempotencyKey, merchantReference }: Mutation): void {
  if (idempotencyKey === '')
    throw new ValidationError(
      'The idempotency key is empty. Without it a repeated request charges twice: pass the key of the operation.',
    );
  insistOnReference(merchantReference);
}

function insistOnReference(merchantReference: string): void {
  if (merchantReference === '')
    throw new ValidationError(
      'The merchant reference is empty. Without it what was lost cannot be found again: pass a unique reference.',
    );
}

function read<Reply>(timed: Timed, value: (answer: WireAnswer) => Reply): Reply | Slow<Reply> {
  if (timed instanceof Slow) return new Slow(timed.afterMs, () => value(timed.finish()));
  return value(timed);
}

/** Reads the answer to a charge, a capture or a void. @throws PaymentError for anything but a charge. */
export function chargeIn(answer: WireAnswer): ChargeResult {
  if (answer.status === 200 && answer.charge !== undefined) return answer.charge;
  throw errorOf(answer);
}

/** Reads the answer to a refund. @throws PaymentError for anything but a refund. */
export function refundIn(answer: WireAnswer): RefundResult {
  if (answer.status === 200 && answer.refund !== undefined) return answer.refund;
  throw errorOf(answer);
}

/** Reads the answer to a look-up. @throws PaymentError when the look-up itself was refused. */
export function lookedUp(answer: LookupAnswer): LookupResult {
  switch (answer.kind) {
    case 'pending':
      return { kind: 'pending', gatewayId: answer.paymentId };
    case 'answered':
      return { kind: 'answered', error: errorOf(answer.answer) };
    case 'refused':
      throw errorOf(answer.answer);
    default:
      return answer;
  }
}

/** Reads the answer to a look-up of a refund. @throws PaymentError when the look-up itself was refused. */
function refundLookedUp(answer: RefundLookupAnswer): RefundLookupResult {
  if (answer.kind === 'refused') throw errorOf(answer.answer);
  return answer;
}

/** Reads the answer to a listing of refunds. @throws PaymentError when the listing itself was refused. */
export function refundsListed(answer: RefundListing): readonly ListedRefund[] {
  if (answer.kind === 'refused') throw errorOf(answer.answer);
  return answer.refunds;
}

// The port promises payment errors only, and a caller may abort with anything or with nothing.
function givenUp(reason: unknown): PaymentError {
  if (reason instanceof PaymentError) return reason;
  return new GatewayTimeoutError(
    'The caller gave the gateway call up. It may have been carried out: look it up.',
    { cause: reason },
  );
}
