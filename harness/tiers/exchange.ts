// One HTTP exchange of Stripe's SDK with the twin as one crossing, at the same site and with the same request as in the
// simulated tier, so that histories of all tiers can be judged alike.

import type { WireFailure } from '../faults/decide.ts';
import { chargeIn, lookedUp, refundIn, refundsListed } from '../gateway-twin/direct-adapter.ts';
import { type HttpReply, refusedReply } from '../gateway-twin/stripe-answers.ts';
import type { Decision } from '../gateway-twin/stripe-handlers.ts';
import { readStripeRequest, type StripeRequest } from '../gateway-twin/stripe-requests.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import { wireError } from '../gateway-twin/wire-error.ts';
import type { Outcome } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { type Boundary, neverApplied, Outside } from '../world/boundary.ts';
import { seenError } from '../world/seen-error.ts';
import type { Answered, Route } from './msw-route.ts';

/** What exchanges go between. */
export interface ExchangeParts {
  readonly twin: GatewayTwin;
  /** The boundary of the process that calls. */
  readonly boundary: Boundary;
  /** How a request gets to the handlers. */
  readonly route: Route;
}

/** A request as the SDK makes it. */
export interface SdkRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
  readonly signal?: AbortSignal | undefined;
}

/** What the caller hears: an answer, or how the wire failed, and what had been answered by then if anything had. */
export type Exchanged =
  | { readonly failure: undefined; readonly reply: HttpReply }
  | { readonly failure: WireFailure; readonly reply: HttpReply | undefined };

interface Delivered extends Answered {
  readonly outcome: Outcome;
}

/** Makes exchanges; each rejects with the reason of its signal when its caller gives up, and with nothing else. */
export function exchangeOver({
  twin,
  boundary,
  route,
}: ExchangeParts): (asked: SdkRequest) => Promise<Exchanged> {
  return async ({ method, url, headers, body, signal }) => {
    const asked = readStripeRequest({ method, url, idempotencyKey: headers.get('idempotency-key'), body });
    if (asked.operation === 'refused')
      return { failure: undefined, reply: refusedReply(asked.status, asked.parameter) };

    let failure: WireFailure | undefined;
    let last: HttpReply | undefined;
    try {
      const delivered = await boundary.cross<Delivered>({
        site: siteOf(asked),
        request: asked.request,
        signal,
        apply: (inject) =>
          new Outside(async (pause) => {
            const request = new Request(url, { method, headers, body: body || null });
            const answered = await route(request, { twin, inject, pause });
            if (answered === neverApplied) return neverApplied;
            last = answered.reply;
            return { ...answered, outcome: outcomeOf(answered.decision) };
          }),
        recorded: ({ outcome }) => outcome,
        fail(how) {
          failure = how;
          return wireError(how);
        },
      });
      return { failure: undefined, reply: delivered.reply };
    } catch (error) {
      // Without a failure of the wire the caller gave up, and `error` is the signal's reason.
      if (failure === undefined) throw error;
      return { failure, reply: last };
    }
  };
}

function siteOf({ operation }: Exclude<StripeRequest, { readonly operation: 'refused' }>): Site {
  return `gateway.${operation}`;
}

/** What the provider decided, as the simulated tier records it. */
function outcomeOf(decision: Decision): Outcome {
  try {
    return { ok: true, value: meaningOf(decision) };
  } catch (error) {
    return { ok: false, error: seenError(error) };
  }
}

function meaningOf(decision: Decision): unknown {
  if (decision.kind === 'lookup') return lookedUp(decision.answer);
  if (decision.kind === 'refunds') return refundsListed(decision.answer);
  return decision.answer.refund === undefined ? chargeIn(decision.answer) : refundIn(decision.answer);
}
