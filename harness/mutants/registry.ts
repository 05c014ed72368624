// Every planted bug.

import { answerMutants } from './answers.ts';
import { auditMutants } from './audit.ts';
import { breakerMutants } from './breaker.ts';
import { idempotencyMutants } from './idempotency.ts';
import { keyMutants } from './keys.ts';
import { leaseMutants } from './leases.ts';
import { limiterMutants } from './limiter.ts';
import { moneyMutants } from './money.ts';
import type { Mutant } from './mutant.ts';
import { orderMutants } from './orders.ts';
import { pendingMutants } from './pending.ts';
import { retryMutants } from './retry.ts';
import { ruleMutants } from './rules.ts';
import { shopMutants } from './shop-registry.ts';
import { tableMutants } from './tables.ts';

/** Every planted bug, class by class: those of single charges first, then those of a shop. */
export const mutants: readonly Mutant[] = [
  ...ruleMutants,
  ...orderMutants,
  ...idempotencyMutants,
  ...leaseMutants,
  ...tableMutants,
  ...keyMutants,
  ...answerMutants,
  ...pendingMutants,
  ...retryMutants,
  ...breakerMutants,
  ...limiterMutants,
  ...auditMutants,
  ...moneyMutants,
  ...shopMutants,
];
