// Planted bugs of the shop's keys and of its audit log: what a key stands for, what is answered again, and what the log says
// of operations other than the charge.

import type { CheckoutParts } from '../../src/checkout/parts.ts';
import type { LogSink } from '../../src/kernel/runtime.ts';
import type { AuditRecord } from '../../src/resilience/audit.ts';
import type { ProviderBody } from '../targets/shop-webhooks.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { type ShopStart, withEntrances, withParts, withStores } from './shop-replace.ts';

type Entry = Partial<AuditRecord> & Parameters<LogSink['log']>[0];

/** The shop whose records `pass` hands on, or not. */
function logging(pass: (entry: Entry, log: LogSink['log']) => void): ShopStart {
  return withParts((parts: CheckoutParts<ProviderBody>) => {
    const { runtime } = parts;
    return { ...parts, runtime: { ...runtime, log: (entry) => pass(entry, (kept) => runtime.log(kept)) } };
  });
}

/** The shop whose log has no record of one kind about one operation. */
function without(audit: AuditRecord['audit'], operation: string): ShopStart {
  return logging((entry, log) => {
    if (entry.audit !== audit || entry.operation !== operation) log(entry);
  });
}

interface Asked {
  readonly fingerprint: string;
}

interface Answered {
  readonly record: Asked | null;
}

/** A store that knows what is asked of it by `nameOf`, and answers those who ask the same in their own words. */
function takenFor<Request extends Asked, Answer extends Answered>(
  ask: (request: Request) => Promise<Answer>,
  nameOf: (request: Request) => string,
): (request: Request) => Promise<Answer> {
  return async (request) => {
    const { fingerprint } = request;
    const name = nameOf(request);
    const answer = await ask({ ...request, fingerprint: name });
    const { record } = answer;
    return record?.fingerprint === name ? { ...answer, record: { ...record, fingerprint } } : answer;
  };
}

const planted: readonly PlantedShop[] = [
  {
    id: 'order-replays-unrecorded',
    class: 'audit',
    mistake: 'an order that is answered from the journal leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    start: without('replay', 'checkout'),
  },
  {
    id: 'order-conflicts-unrecorded',
    class: 'audit',
    mistake: 'an order that is refused because its key belongs to another leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 2, faults: 0 }),
    start: without('conflict', 'checkout'),
  },
  {
    id: 'captures-unrecorded',
    class: 'audit',
    mistake: 'only authorisations are recorded, and not what takes the money',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    start: without('attempt', 'capture'),
  },
  {
    id: 'refund-replays-unrecorded',
    class: 'audit',
    mistake: 'a refund that is answered from its record leaves none in the log',
    exposure: everywhere({ breaks: 'S20', requests: 2, faults: 0 }),
    start: without('replay', 'refund'),
  },
  {
    id: 'refused-refunds-unrecorded',
    class: 'audit',
    mistake: 'a refund that is refused before it is sent leaves no record',
    exposure: everywhere({ breaks: 'S20', requests: 2, faults: 0 }),
    start: without('rejected', 'refund'),
  },
  {
    id: 'voids-recorded-twice',
    class: 'audit',
    mistake: 'the compensation writes what it sends down once more',
    exposure: everywhere({ breaks: 'S20', requests: 1, faults: 0 }),
    start: logging((entry, log) => {
      log(entry);
      if (entry.audit === 'attempt' && entry.operation === 'void') log(entry);
    }),
  },
  {
    id: 'orders-compared-by-key',
    class: 'idempotency',
    mistake: 'an order is known by its key alone, and another one under it is answered with the first',
    exposure: everywhere({ breaks: 'S6', requests: 2, faults: 0 }),
    start: withStores(({ sagas }) => ({
      sagas: { ...sagas, open: takenFor(sagas.open, ({ id }) => id) },
    })),
  },
  {
    id: 'refunds-compared-by-key',
    class: 'idempotency',
    mistake: 'a refund is known by its key alone, and another amount under it is said to be given back',
    exposure: everywhere({ breaks: 'S6', requests: 3, faults: 0 }),
    start: withStores(({ idempotency }) => ({
      idempotency: {
        ...idempotency,
        claim: takenFor(idempotency.claim, ({ key, fingerprint }) =>
          key.startsWith('$refund/') ? key : fingerprint,
        ),
      },
    })),
  },
  {
    id: 'order-answers-are-dated',
    class: 'idempotency',
    mistake: 'the answer to an order says when it was given, in a replay too',
    exposure: everywhere({ breaks: 'S7', requests: 1, faults: 0 }),
    start: withEntrances(({ checkout }, { runtime }) => ({
      async checkout(intent) {
        const answer = await checkout?.(intent);
        if (answer === undefined) throw new TypeError('the shop takes no orders');
        return { ...answer, body: `${answer.body} at ${runtime.wallMs()}` };
      },
    })),
  },
  {
    id: 'order-hashed-with-its-attempt',
    class: 'idempotency',
    mistake: 'what changes from attempt to attempt is part of what an order is recognised by',
    exposure: everywhere({ breaks: 'S6', requests: 1, faults: 0 }),
    start: withStores(({ sagas }) => ({
      sagas: {
        ...sagas,
        open: takenFor(sagas.open, ({ fingerprint, attemptId }) => `${fingerprint} ${attemptId}`),
      },
    })),
  },
];

/** Planted bugs of the shop's keys and audit log. */
export const shopAuditMutants: readonly Mutant[] = planted.map(plantShop);
