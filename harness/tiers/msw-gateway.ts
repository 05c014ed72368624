// The gateway of the msw tier: the real `stripe` SDK under the Stripe adapter, whose HTTP exchanges are answered by
// the twin through msw.

import type { GatewayCapabilities, PaymentGateway } from '../../src/gateway/port.ts';
import { stripeGateway } from '../../src/gateway/stripe-adapter.ts';
import { stripeClient } from '../../src/gateway/stripe-client.ts';
import { CaseError } from '../cases/case-error.ts';
import type { HttpReply } from '../gateway-twin/stripe-answers.ts';
import type { GatewayTwin } from '../gateway-twin/twin.ts';
import type { Boundary } from '../world/boundary.ts';
import { exchangeOver as exchanging } from './exchange.ts';
import { byPresentRoute } from './msw-route.ts';
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

function exchangeOver({ twin, boundary, outside }: MswGatewayParts): typeof fetch {
  const exchange = exchanging({ twin, boundary, route: byPresentRoute });
  return async (url, init = {}) => {
    const { failure, reply } = await exchange({
      method: init.method ?? 'GET',
      url: String(url),
      headers: new Headers(init.headers),
      body: typeof init.body === 'string' ? init.body : '',
      signal: init.signal ?? undefined,
    });
    return countedText(failure === undefined ? responseOf(reply) : failingResponse(failure, reply), outside);
  };
}

function responseOf({ status, headers, body }: HttpReply): Response {
  return new Response(body === '' ? null : body, { status, headers });
}
