// Tells what happened in a run line by line: who called whom, and what came of it. Every word comes from the history.

import type { DayReport, DaySpan } from '../../src/checkout/reconciliation.ts';
import type { Crossing, History, LogEntry } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { DeliveryIntent, OrderIntent, RefundIntent } from '../history/shop.ts';
import { askedLabel, isAsked, requestVerb, shopStep } from '../report/shop-words.ts';
import { printable } from '../report/text.ts';
import { amountWords } from '../report/words.ts';
import { answerOf, pageWords, receiptWords, trouble } from './facts.ts';
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

/** Tells what a walkthrough is about: what is done for its actors. What settles afterwards is done by others. */
export function narrate(history: History, { follows, mentions = [] }: Walkthrough): readonly TaleLine[] {
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
  const { called, applied, replied, reply, process } = crossing;
  const from = callerOf(crossing);
  const asked = { at: called, who: `${from} → shop ${process}`, what: questionOf(crossing) };
  const wrong = reply?.ok === true ? '' : trouble(crossing);
  const told = { who: `shop ${process} → ${from}`, what: replyTo(crossing), wrong };
  const last = applied ?? called;
  // An answer that nobody waited for has no instant of its own.
  return [asked, { ...told, at: replied ?? { ...last, order: last.order + 0.5 } }];
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
  const { site, request, reply } = crossing;
  if (site !== 'webhook.deliver' || reply?.ok !== true) return answerOf(crossing);
  const { eventId } = request as DeliveryIntent;
  return `${String((reply.value as { readonly status?: unknown }).status)} for ${printable(eventId)}`;
}

/** Calls to services, to the gateway, and what the inbox knows; the rest of the stores is the shop's own affair. */
function insideLines(crossing: Crossing): readonly Told[] {
  const { site, process, called, applied } = crossing;
  const [place = '', verb = ''] = site.split('.');
  const whom = places.get(place);
  if (whom === undefined) return [];
  if (place === 'inbox' && verb !== 'receive') return [];
  const what = doingOf(crossing, verb);
  return what === ''
    ? []
    : [{ at: applied ?? called, who: `shop ${process} → ${whom}`, what, wrong: failed(crossing) }];
}

const places: ReadonlyMap<string, string> = new Map([
  ['gateway', 'gateway'],
  ['inventory', 'inventory'],
  ['shipping', 'carrier'],
  ['oncall', 'on call'],
  ['inbox', 'inbox'],
]);

/** A lost answer to something that was done is the misfortune to be told. */
function failed(crossing: Crossing): string {
  const words = trouble(crossing);
  const done = words !== '' && crossing.reply?.ok !== true && crossing.effect?.ok === true;
  return done ? `${words}, though it was done` : words;
}

interface SeenCall {
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly kind?: unknown;
  readonly id?: unknown;
  readonly status?: unknown;
  readonly shipment?: unknown;
  readonly charge?: SeenCall;
  readonly refund?: SeenCall;
}

/** What a call is for and what came of it; empty for one that is not worth a line. */
function doingOf(crossing: Crossing, verb: string): string {
  const { site, request, reply } = crossing;
  const asked = (request ?? {}) as SeenCall;
  const value = reply?.ok === true ? ((reply.value ?? {}) as SeenCall) : undefined;
  switch (site) {
    case 'oncall.page':
      return printable(pageWords(crossing), 80);
    case 'inbox.receive':
      return `keeps ${named(asked.id)}: ${receiptWords(crossing)}`;
    case 'gateway.report':
      return reportWords(crossing);
    case 'gateway.redeliver':
      return `asks for the news of ${named(asked.kind)} ${named(asked.id)} once more`;
    case 'gateway.lookup':
    case 'gateway.lookup-refund':
      return `looks up: ${foundIn(value)}`;
    case 'gateway.authorize':
      return `authorize ${amountWords(asked.amountMinor ?? 0, asked.currency ?? '')}${came(value?.id)}`;
    default:
      return `${site.startsWith('gateway.') ? verb : (shopStep(crossing)?.text ?? verb)}${came(value?.id ?? value?.shipment)}`;
  }
}

/** Which objects stand in the rows of a report; empty where there are none. */
function reportWords({ request, reply }: Crossing): string {
  const { fromDay, toDay } = request as DaySpan;
  const reports = reply?.ok === true ? (reply.value as readonly DayReport[]) : [];
  const told = reports.flatMap(({ day, rows }) => {
    const words = rows.map(({ gatewayId, kind }) => `${named(kind)} ${named(gatewayId)}`);
    return words.length === 0 ? [] : [`report of ${day}: ${words.join(', ')}`];
  });
  if (reply?.ok === true) return told.join('; ');
  return `report from ${named(fromDay)} to ${named(toDay)}: `;
}

function foundIn(value: SeenCall | undefined): string {
  const object = value?.charge ?? value?.refund;
  return object === undefined
    ? String(value?.kind ?? 'no answer')
    : `${named(object.id)} is ${named(object.status)}`;
}

function came(id: unknown): string {
  return id === undefined ? '' : `: ${named(id)}`;
}

function named(value: unknown): string {
  return printable(String(value));
}

function logLine({ at, process, record }: LogEntry): Told {
  return { at, who: `shop ${process} → log`, what: printable(JSON.stringify(record), 120) };
}
