// A circuit breaker whose state machine can be replaced: what stands around the machine is the reference's.

import { CircuitOpenError, PaymentError, ValidationError } from '../../src/errors/payment-error.ts';
import { writeRejection } from '../../src/resilience/audit.ts';
import {
  type Admission,
  type BreakerMachine,
  type BreakerState,
  type BreakerVerdict,
  breakerMachine,
} from '../../src/resilience/breaker-state.ts';
import { type CircuitBreakerOptions, isInfrastructureFailure } from '../../src/resilience/circuit-breaker.ts';
import type { ChargeLayer } from '../targets/charge-stack.ts';
import type { TargetEnv } from '../targets/target.ts';
import type { ChargeOperation } from './replace.ts';

/** The reference's machine, and where it stands. */
export interface WatchedMachine extends BreakerMachine {
  state(): BreakerState;
}

/** A machine that may treat calls by themselves that ended in a definite answer other than success, such as a decline. */
export interface TamperedMachine extends BreakerMachine {
  answered?(admission: Admission): void;
}

/** Gets the reference's machine and returns the one to use in its place. */
export type Tampering = (machine: WatchedMachine, env: TargetEnv) => TamperedMachine;

/** What the reference's breaker is told. */
export function breakerOptions({ runtime, config }: TargetEnv): CircuitBreakerOptions {
  const { slowCallMs, ...limits } = config.breaker;
  return { runtime, ...limits, ...(slowCallMs === undefined ? {} : { slowCallMs }) };
}

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
        if (verdict !== 'success') machine.leave(admission, verdict);
        else if (isSlow(startedMs)) machine.leave(admission, 'failure');
        else if (machine.answered !== undefined) machine.answered(admission);
        else machine.leave(admission, 'success');
        throw error;
      }
    };
  return Object.assign(wrap, { kind: 'circuitBreaker' as const });
}

function verdictOn(error: unknown): BreakerVerdict {
  if (error instanceof ValidationError || (error instanceof PaymentError && error.local)) return 'neither';
  return isInfrastructureFailure(error) ? 'failure' : 'success';
}
