// S12. To have asked for a refund is not to have refunded: a saga may call itself COMPENSATED only when the other side
// has said that each compensation succeeded.

import type { BookedCharge, BookedRefund, Crossing, History } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { Checker, Verdict } from './checker.ts';
import { totalMinor } from './money-back.ts';
import { shopCheck } from './shop-check.ts';
import { entriesInto, type OrderView, type SagaView, type ShopView, sagaCalled } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';
import { viewOf } from './view-of.ts';

// Without them something may land at any time, before the write and after the last look-up that could have shown it.
const assumes = ['bounded-delay', 'single-delivery', 'key-retention'] as const;

/** S12 compensations-acknowledged: COMPENSATED means that every compensation succeeded at the gateway. */
export const compensationsAcknowledged: Checker = {
  id: 'S12',
  name: 'compensations-acknowledged',
  statement:
    'When a saga is written down as COMPENSATED, its voids and refunds have succeeded at the gateway and its goods are ' +
    'released.',
  evidence: ['trace', 'books'],
  assumes,
  hint:
    'A compensation was fired and forgotten: look for a refund that was pending, a void whose answer was not awaited, ' +
    'and an error of a compensation that nobody looked at.',
  check: shopCheck({ trace: true, assumes }, judge),
};

function judge(shop: ShopView): Verdict {
  let judged = 0;
  for (const saga of shop.sagas) {
    const { order } = saga;
    // Another saga of the same purchase may own what is found there.
    if (order === undefined || order.sagas.length > 1) continue;
    for (const { crossing, at } of entriesInto(saga, 'COMPENSATED')) {
      judged += 1;
      const fault = unfinished(shop, order, { saga, at });
      if (fault !== undefined)
        return breaks(`${sagaCalled(saga)} was written down as COMPENSATED, but ${fault.because}`, [
          ...fault.shown,
          crossing,
        ]);
    }
  }
  return holds(judged);
}

/** A saga that came into COMPENSATED. */
interface Ending {
  readonly saga: SagaView;
  readonly at: Instant;
}

interface Unfinished {
  readonly because: string;
  readonly shown: readonly (Crossing | undefined)[];
}

function unfinished(shop: ShopView, order: OrderView, ending: Ending): Unfinished | undefined {
  const { at } = ending;
  for (const charge of order.intent?.charges ?? []) {
    const fault = unvoided(shop, charge, at) ?? unrefunded(shop, charge, ending);
    if (fault !== undefined) return fault;
  }
  const kept = shop.books.reservations.find(
    (one) =>
      order.names.has(one.order) &&
      one.at.order < at.order &&
      (one.releasedAt === undefined || one.releasedAt.order > at.order),
  );
  if (kept === undefined) return undefined;
  const release = shop.services.find(
    ({ site, request }) =>
      site === 'inventory.release' && order.names.has((request as { order: string }).order),
  );
  return { because: `the goods of order ${kept.order} were not released`, shown: [release] };
}

/** An authorisation that the gateway had answered with, and that was let go only afterwards or never. */
function unvoided({ history }: ShopView, charge: BookedCharge, at: Instant): Unfinished | undefined {
  const { id, status, openMinor = 0 } = charge;
  if (!wasAnswered(history, charge, at)) return undefined;
  const voids = callsFor(history, 'gateway.void', id).filter(({ effect }) => effect?.ok === true);
  const isDone = voids.some(({ applied }) => applied !== undefined && applied.order < at.order);
  if (isDone) return undefined;
  const isStillOpen = status === 'authorized' || openMinor > 0;
  const [late] = voids;
  if (!isStillOpen && late === undefined) return undefined;
  const because = isStillOpen ? 'is still open' : 'was voided only afterwards';
  return {
    because: `the authorisation of charge ${id} ${because}`,
    shown: late === undefined ? callsFor(history, 'gateway.void', id) : [late],
  };
}

