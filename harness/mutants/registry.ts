// Every planted bug.

import { idempotencyMutants } from './idempotency.ts';
import { keyMutants } from './keys.ts';
import { moneyMutants } from './money.ts';
import type { Mutant } from './mutant.ts';
import { retryMutants } from './retry.ts';
import { ruleMutants } from './rules.ts';

/** Every planted bug, class by class. */
export const mutants: readonly Mutant[] = [
  ...ruleMutants,
  ...idempotencyMutants,
  ...keyMutants,
  ...retryMutants,
  ...moneyMutants,
];
