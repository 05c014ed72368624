// Which orders of layers are unsafe on a charge. Data, so that types, `checkStack` and the storm judge by one table.

import type { LayerKind } from './operation.ts';

/** Two layers that must not stand in this order, and what goes wrong if they do. */
export interface OrderRule {
  readonly outer: LayerKind;
  readonly inner: LayerKind;
  /** The invariant that the order breaks, as the storm numbers them. */
  readonly invariant: string;
  readonly because: string;
  readonly fix: string;
}

/**
 * The unsafe pairs: exactly those orders are unsafe in which one of these occurs, wherever the two layers stand. The
 * sweep runs what stands below the idempotent layer, which is why most of them are about what stands outside it.
 */
export const orderRules = [
  {
    outer: 'retry',
    inner: 'idempotent',
    invariant: 'S6',
    because:
      'between two attempts the slot is released, another payload can take the key, and the request that came ' +
      'first is told that it conflicts',
    fix: 'put retry inside idempotent, so that all attempts belong to one claim',
  },
  {
    outer: 'circuitBreaker',
    inner: 'idempotent',
    invariant: 'S16',
    because:
      'the sweep runs what stands below the idempotent layer, so it calls the gateway past an open breaker',
    fix: 'put circuitBreaker inside idempotent, and give the sweep the same breaker',
  },
  {
    outer: 'rateLimit',
    inner: 'idempotent',
    invariant: 'S15',
    because:
      'the sends of the sweep are not counted, and claims that take now longer and now shorter bring sends ' +
      'together that were admitted apart',
    fix: 'put rateLimit inside idempotent, and give the sweep the same limiter',
  },
  {
    outer: 'timeout',
    inner: 'idempotent',
    invariant: 'L1',
    because:
      'nothing bounds the sends of the sweep, so one that hangs keeps every payment after it undecided',
    fix: 'put timeout inside idempotent, and give the sweep one as well',
  },
  {
    outer: 'logExecution',
    inner: 'idempotent',
    invariant: 'S20',
    because: 'the sends of the sweep leave no record, and replays are recorded as attempts',
    fix: 'put logExecution inside idempotent, and give the sweep one as well',
  },
  {
    outer: 'rateLimit',
    inner: 'retry',
    invariant: 'S15',
    because: 'only the first attempt is counted, so repeated ones exceed the limit',
    fix: 'put rateLimit inside retry, so that it admits every attempt',
  },
  {
    outer: 'logExecution',
    inner: 'retry',
    invariant: 'S20',
    because: 'several attempts leave one record',
    fix: 'put logExecution inside retry, so that it records every attempt',
  },
] as const satisfies readonly OrderRule[];
