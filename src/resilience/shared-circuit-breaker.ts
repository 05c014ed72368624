// One circuit breaker for several processes: what one of them finds broken the others need not try.

import type { Chance } from '../kernel/runtime.ts';
import { type BreakerLimits, type BreakerVerdict, breakerMachine } from './breaker-state.ts';
import type { BreakerPosition, BreakerStore } from './breaker-store.ts';
import {
  type CircuitBreakerOptions,
  isInfrastructureFailure,
  refused,
  validated,
  verdictOn,
} from './circuit-breaker.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { quietly } from './quietly.ts';
import { started } from './started.ts';

/** Options of {@link sharedCircuitBreaker}; the others are those of `circuitBreaker`. */
export interface SharedCircuitBreakerOptions extends CircuitBreakerOptions {
  readonly runtime: CircuitBreakerOptions['runtime'] & Pick<Chance, 'id'>;
  readonly store: BreakerStore;
  /** What is guarded together, such as one gateway. Processes that share a name have to agree on the limits. */
  readonly name: string;
}

/** A call that was let through, and whom to tell how it ended. */
type Leave = (verdict: BreakerVerdict) => void;

/**
 * A `circuitBreaker` whose state lives in a store, on the store's clock: one round trip before each call, and one behind
 * it where its end matters (a failure, or a probe), which the caller does not wait for. A report that is lost counts for
 * nothing; that of a probe counts as a failure when `recoveryTimeoutMs` have passed.
 *
 * While the store does not answer the process falls back on a breaker of its own: no call is refused because nobody could be
 * asked. `onStateChange` hears of a transition when this process comes to know of it.
 *
 * @throws ValidationError when an option is out of range.
 */
export function sharedCircuitBreaker(options: SharedCircuitBreakerOptions): AnyLayer<'circuitBreaker'> {
  const { runtime, slowCallMs, countOn = isInfrastructureFailure, operation = 'charge' } = options;
  const enter = entrance(options, validatedShared(options));

  return layer(
    'circuitBreaker',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request: Request, call?: Call) => {
        const leave = await enter();
        if (leave === undefined) throw refused(runtime, operation, call);
        const startedMs = runtime.monotonicMs();
        const verdictIfSlow = (verdict: BreakerVerdict): BreakerVerdict => {
          const isSlow = slowCallMs !== undefined && runtime.monotonicMs() - startedMs >= slowCallMs;
          return verdict === 'success' && isSlow ? 'failure' : verdict;
        };
        try {
          const result = await started(next, request, call);
          leave(verdictIfSlow('success'));
          return result;
        } catch (error) {
          leave(verdictIfSlow(verdictOn(error, call, countOn)));
          throw error;
        }
      },
  );
}

/** Asks for one call to be let through; undefined when it is not. */
function entrance(
  options: SharedCircuitBreakerOptions,
  limits: BreakerLimits,
): () => Promise<Leave | undefined> {
  const { runtime, store, name, onStateChange } = options;
  let known: BreakerPosition = { state: 'closed', generation: 0 };
  const learn = ({ state, generation }: BreakerPosition): void => {
    if (generation <= known.generation) return;
    known = { state, generation };
    if (onStateChange !== undefined) quietly(onStateChange, state);
  };
  const own = breakerMachine(runtime, limits, (state) => {
    if (onStateChange !== undefined) quietly(onStateChange, state);
  });
  const enterOwn = (): Leave | undefined => {
    const admission = own.enter();
    return admission && ((verdict) => own.leave(admission, verdict));
  };
  return async () => {
    const callId = runtime.id('call');
    const answer = await store.enter({ name, callId, limits }).catch(() => undefined);
    if (answer === undefined) return enterOwn();
    learn(answer);
    if (!answer.admitted) return undefined;
    const { state, generation } = answer;
    return (verdict) => {
      if (state === 'closed' && verdict !== 'failure') return;
      store.leave({ name, callId, generation, verdict, limits }).then(learn, () => {});
    };
  };
}

const check = optionCheck('sharedCircuitBreaker');

function validatedShared(options: SharedCircuitBreakerOptions): BreakerLimits {
  check.runtime(options.runtime, ['monotonicMs', 'id', 'log']);
  check.callback('store.enter', options.store?.enter);
  check.callback('store.leave', options.store?.leave);
  check.text('name', options.name);
  return validated(options);
}
