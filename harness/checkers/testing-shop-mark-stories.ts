// Stories for the marks of orders: each reaches its mark, beside the nearest history that does not.

import type { SagaState } from '../../src/saga/journal.ts';
import type { StepProgress } from '../../src/saga/progress.ts';
import type { BookedDispute, Crossing, Outcome } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import type { Refunding, ShopTale } from './testing-shop.ts';
import { reserves } from './testing-shop-stories.ts';
import { bad, chargeResult, good, okAnswer, toldAnswer } from './testing-values.ts';

/** A story for one mark of orders. */
export interface ShopMarkStory {
  readonly mark: string;
  readonly tell: (story: ShopTale) => void;
  readonly nearly: (story: ShopTale) => void;
}

const charges = (story: ShopTale) => {
  story.order('a');
  return reserves(story);
};
const pays = (story: ShopTale) => {
  const charge = charges(story);
  story.captures('a', charge);
  return charge;
};
const writes = (state: SagaState) => (story: ShopTale) => {
  story.begins('a', { ship: 'started' });
  story.leaves('a', { ship: 'done' }, { state });
};
const goesOn =
  (why: 'recovery' | 'repair', from: SagaState, { to, driver = 'b' }: { to: SagaState; driver?: string }) =>
  (story: ShopTale): void => {
    writes(from)(story);
    story.takesUp('b', why);
    if (driver !== 'b') story.takesUp(driver, 'repair');
    story.leaves(driver, { ship: 'done' }, { state: to });
  };
const step =
  (first: Partial<StepProgress>, then: StepProgress['state'], taken = false) =>
  (story: ShopTale): void => {
    story.begins('a', { ship: first });
    if (taken) story.takesUp('b', 'recovery');
    story.saves('b', { ship: then });
  };
const refunded = (how: Refunding) => (story: ShopTale) => void story.refunds('r', pays(story), how);
const disputed =
  (how: Refunding, waitMs: number, first = false) =>
  (story: ShopTale): void => {
    const charge = pays(story);
    const opens = (): BookedDispute => story.disputes(charge);
    if (first) opens();
    story.refunds('r', charge, how);
    story.wait(waitMs);
    if (!first) opens();
  };
const voided =
  (how: { capturedMinor?: number; effect?: Outcome } = {}) =>
  (story: ShopTale) => {
    const { capturedMinor = 0, ...course } = how;
    const charge = charges(story);
    if (capturedMinor > 0) Object.assign(charge, { status: 'captured', capturedMinor });
    story.voids('a', charge, course);
  };
const late =
  (effect: Outcome | undefined, key = 'late') =>
  (story: ShopTale) => {
    story.order('a');
    story.send('a', { key: 'late', ...(effect && { effect, reply: effect }) });
    const charge = story.book({ id: 'ch_late', idempotencyKey: key, status: 'authorized', capturedMinor: 0 });
    story.voids('twin:deliver:evt_1', charge);
  };
const turned = (refunds: 'before' | 'after') => (story: ShopTale) => {
  const charge = pays(story);
  const steps = { reserve: 'done', capture: 'done' } as const;
  if (refunds === 'before') story.refunds('r', charge);
  story.saves('a', steps, { state: 'COMPENSATING' });
  if (refunds === 'after') story.refunds('a', charge);
};
const looksUp = (status: 'pending' | 'succeeded') => (story: ShopTale) => {
  const found = good({ kind: 'found', refund: { id: 're_1', chargeId: 'ch_1', amountMinor: 1, status } });
  story.cross('a', 'gateway.lookup-refund', { chargeId: 'ch_1' })({ effect: found, reply: found });
};
const doubt = { name: 'GatewayTimeoutError', code: 'gateway_timeout', message: '', retriable: true } as const;
const declined = bad('issuer_not_available', 'final');

const resolvedBy =
  (actor: string, kind: 'found' | 'absent') =>
  (story: ShopTale): void => {
    story.begins('a', { ship: { error: { ...doubt, effect: 'unknown' } } });
    story.lookup(actor, kind === 'found' ? { kind, charge: chargeResult() } : { kind });
    story.saves('b', { ship: 'done' });
  };
const noted = (note: string, code?: string) => (story: ShopTale) => {
  const order = story.order('a', { note });
  const told = code === undefined ? okAnswer('ch_1') : toldAnswer('failed', code);
  Object.assign(order, { replied: story.now(), reply: good(told) });
};
const stepsUp =
  (outcome: 'authenticated' | 'failed', challenged = true) =>
  (story: ShopTale): void => {
    const { paymentToken } = story.order('a').request as OrderIntent;
    const end = challenged ? bad('authentication_required', 'unknown') : declined;
    story.send('a', { token: paymentToken, effect: end, reply: end });
    story.incident({ kind: 'stepped-up', paymentToken, outcome });
    story.book({ paymentToken, status: 'captured' });
  };
const asksAgain = (how: Partial<Crossing>) => (story: ShopTale) =>
  void story.cross('op', 'gateway.redeliver', { kind: 'refund', id: 're_1' })(how);

