// A circuit breaker whose state machine can be replaced: what stands around the machine is the reference's.

import { CircuitOpenError, PaymentError, ValidationError } from '../../src/errors/payment-error.ts';
import { writeRejection } from '../../src/resilience/audit.ts';
import {
  type BreakerMachine,
  type BreakerState,
  type BreakerVerdict,
  breakerMachine,
} from '../../src/resilience/breaker-state.ts';
import { isInfrastructureFailure } from '../../src/resilience/circuit-breaker.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';
import type { TargetEnv } from '../targets/target.ts';
import type { ChargeOperation } from './replace.ts';

/** The reference's machine, and where it stands. */
export interface WatchedMachine extends BreakerMachine {
  state(): BreakerState;
}

/** Gets the reference's machine and returns the one to use in its place. */
export type Tampering = (machine: WatchedMachine, env: TargetEnv) => BreakerMachine;

/** A breaker with another machine. */
export function breakerWith(env: TargetEnv, tamper: Tampering): ChargeLayer {
  const { runtime, config } = env;
  const { slowCallMs } = config.breaker;
  let state: BreakerState = 'closed';
  const own = breakerMachine(runtime, config.breaker, (next) => {
    state = next;
  });
  const machine = tamper({ ...own, state: () => state }, env);
  const isSlow = (startedMs: number): boolean =>
    slowCallMs !== undefined && runtime.monotonicMs() - startedMs >= slowCallMs;
  const wrap =
    (next: ChargeOperation): ChargeOperation =>
    async (request, call) => {
      const admission = machine.enter();
      if (admission === undefined) {
        const error = new CircuitOpenError('the breaker is open; nothing was sent');
        writeRejection(runtime, { operation: 'charge', code: error.code, call });
        throw error;
      }
      const startedMs = runtime.monotonicMs();
      try {
        const result = await next(request, call);
        machine.leave(admission, isSlow(startedMs) ? 'failure' : 'success');
        return result;
      } catch (error) {
        const verdict = verdictOn(error);
        machine.leave(admission, verdict === 'success' && isSlow(startedMs) ? 'failure' : verdict);
        throw error;
      }
    };
  return Object.assign(wrap, { kind: 'circuitBreaker' as const });
}

function verdictOn(error: unknown): BreakerVerdict {
  if (error instanceof ValidationError || (error instanceof PaymentError && error.local)) return 'neither';
  return isInfrastructureFailure(error) ? 'failure' : 'success';
}
