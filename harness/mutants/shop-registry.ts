// Every bug that is planted in the shop. The kill matrix of single charges does not know them.

import { bookMutants } from './books.ts';
import { gateMutants } from './gates.ts';
import type { ShopMutant } from './planted-shop.ts';
import { sagaMutants } from './sagas.ts';
import { webhookMutants } from './webhooks.ts';

/** Every planted bug of the shop, class by class. */
export const shopMutants: readonly ShopMutant[] = [
  ...sagaMutants,
  ...webhookMutants,
  ...bookMutants,
  ...gateMutants,
];
