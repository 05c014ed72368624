// Planted bugs of the webhook class: what becomes of an event that could not be handled when it came.

import type { FinishWrite } from '../../src/webhooks/inbox-store.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withInbox } from './shop-replace.ts';

/**
 * An end without effects, remembered for good, as in a table that nobody prunes. What is forgotten after eighty hours is mended by
 * the reconciliation of the fourth day, which has it announced once more.
 */
const ended: Pick<FinishWrite, 'effects' | 'dedupTtlMs'> = { effects: [], dedupTtlMs: 315_360_000_000 };

const planted: readonly PlantedShop[] = [
  {
    id: 'handler-error-yet-marked',
    class: 'webhook',
    mistake: 'an event whose handling failed is marked as handled, so that the queue stays short',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 1 }),
    start: withInbox((inbox) => ({
      postpone: (write) =>
        write.parked ? inbox.postpone(write) : inbox.finish({ id: write.id, token: write.token, ...ended }),
    })),
  },
  {
    id: 'unknown-object-marked',
    class: 'webhook',
    mistake:
      'an event about something that is not known here is marked as handled: it must be of another shop',
    exposure: everywhere({ breaks: 'W2', requests: 1, faults: 1 }),
    start: withInbox((inbox) => ({
      postpone: (write) =>
        write.parked ? inbox.finish({ id: write.id, token: write.token, ...ended }) : inbox.postpone(write),
    })),
  },
];

/** Planted bugs of what waits in the inbox. */
export const inboxMutants: readonly Mutant[] = planted.map(plantShop);
