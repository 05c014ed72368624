// How a request gets to the msw handlers: called directly, or through everything that Node and msw put between.

import { getResponse } from 'msw';
import type { HttpReply } from '../gateway-twin/stripe-answers.ts';
import { type Backstage, type Decision, stripeHandlers } from '../gateway-twin/stripe-handlers.ts';
import { neverApplied } from '../world/boundary.ts';

/** What came of one exchange: what went over the wire, and what it means. */
export interface Answered {
  readonly reply: HttpReply;
  readonly decision: Decision;
}

/** Carries one request to the handlers, behind which stands `backstage`. */
export type Route = (
  request: Request,
  backstage: Omit<Backstage, 'decided'>,
) => Promise<Answered | typeof neverApplied>;

const exchangeHeader = 'paystorm-exchange';
const backstages = new Map<string, Backstage>();
let exchanges = 0;

/** The handlers of the tier, for a server that intercepts; exchanges find their backstage by a header. */
export const tierHandlers = stripeHandlers((request) => {
  const backstage = backstages.get(request.headers.get(exchangeHeader) ?? '');
  if (backstage === undefined) throw new Error(`no world made the request ${request.method} ${request.url}`);
  return backstage;
});

/** The main route: the handlers answer without anything in between. */
const throughHandlers: Route = routeOver(async (request) => {
  const response = await getResponse(tierHandlers, request);
  if (response === undefined) throw new Error(`no handler for ${request.method} ${request.url}`);
  return response;
});

let present = throughHandlers;

/** Carries a request by the route that is taken at present. */
export const byPresentRoute: Route = (request, backstage) => present(request, backstage);

/** Takes another route, for a cross-check, until the returned function is called. */
export function takeRoute(route: Route): () => void {
  present = route;
  return () => {
    present = throughHandlers;
  };
}

/** The route that `send` takes; it must end at {@link tierHandlers}. */
export function routeOver(send: (request: Request) => Promise<Response | typeof neverApplied>): Route {
  return async (request, backstage) => {
    exchanges += 1;
    const id = String(exchanges);
    let decision: Decision | undefined;
    const decided = (what: Decision): void => {
      decision = what;
    };
    backstages.set(id, { ...backstage, decided });
    request.headers.set(exchangeHeader, id);
    try {
      const response = await send(request);
      if (response === neverApplied) return neverApplied;
      const reply: HttpReply = {
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      };
      if (decision === undefined)
        throw new Error(`the twin decided nothing about ${request.method} ${request.url}`);
      return { reply, decision };
    } finally {
      backstages.delete(id);
    }
  };
}
