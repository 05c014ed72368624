// Tells what happened in a run line by line: who called whom, and what came of it. Every word comes from the history.

import type { Crossing, History, LogEntry } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { DeliveryIntent, OrderIntent, RefundIntent } from '../history/shop.ts';
import { askedLabel, isAsked, requestVerb, shopStep } from '../report/shop-words.ts';
import { printable } from '../report/text.ts';
import { amountWords } from '../report/words.ts';
import { answerOf, receiptWords, trouble } from './facts.ts';
import { partOf, type Walkthrough } from './walkthrough.ts';

/** One line of a tale. */
export interface TaleLine {
  /** Virtual time from the start of the run, milliseconds. */
  readonly atMs: number;
  /** Who does it, and to whom, such as `shop p0 → gateway`. */
  readonly who: string;
  readonly what: string;
  /** What went wrong with it, empty when nothing did. */
  readonly wrong: string;
}

/** Tells what a walkthrough is about, up to the end of its storm: what settles afterwards is not told. */
export function narrate(history: History, { follows, mentions = [] }: Walkthrough): readonly TaleLine[] {
  const end = history.incidents.find(({ kind }) => kind === 'healed')?.at.order ?? Number.POSITIVE_INFINITY;
  const told: Told[] = [];
  for (const crossing of history.crossings) {
    const followed = follows.includes(partOf(crossing.actor));
    if (isAsked(crossing)) {
      if (followed || mentions.includes(partOf(crossing.actor))) told.push(...askedLines(crossing));
    } else if (followed) told.push(...insideLines(crossing));
  }
  for (const entry of history.logs)
    if (follows.includes(partOf(entry.actor)) && entry.record['audit'] === undefined)
      told.push(logLine(entry));
  return told
    .filter(({ at }) => at.order < end)
    .sort((a, b) => a.at.order - b.at.order)
    .map(({ at: { atMs }, who, what, wrong }) => ({ atMs, who, what, wrong: wrong ?? '' }));
}

interface Told {
  readonly at: Instant;
  readonly who: string;
  readonly what: string;
  readonly wrong?: string;
}

/** A request from outside is told when it is made and when it is answered. */
function askedLines(crossing: Crossing): readonly Told[] {
  const { called, replied, process } = crossing;
  const from = callerOf(crossing);
  const asked = { at: called, who: `${from} → shop ${process}`, what: questionOf(crossing) };
  if (replied !== undefined)
    return [asked, { at: replied, who: `shop ${process} → ${from}`, what: replyTo(crossing) }];
  const last = crossing.applied ?? called;
  const lost = { what: 'its answer is never seen', wrong: trouble(crossing) };
  return [asked, { at: { ...last, order: last.order + 0.5 }, who: `shop ${process} → ${from}`, ...lost }];
}

function callerOf({ site, request }: Crossing): string {
  if (site === 'client.reconcile') return 'operator';
  if (site !== 'webhook.deliver') return 'client';
  return (request as DeliveryIntent).authentic ? 'gateway' : 'somebody';
}

function questionOf(crossing: Crossing): string {
  const { site, request, actor } = crossing;
  switch (site) {
    case 'client.checkout': {
      const { key, amountMinor, currency, note } = request as OrderIntent;
      const words = `${requestVerb(crossing)} ${printable(key)} for ${amountWords(amountMinor, currency)}`;
      return note === undefined ? words : `${words}, noting “${printable(note, 60)}”`;
    }
    case 'client.refund': {
      const { order, amountMinor, currency } = request as RefundIntent;
      return `refund ${amountWords(amountMinor, currency)} of ${printable(order)}`;
    }
    case 'webhook.deliver': {
      const { eventId, authentic } = request as DeliveryIntent;
      const again = actor.includes('/') ? ', once more' : '';
      return `${authentic ? 'delivers' : 'pretends to deliver'} ${printable(eventId)}${again}`;
    }
    default:
      return askedLabel(crossing) ?? site;
  }
}

function replyTo(crossing: Crossing): string {
  const { site, reply } = crossing;
  if (site !== 'webhook.deliver' || reply?.ok !== true) return answerOf(crossing);
  return `answers ${String((reply.value as { readonly status?: unknown }).status)}`;
}

/** Calls to services, to the gateway, and what the inbox knows; the rest of the stores is the shop's own affair. */
function insideLines(crossing: Crossing): readonly Told[] {
  const { site, process, called, applied, request } = crossing;
  const [place = '', verb = ''] = site.split('.');
  const whom = places.get(place);
  if (whom === undefined || site === 'gateway.report') return [];
  if (place === 'inbox' && verb !== 'receive') return [];
  const line = { at: applied ?? called, who: `shop ${process} → ${whom}` };
  if (place === 'inbox')
    return [
      { ...line, what: `keeps ${eventOf(request)}: ${receiptWords(crossing)}`, wrong: failed(crossing) },
    ];
  return [{ ...line, what: doingOf(crossing, verb), wrong: failed(crossing) }];
}

const places: ReadonlyMap<string, string> = new Map([
  ['gateway', 'gateway'],
  ['inventory', 'inventory'],
  ['shipping', 'carrier'],
  ['oncall', 'on call'],
  ['inbox', 'inbox'],
]);

function eventOf(request: unknown): string {
  return printable(String((request as { readonly id?: unknown }).id));
}

/** A lost answer to something that was done is the misfortune to be told. */
function failed(crossing: Crossing): string {
  const words = trouble(crossing);
  const done = words !== '' && crossing.reply?.ok !== true && crossing.effect?.ok === true;
  return done ? `${words}, though it was done` : words;
}

interface SeenCall {
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly about?: unknown;
  readonly kind?: unknown;
  readonly id?: unknown;
  readonly status?: unknown;
  readonly shipment?: unknown;
  readonly charge?: SeenCall;
  readonly refund?: SeenCall;
}

function doingOf({ site, request, reply }: Crossing, verb: string): string {
  const asked = (request ?? {}) as SeenCall;
  const value = reply?.ok === true ? ((reply.value ?? {}) as SeenCall) : undefined;
  if (site === 'oncall.page') return printable(String(asked.about), 80);
  if (site === 'gateway.redeliver')
    return `asks for the news of ${String(asked.kind)} ${String(asked.id)} again`;
  if (site.startsWith('gateway.lookup')) return `looks up: ${foundIn(value)}`;
  if (!site.startsWith('gateway.')) return `${shopStep(site)?.text ?? verb}${came(value?.shipment)}`;
  const { amountMinor, currency } = asked;
  // Only an authorisation names its currency; what follows it is in the same.
  const amount =
    amountMinor === undefined || currency === undefined ? '' : ` ${amountWords(amountMinor, currency)}`;
  return `${verb}${amount}${came(value?.id)}`;
}

function foundIn(value: SeenCall | undefined): string {
  const object = value?.charge ?? value?.refund;
  return object === undefined
    ? String(value?.kind ?? 'no answer')
    : `${String(object.id)} is ${String(object.status)}`;
}

function came(id: unknown): string {
  return id === undefined ? '' : `: ${printable(String(id))}`;
}

function logLine({ at, process, record }: LogEntry): Told {
  return { at, who: `shop ${process} → log`, what: printable(JSON.stringify(record), 120) };
}
