// S10. A journal is only worth what it says in the end: a step that was begun is known to have happened, known not to
// have, or undone; and nothing is done that the journal does not know to have been begun.

import type { SagaState } from '../../src/saga/journal.ts';
import type { StepState } from '../../src/saga/progress.ts';
import type { Crossing } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { shopCheck } from './shop-check.ts';
import { type SagaView, type ShopView, sagaCalled } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';
import { viewOf } from './view-of.ts';

/** S10 steps-resolved: every journalled step resolves to done, not done, or compensated. */
export const stepsResolved: Checker = {
  id: 'S10',
  name: 'steps-resolved',
  statement:
    'Every step is journalled before it acts, acts once, and of every step that was begun an ended saga knows that it ' +
    'happened, did not happen, or was undone.',
  evidence: ['trace', 'books'],
  assumes: [],
  hint:
    'A step was begun or done without a word to the journal, or its fate was assumed: look for an error that was ' +
    'swallowed, and for an intent that is journalled together with its result.',
  check: shopCheck({ trace: true, assumes: [] }, judge),
};

/** States in which a saga may leave a step that nobody was called for. */
const settled: Readonly<Partial<Record<SagaState, readonly StepState[]>>> = {
  COMPLETED: ['done'],
  COMPENSATED: ['done', 'not-done', 'undone'],
  FAILED_COMPENSATION: ['done', 'not-done', 'undone'],
};

function judge(shop: ShopView): Verdict {
  let judged = 0;
  for (const saga of shop.sagas) {
    const fault =
      vanished(saga) ??
      unresolved(saga) ??
      unfounded(shop, saga) ??
      repeated(shop, saga) ??
      unannounced(shop, saga);
    if (fault !== undefined) return fault;
    judged += saga.finalSteps.length;
  }
  return holds(judged);
}

/** A step that the journal once knew of and later does not. */
function vanished(saga: SagaView): Verdict | undefined {
  const known = new Map<string, Crossing>();
  for (const { steps, crossing } of saga.moments) {
    for (const [name, since] of known) {
      if (steps.some((step) => step.name === name)) continue;
      return breaks(`${sagaCalled(saga)} had begun ${name}, and its journal no longer knows of it`, [
        since,
        crossing,
      ]);
    }
    for (const { name } of steps) if (!known.has(name)) known.set(name, crossing);
  }
  return undefined;
}

function unresolved(saga: SagaView): Verdict | undefined {
  const { final, finalSteps, moments } = saga;
  const allowed = final === undefined ? undefined : settled[final.state];
  if (final === undefined || allowed === undefined) return undefined;
  const isStuckFor = final.state === 'FAILED_COMPENSATION';
  const open = finalSteps.find(
    ({ state, stuck }) => !allowed.includes(state) && !(isStuckFor && stuck === true),
  );
  if (open === undefined) return undefined;
  return breaks(`${sagaCalled(saga)} ended as ${final.state} with ${open.name} ${open.state}`, [
    moments.at(-1)?.crossing,
  ]);
}

/** An order whose saga claims that all was done, though the books know of no money or no shipment. */
function unfounded({ books }: ShopView, saga: SagaView): Verdict | undefined {
  const { final, order, moments } = saga;
  if (final?.state !== 'COMPLETED' || order === undefined || order.sagas.length > 1) return undefined;
  const isPaid = order.intent?.charges.some(({ status }) => status === 'captured') === true;
  const isSent = books.shipments.some((shipment) => order.names.has(shipment.order));
  if (isPaid && isSent) return undefined;
  const missing = isPaid ? 'the carrier has no shipment' : 'the gateway has captured nothing';
  return breaks(`${sagaCalled(saga)} ended as COMPLETED, but ${missing} of order ${order.token}`, [
    moments.at(-1)?.crossing,
  ]);
}

/** A step that was sent again under another key has happened twice, whatever its journal says of it. */
function repeated({ books, services }: ShopView, saga: SagaView): Verdict | undefined {
  const { order } = saga;
  if (order === undefined || order.sagas.length > 1) return undefined;
  const [, second] = books.shipments.filter((shipment) => order.names.has(shipment.order));
  if (second === undefined) return undefined;
  const sends = services.filter(
    ({ site, request }) =>
      site === 'shipping.ship' && order.names.has((request as { readonly order: string }).order),
  );
  return breaks(`${sagaCalled(saga)} had order ${order.token} shipped more than once`, sends);
}

/**
 * The first use of a key for an act that the journal did not know to be under way, or knew as a step that had acted on
 * another system: then its word for where the saga stands is no longer of any use to who takes it up.
 */
function unannounced(shop: ShopView, saga: SagaView): Verdict | undefined {
  const seen = new Set<string>();
  const systems = new Map<string, string>();
  for (const call of actsOf(shop, saga)) {
    const { idempotencyKey } = call.request as { readonly idempotencyKey: string };
    const key = `${call.site} ${idempotencyKey}`;
    if (seen.has(key)) continue;
    seen.add(key);
    const known = saga.moments.findLast(({ at }) => at.order < call.called.order);
    const step = known?.steps.findLast(
      ({ state }) => state === 'started' || (state === 'undoing' && call.site === 'inventory.release'),
    );
    const who = `${call.actor} called ${call.site} for ${sagaCalled(saga)} while its journal`;
    if (step === undefined) return breaks(`${who} knew of no step under way`, [known?.crossing, call]);
    if (call.site === 'inventory.release') continue;
    const [system = ''] = call.site.split('.');
    const before = systems.get(step.name);
    if (before !== undefined && before !== system)
      return breaks(`${who} was still at ${step.name}, which had acted on ${before}`, [
        known?.crossing,
        call,
      ]);
    systems.set(step.name, system);
  }
  return undefined;
}

/** What was done for the saga's order, in the order of the calls; what background actors send, sweeps may send again. */
function actsOf({ history, services }: ShopView, { order }: SagaView): readonly Crossing[] {
  if (order === undefined || order.sagas.length > 1) return [];
  const own = new Set(order.requests.map(({ actor }) => actor));
  const captures = viewOf(history).movements.filter(({ site }) => site === 'gateway.capture');
  const sends = order.intent?.sends.map(({ crossing }) => crossing) ?? [];
  return [
    ...services.filter(({ request }) => order.names.has((request as { readonly order: string }).order)),
    ...[...sends, ...captures].filter(({ actor }) => own.has(actor)),
  ].sort((a, b) => a.called.order - b.called.order);
}
