// What stands between an operation's claim and the gateway.

import type { AnyLayer, Call, Operation } from '../resilience/operation.ts';

/** The layers around every send, outermost first: breaker, retry, limiter. */
export type Guards = readonly AnyLayer[];

/** Puts `guards` around a send, which asks the call's fence first. */
export function sending<Request, Result>(
  guards: Guards,
  send: (
    request: Request,
    call: Required<Pick<Call, 'idempotencyKey' | 'merchantReference'>> & Call,
  ) => Promise<Result>,
): Operation<Request, Result> {
  const fenced: Operation<Request, Result> = async (request, call = {}) => {
    const { idempotencyKey = '', merchantReference = '' } = call;
    call.fence?.();
    return send(request, { ...call, idempotencyKey, merchantReference });
  };
  return guards.reduceRight((below, guard) => guard(below), fenced);
}
