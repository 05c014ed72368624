// Planted bugs of the retry class.

import { CardDeclinedError, PaymentError } from '../../src/errors/payment-error.ts';
import { mayRetry } from '../../src/resilience/retry.ts';
import { retryAnything } from '../targets/charge-stack.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';
import { type ChargeOperation, failingWith } from './replace.ts';

function withoutRetryAfter(error: unknown): unknown {
  if (error instanceof PaymentError) Object.defineProperty(error, 'retryAfter', { value: undefined });
  return error;
}

const unchanged = (next: ChargeOperation): ChargeOperation => next;

const planted: readonly Planted[] = [
  {
    id: 'unknown-retried-without-dedup',
    class: 'retry',
    mistake: 'a time-out is retried although the gateway does not deduplicate',
    exposure: on(['checkout', 'none'], { breaks: 'S1', requests: 1, faults: 1 }),
    parts: {
      retry: retryAnything,
    },
  },
  {
    id: 'error-class-lost',
    class: 'retry',
    mistake: 'errors are wrapped in a plain Error on the way up, so that a decline is no longer one',
    exposure: on(['stripe'], { breaks: 'L1', requests: 1, faults: 1 }),
    parts: {
      send: (operation) => async (intent, call) => {
        try {
          return await operation(intent, call);
        } catch (error) {
          throw new Error(`charge failed: ${error instanceof Error ? error.message : String(error)}`);
        }
      },
    },
  },
  {
    id: 'attempts-off-by-one',
    class: 'retry',
    mistake: 'the first attempt is not counted',
    exposure: on(['stripe', 'mango'], { breaks: 'S14', requests: 1, faults: 1 }),
    parts: { retry: (options) => ({ ...options, maxAttempts: (options.maxAttempts ?? 3) + 1 }) },
  },
  {
    id: 'no-delay-between-attempts',
    class: 'retry',
    mistake: 'a delay that cannot be read counts as zero',
    exposure: everywhere({ breaks: 'S14', requests: 1, faults: 1 }),
    parts: { retry: (options) => ({ ...options, delayMs: 0 }) },
  },
  {
    id: 'retry-after-ignored',
    class: 'retry',
    mistake: 'the gateway asks to come back later and is asked again at once',
    exposure: everywhere({ breaks: 'S14', requests: 1, faults: 1 }),
    parts: { send: failingWith(withoutRetryAfter) },
  },
  {
    id: 'declines-retried',
    class: 'retry',
    mistake: 'a declined card is tried again',
    exposure: everywhere({ breaks: 'S5', requests: 1, faults: 1 }),
    parts: {
      retry: (options) => ({
        ...options,
        retryOn: (error, call) => mayRetry(error, call) || error instanceof CardDeclinedError,
      }),
    },
  },
  {
    id: 'no-time-out',
    class: 'retry',
    mistake: 'a call of the gateway may take as long as it likes',
    exposure: everywhere({ breaks: 'L1', requests: 1, faults: 1 }),
    parts: { layers: () => ({ timeout: Object.assign(unchanged, { kind: 'timeout' as const }) }) },
  },
  {
    id: 'time-out-does-not-abort',
    class: 'retry',
    mistake: 'who gives a call up lets it run on, and nobody hears of its end',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 1 }),
    parts: {
      send: (operation) => (intent, call) => {
        const { signal: _ignored, ...rest } = call ?? {};
        return operation(intent, rest);
      },
    },
  },
];

/** Planted bugs of the retry class. */
export const retryMutants: readonly Mutant[] = planted.map(plant);
