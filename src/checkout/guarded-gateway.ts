// The gateway as everything here calls it: each call bounded in time, each mutation timed and in the audit log.

import { LeaseLostError } from '../errors/payment-error.ts';
import type { GatewayCallOptions, Mutation, PaymentGateway } from '../gateway/port.ts';
import type { LogSink, Runtime } from '../kernel/runtime.ts';
import { writeRejection } from '../resilience/audit.ts';
import { logExecution } from '../resilience/log-execution.ts';
import type { Operation } from '../resilience/operation.ts';
import { stack } from '../resilience/stack.ts';
import { timeout } from '../resilience/timeout.ts';
import { type TimerOptions, timer } from '../resilience/timer.ts';

/** How calls are guarded. */
export interface GatewayGuards {
  readonly runtime: Runtime & LogSink;
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number;
  readonly metric: TimerOptions['metric'];
}

/** The same gateway under guards. */
export function guardedGateway(gateway: PaymentGateway, guards: GatewayGuards): PaymentGateway {
  const { runtime, timeoutMs, metric } = guards;
  type Method<Request, Reply> = (request: Request, options?: GatewayCallOptions) => Promise<Reply>;
  const limit = timeout({ runtime, afterMs: timeoutMs });
  const mutation = <Request extends Mutation, Reply>(
    operation: string,
    send: Method<Request, Reply>,
  ): Method<Request, Reply> => {
    const sent: Operation<Request, Reply> = (request, call) => send(request, optionsOf(call?.signal));
    const timed = stack(limit, timer({ runtime, metric }), logExecution({ runtime, operation }))(sent);
    return (request, options) => {
      const { idempotencyKey, merchantReference } = request;
      const call = { ...optionsOf(options?.signal), idempotencyKey, merchantReference };
      const reason: unknown = call.signal?.aborted === true ? call.signal.reason : undefined;
      // Whoever drove the order has lost it meanwhile: the saga says so to the call alone, and nothing is sent.
      if (reason instanceof LeaseLostError) writeRejection(runtime, { operation, code: reason.code, call });
      return timed(request, call);
    };
  };
  const question = <Request, Reply>(ask: Method<Request, Reply>): Method<Request, Reply> => {
    const asked = limit((request: Request, call) => ask(request, optionsOf(call?.signal)));
    return (request, options) => asked(request, optionsOf(options?.signal));
  };
  return {
    capabilities: gateway.capabilities,
    authorize: mutation('authorize', (request, options) => gateway.authorize(request, options)),
    capture: mutation('capture', (request, options) => gateway.capture(request, options)),
    void: mutation('void', (request, options) => gateway.void(request, options)),
    refund: mutation('refund', (request, options) => gateway.refund(request, options)),
    lookup: question((request, options) => gateway.lookup(request, options)),
    lookupRefund: question((request, options) => gateway.lookupRefund(request, options)),
  };
}

function optionsOf(signal: AbortSignal | undefined): GatewayCallOptions {
  return signal === undefined ? {} : { signal };
}
