// The gateway of the msw tier: the real `stripe` SDK under the Stripe adapter, whose HTTP exchanges are answered by
// the twin through msw. Each exchange is one crossing, at the same site and with the same request as in the
// simulated tier, so that histories of both tiers can be judged alike.

import type { GatewayCapabilities, PaymentGateway } from '../../src/gateway/port.ts';
import { stripeGateway } from '../../src/gateway/stripe-adapter.ts';
import { stripeClient } from '../../src/gateway/stripe-client.ts';
import { CaseError } from '../cases/case-error.ts';
import type { WireFailure } from '../faults/decide.ts';
import { chargeIn, lookedUp, refundIn, refundsListed } from '../gateway-twin/direct-adapter.ts';
import { type HttpReply, refusedReply } from '../gateway-twin/stripe-answers.ts';
import type { Decision } from '../gateway-twin/stripe-handlers.ts';
import { readStripeRequest, type StripeRequest } from '../gateway-twin/stripe-requests.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import { wireError } from '../gateway-twin/wire-error.ts';
import type { Outcome } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { type Boundary, Outside } from '../world/boundary.ts';
import { seenError } from '../world/seen-error.ts';
import { type Answered, byPresentRoute } from './msw-route.ts';
import { countedText, failingResponse } from './wire-response.ts';

/** What an {@link mswGateway} is made of. */
export interface MswGatewayParts {
  readonly twin: GatewayTwin;
  /** The boundary of the process that calls. */
  readonly boundary: Boundary;
  readonly capabilities: GatewayCapabilities;
  /** How many exchanges the world waits for. */
  readonly outside: { entered: number };
}

/** Time that the SDK gives one exchange, milliseconds: its own default. */
const sdkTimeoutMs = 80_000;

/**
 * The port over Stripe's SDK and the twin. Build and call it as code of a simulated process (`within`), as the SDK
 * takes its timers from the globals.
 *
 * @throws CaseError when the capabilities cannot be expressed over Stripe's API.
 */
export function mswGateway(parts: MswGatewayParts): PaymentGateway {
  const { capabilities } = parts;
  if (capabilities.lookup.by.includes('key')) {
    throw new CaseError([
      "the gateway of this profile answers look-ups by idempotency key, which Stripe's API cannot express; " +
        'use tier sim, or a profile that looks up by merchant reference',
    ]);
  }
  const fetch = exchangeOver(parts);
  const stripe = stripeClient({ apiKey: 'sk_test_paystorm', timeoutMs: sdkTimeoutMs, fetch });
  return stripeGateway({ stripe, capabilities });
}

interface Delivered extends Answered {
  readonly outcome: Outcome;
}

function exchangeOver({ twin, boundary, outside }: MswGatewayParts): typeof fetch {
  return async (url, init = {}) => {
    const headers = new Headers(init.headers);
    const body = typeof init.body === 'string' ? init.body : '';
    const asked = readStripeRequest({
      method: init.method ?? 'GET',
      url: String(url),
      idempotencyKey: headers.get('idempotency-key'),
      body,
    });
    if (asked.operation === 'refused') return response(refusedReply(asked.status, asked.parameter), outside);

    let failure: WireFailure | undefined;
    let last: HttpReply | undefined;
    try {
      const delivered = await boundary.cross<Delivered>({
        site: siteOf(asked),
        request: asked.request,
        signal: init.signal ?? undefined,
        apply: (inject) =>
          new Outside(async (pause) => {
            const request = new Request(String(url), {
              method: init.method ?? 'GET',
              headers,
              body: body || null,
            });
            const answered = await byPresentRoute(request, { twin, inject, pause });
            last = answered.reply;
            return { ...answered, outcome: outcomeOf(answered.decision) };
          }),
        recorded: ({ outcome }) => outcome,
        fail(how) {
          failure = how;
          return wireError(how);
        },
      });
      return response(delivered.reply, outside);
    } catch (error) {
      // Without a failure of the wire the caller gave up, and `error` is the signal's reason.
      if (failure === undefined) throw error;
      return countedText(failingResponse(failure, last), outside);
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

function response({ status, headers, body }: HttpReply, outside: { entered: number }): Response {
  return countedText(new Response(body === '' ? null : body, { status, headers }), outside);
}
