// How the cases of orders differ by what they are about: which tables they are drawn from, and what is plotted in them that is
// hardly ever met by chance.

import type { Focus } from '../checkers/focus.ts';
import type { ShopCarrier } from './shop-menu.ts';

/** A table to pick from; listing an entry twice doubles its weight. */
type Table = readonly [number, ...number[]];

/** What a case of orders is drawn by; percentages of a hundred draws. */
export interface Bias {
  /** Orders of a case, refunds of an order, and faults of a case that are scattered. */
  readonly orders: Table;
  readonly refunds: Table;
  readonly faults: Table;
  /** Who is the likeliest to carry a fault. */
  readonly likeliest: ShopCarrier;
  /** How often an order is asked for once more, has a payer whom the rules look at, a note, and a dispute. */
  readonly again: number;
  readonly risky: number;
  readonly noted: number;
  readonly disputed: number;
  /** How often somebody reconciles during the storm, and events and rows of reports may carry faults. */
  readonly reconciled: number;
  readonly announced: number;
  readonly reported: number;
  /** How often those that may carry one do, beside what is scattered; and how many events there are likely to be. */
  readonly hitEvents: number;
  readonly hitRows: number;
  readonly events: number;
  /** How often an order is refused half way. */
  readonly refused: number;
  /**
   * How often a compensation fails for good, a payment is disputed while a refund of it is on its way, every change that
   * carries faults is announced by two events, and a process dies in the middle of telling the news of the ledger.
   */
  readonly stuck: number;
  readonly disputedMeanwhile: number;
  readonly announcedTwice: number;
  /**
   * How often an act is repeated in doubt and refused then, a declined payment appears all the same, the driver of an order
   * sleeps beyond its lease, and a refund comes back without a word of it.
   */
  readonly doubted: number;
  readonly appearing: number;
  readonly overslept: number;
  readonly unheard: number;
  readonly newsCut: number;
  /** How often none of the first events is ever sent, so that only a reconciliation tells of disputes. */
  readonly unannounced: number;
  /** How often a payment is disputed of which the books know nothing yet, or while they do not answer. */
  readonly disputedUnbooked: number;
  /** How often an event is lost on its way into the books. */
  readonly newsLost: number;
}

/** Some of everything. */
const broad: Bias = {
  orders: [1, 1, 1, 1, 2, 2, 3],
  refunds: [0, 0, 0, 1, 1, 1, 2, 3],
  faults: [0, 1, 1, 2, 2, 2, 3, 3, 4, 5],
  likeliest: 'checkout',
  again: 30,
  risky: 15,
  noted: 20,
  disputed: 25,
  reconciled: 35,
  announced: 60,
  reported: 25,
  hitEvents: 50,
  hitRows: 0,
  events: 5,
  refused: 25,
  stuck: 0,
  disputedMeanwhile: 0,
  announcedTwice: 0,
  doubted: 4,
  appearing: 2,
  overslept: 2,
  unheard: 2,
  newsCut: 12,
  unannounced: 4,
  disputedUnbooked: 4,
  newsLost: 25,
};

/** One order and nothing beside it: what a focus adds to. */
const plain: Bias = {
  ...broad,
  orders: [1, 1, 1, 1, 2],
  refunds: [0],
  again: 10,
  risky: 0,
  noted: 0,
  disputed: 0,
  reconciled: 0,
  announced: 10,
  reported: 0,
  refused: 0,
  doubted: 0,
  appearing: 0,
  overslept: 0,
  unheard: 0,
  newsCut: 0,
  unannounced: 0,
  disputedUnbooked: 0,
  newsLost: 0,
};

/** What the cases of each focus on orders are drawn by. */
export const biases: Readonly<Record<Exclude<Focus, 'charge'>, Bias>> = {
  checkout: broad,
  saga: {
    ...plain,
    again: 25,
    refused: 50,
    stuck: 6,
    doubted: 15,
    appearing: 8,
    overslept: 12,
    faults: [0, 1, 1, 2, 2, 3, 3],
  },
  webhooks: {
    ...plain,
    refunds: [0, 0, 0, 1],
    disputed: 10,
    announced: 100,
    hitEvents: 90,
    events: 3,
    announcedTwice: 12,
    disputedUnbooked: 12,
    newsLost: 20,
    likeliest: 'delivery',
    faults: [0, 0, 1, 2],
  },
  refunds: {
    ...plain,
    refunds: [1, 2, 2, 3],
    disputed: 15,
    refused: 15,
    likeliest: 'refund',
    disputedMeanwhile: 15,
    unheard: 10,
  },
  reconciliation: {
    ...plain,
    refunds: [0, 0, 1],
    disputed: 25,
    unannounced: 15,
    reconciled: 60,
    reported: 90,
    hitRows: 90,
    announced: 40,
    unheard: 15,
    likeliest: 'reconcile',
    faults: [0, 0, 1, 2],
  },
  redaction: { ...plain, refunds: [0, 0, 1], noted: 90, faults: [1, 2, 3] },
  fraud: { ...plain, orders: [1, 1, 2], risky: 75, again: 30, faults: [0, 1, 1, 2] },
};
