// Every bug that is planted in the shop.

import { bookMutants } from './books.ts';
import { deliveryMutants } from './deliveries.ts';
import { gateMutants } from './gates.ts';
import { inboxMutants } from './inbox.ts';
import { jointMutants } from './joints.ts';
import type { Mutant } from './mutant.ts';
import { redactionMutants } from './redaction.ts';
import { refundMutants } from './refunds.ts';
import { reportMutants } from './reports.ts';
import { sagaMutants } from './sagas.ts';
import { shopAuditMutants } from './shop-audit.ts';
import { shopBookMutants } from './shop-books.ts';
import { undoingMutants } from './undoing.ts';
import { webhookMutants } from './webhooks.ts';

/** Every planted bug of the shop, class by class. */
export const shopMutants: readonly Mutant[] = [
  ...sagaMutants,
  ...undoingMutants,
  ...jointMutants,
  ...webhookMutants,
  ...deliveryMutants,
  ...inboxMutants,
  ...refundMutants,
  ...bookMutants,
  ...reportMutants,
  ...gateMutants,
  ...shopAuditMutants,
  ...shopBookMutants,
  ...redactionMutants,
];