/** Money that had been captured by then, and that the gateway had not said to be back. */
function unrefunded(shop: ShopView, charge: BookedCharge, ending: Ending): Unfinished | undefined {
  const { history } = shop;
  const { at } = ending;
  const { id, currency, captures, capturedMinor, refunds = [], disputes = [] } = charge;
  const captured =
    captures === undefined
      ? wasAnswered(history, charge, at)
        ? capturedMinor
        : 0
      : totalMinor(captures.filter((capture) => capture.at.order < at.order));
  const returned = totalMinor(refunds.filter((refund) => wasBack(shop, refund, ending)));
  const taken = totalMinor(
    disputes.filter(
      (dispute) => dispute.at.order < at.order && (dispute.status !== 'won' || dispute.changedAtMs > at.atMs),
    ),
  );
  const owed = captured - returned - taken;
  if (owed <= 0) return undefined;
  return {
    because: `of charge ${id} ${owed} ${currency} were not back yet`,
    shown: callsFor(history, 'gateway.refund', id),
  };
}

/**
 * Whether a refund had succeeded by then, as far as anybody could know: between the answer and the write it may bounce
 * unseen. So one that bounced counts when those who drove the saga had been told that it had succeeded, when it had, and
 * neither they nor the own books had learned since that it had not.
 */
function wasBack({ history, books }: ShopView, refund: BookedRefund, { saga, at }: Ending): boolean {
  const { id, status, changedAtMs } = refund;
  if (refund.at.order > at.order) return false;
  if (status === 'succeeded') return changedAtMs <= at.atMs;
  const drivers = new Set(saga.moments.map(({ crossing }) => crossing.actor));
  const told = history.crossings
    .filter(({ actor, replied }) => drivers.has(actor) && replied !== undefined && replied.order < at.order)
    .flatMap((crossing) => {
      const said = wordOn(crossing, id);
      return said === undefined || crossing.applied === undefined ? [] : [{ said, when: crossing.applied }];
    })
    .sort((a, b) => a.when.order - b.when.order);
  const isBooked = books.entries.some(
    ({ kind, operation, postedAtMs }) => kind === 'refund-failed' && operation === id && postedAtMs < at.atMs,
  );
  return (
    !isBooked &&
    told.at(-1)?.said === 'succeeded' &&
    told.every(({ said }) => said !== 'failed') &&
    // A gateway that keeps its answers repeats this one when it is true no more.
    told.some(({ said, when }) => said === 'succeeded' && when.atMs <= changedAtMs)
  );
}

/** What an answer of the gateway said about the state of a refund. */
function wordOn({ site, effect, reply }: Crossing, id: string): string | undefined {
  if (site !== 'gateway.refund' && site !== 'gateway.lookup-refund') return undefined;
  // What was answered and never heard told nobody anything.
  if (effect?.ok !== true || reply?.ok !== true) return undefined;
  const value = effect.value as Told & { readonly refund?: Told };
  const refund = site === 'gateway.refund' ? value : value.refund;
  return refund?.id === id ? refund.status : undefined;
}

interface Told {
  readonly id?: string;
  readonly status?: string;
}

/** Whether the gateway had answered by then that the charge exists: what lands later nobody could have undone. */
function wasAnswered(history: History, { id, paymentToken }: BookedCharge, at: Instant): boolean {
  const intent = viewOf(history).intents.find(({ token }) => token === paymentToken);
  return (
    intent?.sends.some(
      ({ crossing: { applied, effect } }) =>
        effect?.ok === true &&
        applied !== undefined &&
        applied.order < at.order &&
        (effect.value as { readonly id: string }).id === id,
    ) === true
  );
}

function callsFor(
  history: History,
  site: 'gateway.void' | 'gateway.refund',
  chargeId: string,
): readonly Crossing[] {
  return viewOf(history).movements.filter(
    (call) => call.site === site && (call.request as { readonly chargeId: string }).chargeId === chargeId,
  );
}
