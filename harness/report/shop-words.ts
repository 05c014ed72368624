// What a story tells of a shop beyond single charges: requests of other kinds, and crossings to what stands beside the
// idempotency store and the gateway.

import type { Answer, Crossing, Incident } from '../history/history.ts';
import type { DeliveryIntent, Reconciled, ReconcileIntent, RefundIntent } from '../history/shop.ts';
import { printable } from './text.ts';
import { answerWords, plural } from './words.ts';

/** Whether somebody outside asks the service something: its client, its operator, or the gateway with a webhook. */
export function isAsked({ site }: Crossing): boolean {
  return site.startsWith('client.') || site === 'webhook.deliver';
}

/** What is asked, in a few words; undefined for a purchase, whose words depend on the others of its story. */
export function askedLabel({ site, request, actor }: Crossing): string | undefined {
  switch (site) {
    case 'client.refund': {
      const { order, key } = request as RefundIntent;
      return `${actor.startsWith('ask:') ? 'ask for' : 'refund'} ${printable(key, 10)} of ${printable(order, 10)}`;
    }
    case 'client.reconcile':
      return `reconcile ${printable((request as ReconcileIntent).day, 10)}`;
    case 'webhook.deliver': {
      const { eventId, authentic, body } = request as DeliveryIntent;
      return `${authentic ? 'webhook' : 'false webhook'} ${printable(announced(body) ?? eventId, 20)}`;
    }
    default:
      return undefined;
  }
}

/** What a body says to have happened, such as `payment.captured`; undefined when it does not say. */
function announced(body: string): string | undefined {
  try {
    const { type } = JSON.parse(body) as { readonly type?: unknown };
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}

/** A client's first request, its retry, or the question that it asks once everything has healed. */
export function requestVerb({ actor, site }: Crossing): string {
  if (actor.startsWith('ask:')) return 'ask for';
  if (actor.includes('/')) return 'retry';
  return site === 'client.checkout' ? 'order' : 'charge';
}

/** The answer that was seen, in a few words. */
export function askedWords({ site, reply }: Crossing): string {
  const value = reply?.ok === true ? reply.value : undefined;
  if (site === 'webhook.deliver')
    return String((value as { readonly status?: unknown } | undefined)?.status ?? '');
  if (site !== 'client.reconcile') return answerWords(value as Answer);
  const { matched, internal, discrepancies, repaired } = value as Reconciled;
  const clean = matched === internal ? 'all matched' : `${matched} of our ${internal} matched`;
  const missing = discrepancies.length === 0 ? clean : plural(discrepancies.length, 'difference');
  return repaired === 0 ? missing : `${missing}, ${repaired} repaired`;
}

/** What a payer, or the payer's bank, came to. */
export function payerWords(outcome: Incident['outcome']): string {
  switch (outcome) {
    case 'failed':
      return 'payer fails the challenge';
    case 'opened':
      return 'bank opens a dispute';
    case 'won':
    case 'lost':
      return `dispute ${outcome}`;
    default:
      return 'payer authenticates';
  }
}

/** A crossing to a store or service of a shop, and whether it is worth telling without a fault. */
export function shopStep(
  crossing: Crossing,
): { readonly text: string; readonly eventful: boolean } | undefined {
  const { site } = crossing;
  const text = sagaStep(crossing) ?? seenBefore(crossing) ?? steps.get(site);
  if (text !== undefined) return { text, eventful: !site.startsWith('saga.') && !site.startsWith('inbox.') };
  return site.startsWith('store.') ? undefined : { text: site.replace('.', ' '), eventful: false };
}

/** What a write says of where the saga stands, when it turns back or comes to its end. */
function sagaStep({ site, request }: Crossing): string | undefined {
  if (site !== 'saga.save' && site !== 'saga.leave') return undefined;
  const { state } = request as { readonly state?: unknown };
  if (state === 'COMPENSATING') return 'journals the way back';
  return state === 'RUNNING' || typeof state !== 'string' ? undefined : `journals ${state}`;
}

/** An inbox that knows the event already. */
function seenBefore({ site, effect }: Crossing): string | undefined {
  if (site !== 'inbox.receive' || effect?.ok !== true) return undefined;
  return (effect.value as { readonly first?: unknown }).first === false ? 'has seen the event' : undefined;
}

const steps: ReadonlyMap<string, string> = new Map([
  ['saga.open', 'begins the saga'],
  ['saga.claim', 'takes the saga up'],
  ['saga.save', 'journals a step'],
  ['saga.leave', 'leaves the saga'],
  ['inbox.receive', 'keeps the event'],
  ['inbox.claim', 'takes up an event'],
  ['inbox.finish', 'ends the event'],
  ['inbox.postpone', 'puts the event off'],
  ['inbox.bury', 'gives the event up'],
  ['ledger.commit', 'books it'],
  ['inventory.reserve', 'reserves the goods'],
  ['inventory.release', 'lets the goods go'],
  ['shipping.ship', 'ships'],
  ['oncall.page', 'calls somebody'],
]);
