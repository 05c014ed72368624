// Stories for the marks of webhooks, reports and velocity counts: each reaches its mark, beside the nearest history that
// does not.

import type { Site } from '../history/sites.ts';
import { chargeResult, good } from './testing-values.ts';
import { row, type ShopTale, silent } from './testing-webhooks.ts';

/** A story for one mark. */
export interface WebhookStory {
  readonly mark: string;
  readonly tell: (shop: ShopTale) => void;
  /** The nearest history that does not reach the mark. */
  readonly nearly: (shop: ShopTale) => void;
}

const crossing =
  (site: Site, request: unknown, value: unknown) =>
  (shop: ShopTale): void =>
    void shop.story.cross('b', site, request)({ effect: good(value) });

const forging =
  (status: number, authentic = false) =>
  (shop: ShopTale): void =>
    void shop.delivers('evt_1', { authentic, status });

const copying = (status: number) => (shop: ShopTale) => {
  shop.delivers('evt_1');
  shop.delivers('evt_1', { authentic: false, agoMs: 600_000, status });
};

const rotating = (faults: readonly string[], status: number) => (shop: ShopTale) =>
  void shop.delivers('evt_1', { faults, status });

const overtaking = (early: boolean, object: string) => (shop: ShopTale) => {
  const answer = good(chargeResult(object));
  const send = shop.story.cross('a', 'gateway.authorize', {})({ effect: answer });
  if (early) shop.delivers('evt_1');
  Object.assign(send, { replied: shop.story.now(), reply: answer });
  if (!early) shop.delivers('evt_1');
};

const announcing =
  (...ids: readonly string[]) =>
  (shop: ShopTale): void => {
    shop.story.book();
    for (const id of ids) shop.delivers(id);
    shop.posts('capture', 'ch_1');
  };

const reporting = (bookedFirst: boolean) => (shop: ShopTale) => {
  if (bookedFirst) shop.story.book();
  shop.story.wait(1);
  shop.reads('b', []);
  if (!bookedFirst) shop.story.book();
  shop.reads('c', [row()]);
};

const dating = (reported: string) => (shop: ShopTale) => {
  shop.reads('b', [row()], reported);
};

const reconciling = (type: string, actor?: string) => (shop: ShopTale) =>
  void shop.reconciles('op', { internal: 1, gateway: 1, discrepancies: [{ type, id: 'x' }] }, () => {
    if (actor !== undefined) shop.story.cross(actor, 'oncall.page', 'x')({ effect: good(null) });
  });

/** A story for each of them. */
export const webhookStories: readonly WebhookStory[] = [
  { mark: 'webhook-before-response', tell: overtaking(true, 'ch_1'), nearly: overtaking(false, 'ch_1') },
  { mark: 'webhook-before-response', tell: overtaking(true, 'ch_1'), nearly: overtaking(true, 'ch_2') },
  {
    mark: 'webhook-duplicate-dropped',
    tell: crossing('inbox.receive', { id: 'evt_1' }, { first: false }),
    nearly: crossing('inbox.receive', { id: 'evt_1' }, { first: true }),
  },
  {
    mark: 'webhook-two-ids-one-effect',
    tell: announcing('evt_1', 'evt_1_again'),
    nearly: announcing('evt_1', 'evt_1'),
  },
  {
    mark: 'webhook-two-ids-one-effect',
    tell: announcing('evt_1', 'evt_1_again'),
    nearly: (shop) => [
      announcing('evt_1', 'evt_1_again')(shop),
      shop.posts('capture', 'ch_1', { key: 'again' }),
    ],
  },
  {
    mark: 'webhook-parked',
    tell: crossing('inbox.postpone', { parked: true }, { written: true }),
    nearly: crossing('inbox.postpone', { parked: false }, { written: true }),
  },
  {
    mark: 'webhook-parked',
    tell: crossing('inbox.postpone', { parked: true }, { written: true }),
    nearly: crossing('inbox.postpone', { parked: true }, { written: false }),
  },
  {
    mark: 'webhook-dead-lettered',
    tell: crossing('inbox.bury', {}, { written: true }),
    nearly: crossing('inbox.bury', {}, { written: false }),
  },
  { mark: 'webhook-forged-refused', tell: forging(400), nearly: forging(500) },
  { mark: 'webhook-forged-refused', tell: forging(400), nearly: forging(400, true) },
  { mark: 'webhook-stale-refused', tell: copying(400), nearly: copying(200) },
  { mark: 'webhook-stale-refused', tell: copying(400), nearly: forging(400) },
  {
    mark: 'webhook-rotated-accepted',
    tell: rotating(['webhook-old-secret'], 200),
    nearly: rotating(['webhook-old-secret'], 400),
  },
  {
    mark: 'webhook-rotated-accepted',
    tell: rotating(['webhook-both-secrets'], 200),
    nearly: rotating(['webhook-duplicated'], 200),
  },
  { mark: 'late-settlement-row', tell: reporting(true), nearly: reporting(false) },
  { mark: 'next-day-row', tell: dating('2026-01-02'), nearly: dating('2026-01-01') },
  {
    mark: 'amount-mismatch-found',
    tell: reconciling('AMOUNT_MISMATCH'),
    nearly: reconciling('STATUS_MISMATCH'),
  },
  {
    mark: 'status-mismatch-found',
    tell: reconciling('STATUS_MISMATCH'),
    nearly: reconciling('AMOUNT_MISMATCH'),
  },
  { mark: 'duplicate-row-found', tell: reconciling('DUPLICATE'), nearly: reconciling('MISSING_INTERNAL') },
  {
    mark: 'missing-row-paged',
    tell: reconciling('MISSING_GATEWAY', 'op'),
    nearly: reconciling('MISSING_GATEWAY', 'b'),
  },
  {
    mark: 'missing-row-paged',
    tell: reconciling('MISSING_GATEWAY', 'op'),
    nearly: reconciling('DUPLICATE', 'op'),
  },
  {
    mark: 'reconciliation-repaired',
    tell: (shop) => shop.reconciles('op', { repaired: 1 }),
    nearly: (shop) => shop.reconciles('op', { repaired: 0 }),
  },
  {
    mark: 'velocity-blocked',
    tell: crossing('velocity.reserve', {}, { admitted: false, used: 1 }),
    nearly: crossing('velocity.reserve', {}, { admitted: true, used: 1 }),
  },
  {
    mark: 'velocity-given-back',
    tell: (shop) => shop.counts('a', 'release'),
    nearly: (shop) => shop.counts('a', 'release', { answer: silent }),
  },
];
