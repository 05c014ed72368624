// The twin's HTTP face: one set of msw handlers that speak Stripe's wire format, for the msw tier and for
// everybody else who wants a stateful fake of Stripe.

import { HttpResponse, http, type RequestHandler } from 'msw';
import type { Injection } from '../faults/decide.ts';
import { type Pause, Slow } from '../world/boundary.ts';
import type { LookupAnswer, Timed, WireAnswer } from './answer.ts';
import type { RefundListing } from './refund-lookup.ts';
import { type HttpReply, mutationReply, refundsReply, refusedReply, searchReply } from './stripe-answers.ts';
import { readStripeRequest, type StripeRequest } from './stripe-requests.ts';
import type { GatewayTwin } from './twin.ts';

/** What stands behind one HTTP exchange. */
export interface Backstage {
  readonly twin: GatewayTwin;
  /** The fault that strikes this exchange. */
  readonly inject?: Injection | undefined;
  /** Waits while the provider works. */
  readonly pause: Pause;
  /** Told what the provider decided, before it is put into Stripe's words. */
  readonly decided?: (decision: Decision) => void;
}

/** What the provider decided. */
export type Decision =
  | { readonly kind: 'mutation'; readonly answer: WireAnswer }
  | { readonly kind: 'lookup'; readonly answer: LookupAnswer }
  | { readonly kind: 'refunds'; readonly answer: RefundListing };

/** The origin that the handlers answer for. */
const stripeOrigin = 'https://api.stripe.com';

/** The handlers; `backstageOf` says what stands behind an exchange. */
export function stripeHandlers(backstageOf: (request: Request) => Backstage): RequestHandler[] {
  const resolve = async ({ request }: { readonly request: Request }): Promise<Response> => {
    const { status, headers, body } = await answer(request, backstageOf(request));
    return new HttpResponse(body === '' ? null : body, { status, headers });
  };
  const intents = `${stripeOrigin}/v1/payment_intents`;
  return [
    http.post(intents, resolve),
    http.get(`${intents}/search`, resolve),
    http.post(`${intents}/:id/capture`, resolve),
    http.post(`${intents}/:id/cancel`, resolve),
    http.post(`${stripeOrigin}/v1/refunds`, resolve),
    http.get(`${stripeOrigin}/v1/refunds`, resolve),
    http.all(`${stripeOrigin}/*`, resolve),
  ];
}

async function answer(request: Request, backstage: Backstage): Promise<HttpReply> {
  if (!request.headers.get('authorization')?.startsWith('Bearer ')) return refusedReply(401, 'authorization');
  const asked = readStripeRequest({
    method: request.method,
    url: request.url,
    idempotencyKey: request.headers.get('idempotency-key'),
    body: request.method === 'GET' ? '' : await request.text(),
  });
  if (asked.operation === 'refused') return refusedReply(asked.status, asked.parameter);
  if (asked.operation === 'lookup') {
    const found = backstage.twin.lookup(asked.request, backstage.inject);
    backstage.decided?.({ kind: 'lookup', answer: found });
    const reference = asked.request.by === 'reference' ? asked.request.merchantReference : '';
    return searchReply(found, reference, backstage.twin.books());
  }
  if (asked.operation === 'lookup-refund') {
    const listed = backstage.twin.listRefunds(asked.request.chargeId, backstage.inject);
    backstage.decided?.({ kind: 'refunds', answer: listed });
    return refundsReply(listed, asked.request);
  }
  const timed = mutate(asked, backstage);
  if (timed instanceof Slow) await backstage.pause(timed.afterMs);
  const decided = timed instanceof Slow ? timed.finish() : timed;
  backstage.decided?.({ kind: 'mutation', answer: decided });
  return mutationReply(decided, describe(asked));
}

type Mutation = Exclude<StripeRequest, { readonly operation: 'refused' | 'lookup' | 'lookup-refund' }>;

function mutate(asked: Mutation, { twin, inject }: Backstage): Timed {
  switch (asked.operation) {
    case 'authorize':
      return twin.authorize(asked.request, inject);
    case 'capture':
      return twin.capture({ ...asked.request, releaseRest: asked.releaseRest }, inject);
    case 'void':
      return twin.void(asked.request, inject);
    case 'refund':
      return twin.refund(asked.request, inject);
  }
}

/** Only a new payment can be undecided, and its own request describes it. */
function describe(asked: Mutation): Parameters<typeof mutationReply>[1] {
  if (asked.operation === 'authorize') return asked.request;
  return { amountMinor: 0, currency: 'USD', merchantReference: asked.request.merchantReference };
}
