// The orders of layers that look reasonable and are not: the reference with one layer moved to the outside of another.

import { type LayerName, movedOutside, recommendedOrder } from '../targets/orders.ts';
import { type Exposure, everywhere, type Mutant, on, type Planted, plant } from './mutant.ts';

function misplaced(
  outer: LayerName,
  inner: LayerName,
  rest: { readonly id: string; readonly mistake: string; readonly exposure: Exposure },
): Planted {
  return { ...rest, class: 'rule', parts: { order: movedOutside(recommendedOrder, { outer, inner }) } };
}

const planted: readonly Planted[] = [
  misplaced('retry', 'idempotent', {
    id: 'retry-outside-idempotent',
    mistake: 'the retry repeats whole claims, and between two of them somebody else may take the key',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 1 }),
  }),
  misplaced('circuitBreaker', 'idempotent', {
    id: 'breaker-outside-idempotent',
    mistake: 'the breaker stands outside the idempotent layer, and the sweep calls the gateway past it',
    exposure: on(['stripe', 'mango'], { breaks: 'S16', requests: 1, faults: 1 }),
  }),
  misplaced('rateLimit', 'idempotent', {
    id: 'limiter-outside-idempotent',
    mistake:
      'the limiter stands outside the idempotent layer, so that what is sent later is not counted then',
    exposure: everywhere({ breaks: 'S15', requests: 2, faults: 0 }),
  }),
  misplaced('timeout', 'idempotent', {
    id: 'timeout-outside-idempotent',
    mistake: 'the time-out stands outside the idempotent layer, and nothing bounds what the sweep sends',
    exposure: on(['stripe', 'mango'], { breaks: 'L1', requests: 1, faults: 2 }),
  }),
  misplaced('logExecution', 'idempotent', {
    id: 'log-outside-idempotent',
    mistake: 'the log stands outside the idempotent layer: it sees requests and not what is sent',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
  }),
  misplaced('rateLimit', 'retry', {
    id: 'limiter-outside-retry',
    mistake: 'the limiter stands outside the retry and counts one call for several attempts',
    exposure: everywhere({ breaks: 'S15', requests: 1, faults: 1 }),
  }),
  misplaced('logExecution', 'retry', {
    id: 'log-outside-retry',
    mistake: 'the log stands outside the retry: one record for several attempts',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 1 }),
  }),
];

/** Planted bugs of order. */
export const orderMutants: readonly Mutant[] = planted.map(plant);
