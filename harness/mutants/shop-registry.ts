// Every bug that is planted in the shop.

import { bookMutants } from './books.ts';
import { gateMutants } from './gates.ts';
import type { Mutant } from './mutant.ts';
import { sagaMutants } from './sagas.ts';
import { shopAuditMutants } from './shop-audit.ts';
import { shopBookMutants } from './shop-books.ts';
import { webhookMutants } from './webhooks.ts';

/** Every planted bug of the shop, class by class. */
export const shopMutants: readonly Mutant[] = [
  ...sagaMutants,
  ...webhookMutants,
  ...bookMutants,
  ...gateMutants,
  ...shopAuditMutants,
  ...shopBookMutants,
];