/** One story or more for each mark of orders. */
export const shopStories: readonly ShopMarkStory[] = [
  { mark: 'saga-compensated', tell: writes('COMPENSATED'), nearly: writes('COMPENSATING') },
  { mark: 'compensation-failed', tell: writes('FAILED_COMPENSATION'), nearly: writes('COMPENSATED') },
  {
    mark: 'compensation-retried',
    tell: step({ state: 'undoing', tries: 1 }, 'undone'),
    nearly: step({ state: 'undoing', tries: 0 }, 'undone'),
  },
  {
    mark: 'compensation-retried',
    tell: step({ state: 'undoing', tries: 1 }, 'undone'),
    nearly: step({ state: 'undoing', tries: 1 }, 'undoing'),
  },
  {
    mark: 'saga-recovered',
    tell: goesOn('recovery', 'RUNNING', { to: 'COMPLETED' }),
    nearly: goesOn('recovery', 'RUNNING', { to: 'RUNNING' }),
  },
  {
    mark: 'saga-recovered',
    tell: goesOn('recovery', 'COMPENSATING', { to: 'FAILED_COMPENSATION' }),
    nearly: goesOn('recovery', 'COMPENSATING', { to: 'COMPENSATED', driver: 'c' }),
  },
  {
    mark: 'saga-repaired',
    tell: goesOn('repair', 'FAILED_COMPENSATION', { to: 'COMPENSATED' }),
    nearly: goesOn('repair', 'FAILED_COMPENSATION', { to: 'FAILED_COMPENSATION' }),
  },
  {
    mark: 'saga-repaired',
    tell: goesOn('repair', 'FAILED_COMPENSATION', { to: 'COMPLETED' }),
    nearly: goesOn('repair', 'COMPENSATING', { to: 'COMPENSATED' }),
  },
  {
    mark: 'step-unknown-resolved',
    tell: step({ error: { ...doubt, effect: 'unknown' } }, 'done'),
    nearly: step({ error: { ...doubt, effect: 'none' } }, 'done'),
  },
  {
    mark: 'step-unknown-resolved',
    tell: step({ sentUntilMs: 5 }, 'not-done'),
    nearly: step({ sentUntilMs: 5 }, 'started'),
  },
  { mark: 'step-unknown-resolved', tell: step({}, 'done', true), nearly: step({}, 'done') },
  { mark: 'step-resolved-by-lookup', tell: resolvedBy('b', 'found'), nearly: resolvedBy('b', 'absent') },
  { mark: 'step-resolved-by-lookup', tell: resolvedBy('b', 'found'), nearly: resolvedBy('c', 'found') },
  { mark: 'card-data-noted', tell: noted('pan=4111111111111111'), nearly: noted('at the door, 12345') },
  {
    mark: 'card-data-noted-in-failure',
    tell: noted('pan=4111111111111111', 'card_declined'),
    nearly: noted('pan=4111111111111111'),
  },
  { mark: 'order-blocked', tell: noted('', 'fraud_blocked'), nearly: noted('', 'card_declined') },
  { mark: 'order-stepped-up', tell: stepsUp('authenticated'), nearly: stepsUp('failed') },
  { mark: 'order-stepped-up', tell: stepsUp('authenticated'), nearly: stepsUp('authenticated', false) },
  { mark: 'redelivery-asked', tell: asksAgain({ effect: good(null) }), nearly: asksAgain({}) },
  {
    mark: 'refund-pending-seen',
    tell: refunded({ acknowledged: 'pending' }),
    nearly: refunded({ acknowledged: 'pending', reply: bad('gateway_timeout', 'unknown') }),
  },
  { mark: 'refund-pending-seen', tell: looksUp('pending'), nearly: looksUp('succeeded') },
  {
    mark: 'refund-failed-after-ack',
    tell: refunded({ status: 'failed' }),
    nearly: refunded({ acknowledged: 'failed' }),
  },
  {
    mark: 'refund-failed-after-ack',
    tell: refunded({ acknowledged: 'pending', status: 'failed' }),
    nearly: refunded({ acknowledged: 'pending' }),
  },
  { mark: 'void-before-capture', tell: voided(), nearly: voided({ capturedMinor: 200 }) },
  { mark: 'remainder-released', tell: voided({ capturedMinor: 200 }), nearly: voided() },
  { mark: 'void-before-capture', tell: voided(), nearly: voided({ effect: declined }) },
  { mark: 'late-authorization-voided', tell: late(declined), nearly: late(undefined) },
  { mark: 'late-authorization-voided', tell: late(declined), nearly: late(declined, 'another') },
  { mark: 'refund-after-capture', tell: turned('after'), nearly: turned('before') },
  {
    mark: 'dispute-during-refund',
    tell: disputed({ acknowledged: 'pending', status: 'succeeded', afterMs: 10 }, 9),
    nearly: disputed({ acknowledged: 'pending', status: 'succeeded', afterMs: 10 }, 10),
  },
  {
    mark: 'dispute-during-refund',
    tell: disputed({ acknowledged: 'pending' }, 9),
    nearly: disputed({ acknowledged: 'pending' }, 9, true),
  },
];
