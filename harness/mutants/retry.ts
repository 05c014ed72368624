// Planted bugs of the retry class.

import { PaymentError } from '../../src/errors/payment-error.ts';
import { retryAnything } from '../targets/charge-stack.ts';
import { everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';

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
    parts: {
      send: (operation) => async (intent, call) => {
        try {
          return await operation(intent, call);
        } catch (error) {
          if (error instanceof PaymentError) Object.defineProperty(error, 'retryAfter', { value: undefined });
          throw error;
        }
      },
    },
  },
];

/** Planted bugs of the retry class. */
export const retryMutants: readonly Mutant[] = planted.map(plant);
