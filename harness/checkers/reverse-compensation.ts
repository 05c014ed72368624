// S9. The way back is the way forth, reversed: what was done last is undone first, and nothing earlier is touched while
// it is unknown whether something later has happened.

import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { shopCheck } from './shop-check.ts';
import {
  entriesInto,
  type OrderView,
  type SagaMoment,
  type SagaView,
  type ShopView,
  sagaCalled,
} from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** S9 reverse-compensation: first attempts in exact reverse order, each effective at most once; repairs exempt. */
export const reverseCompensation: Checker = {
  id: 'S9',
  name: 'reverse-compensation',
  statement:
    'Within one round, compensations are first attempted in exact reverse of the steps that may have happened, and each ' +
    'has its effect once.',
  evidence: ['trace', 'books'],
  assumes: [],
  hint:
    'The list of what to undo was walked the wrong way, left something out, or was begun before it was known how far ' +
    'the saga had come: look at the first write that turns the saga back and the compensations after it.',
  check: shopCheck({ trace: true, assumes: [] }, judge),
};

function judge(shop: ShopView): Verdict {
  const { history } = shop;
  let judged = 0;
  for (const saga of shop.sagas) {
    const round = firstRound(saga);
    const found = judgeRound(saga, round);
    if (found.fault !== undefined) return breaks(found.fault, [found.shown]);
    judged += found.judged;
    const early = goodsBeforeMoney(history, saga, shop.services);
    if (early !== undefined) return early;
  }
  for (const order of shop.orders) {
    const twice = releasedTwice(order, shop.services);
    if (twice !== undefined) return twice;
  }
  return holds(judged);
}

/** Everything before a repair: the first write that frees a step which only a repair goes on with. */
function firstRound({ moments }: SagaView): readonly SagaMoment[] {
  const freed = moments.findIndex(({ steps }, index) =>
    moments[index - 1]?.steps.some(
      ({ name, stuck }) => stuck && !steps.find((step) => step.name === name)?.stuck,
    ),
  );
  return freed === -1 ? moments : moments.slice(0, freed);
}

interface Found {
  readonly judged: number;
  readonly fault?: string;
  readonly shown?: Crossing;
}

function judgeRound(saga: SagaView, round: readonly SagaMoment[]): Found {
  const begun = new Set<string>();
  let lowest: number | undefined;
  for (const { steps, crossing } of round) {
    const places = steps.flatMap(({ name, state }, place) =>
      (state === 'undoing' || state === 'undone') && !begun.has(name) ? [place] : [],
    );
    for (const place of places) {
      const name = steps[place]?.name ?? '';
      const who = `${sagaCalled(saga)} began to undo ${name}`;
      if (lowest !== undefined && place > lowest)
        return {
          judged: 0,
          fault: `${who} after ${steps[lowest]?.name}, which came before it`,
          shown: crossing,
        };
      const open = steps.find(({ state, stuck }, index) => index > place && state === 'started' && !stuck);
      if (open !== undefined) {
        const fault = `${who} while it was not known whether ${open.name} had happened`;
        return { judged: 0, fault, shown: crossing };
      }
      begun.add(name);
    }
    const [first] = places;
    if (first !== undefined) lowest = Math.min(lowest ?? first, first);
  }
  return { judged: begun.size };
}

/**
 * The acts themselves, whatever the journal says: the goods were let go while a charge that had been answered before the
 * saga turned back was given back only later. A saga that people were called for may go on with the other steps.
 */
function goodsBeforeMoney(
  history: History,
  saga: SagaView,
  services: readonly Crossing[],
): Verdict | undefined {
  const { order, moments } = saga;
  const [turned] = entriesInto(saga, 'COMPENSATING');
  if (turned === undefined || order?.intent === undefined || order.sagas.length > 1) return undefined;
  if (moments.some(({ steps }) => steps.some(({ stuck }) => stuck))) return undefined;
  const ofOrder = (site: Crossing['site']): Crossing | undefined =>
    services.find((call) => call.site === site && isOf(call, order));
  const reserved = ofOrder('inventory.reserve');
  const release = ofOrder('inventory.release');
  if (release === undefined || reserved === undefined) return undefined;
  for (const { crossing: sent } of order.intent.sends) {
    const { applied, effect } = sent;
    if (effect?.ok !== true || applied === undefined || applied.order > turned.at.order) continue;
    if (sent.called.order < reserved.called.order) continue;
    const { id } = effect.value as { readonly id: string };
    const back = viewOf(history).movements.find(
      ({ site, request }) => site !== 'gateway.capture' && (request as { chargeId: string }).chargeId === id,
    );
    if (back === undefined || back.called.order < release.called.order) continue;
    return breaks(
      `${sagaCalled(saga)} let the goods go before it first tried to give charge ${id} back, which it had taken after them`,
      [release, back],
    );
  }
  return undefined;
}

/** A release under two keys is two releases to the inventory: the second may let go what somebody else holds by then. */
function releasedTwice(order: OrderView, services: readonly Crossing[]): Verdict | undefined {
  const keys = new Map<string, Crossing>();
  for (const call of services) {
    if (call.site !== 'inventory.release' || !isOf(call, order) || call.effect?.ok !== true) continue;
    keys.set((call.request as { readonly idempotencyKey: string }).idempotencyKey, call);
  }
  if (keys.size < 2 || keys.size <= order.sagas.length) return undefined;
  return breaks(
    `the goods of order ${order.token} were released under ${keys.size} keys: ${[...keys.keys()].join(', ')}`,
    [...keys.values()],
  );
}

function isOf({ request }: Crossing, { names }: OrderView): boolean {
  return names.has((request as { readonly order: string }).order);
}
