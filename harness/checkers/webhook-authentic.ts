// W3. Whatever anybody may send to the endpoint, only the gateway's own words have effects.

import type { History } from '../history/history.ts';
import { outwardSites, type Site } from '../history/sites.ts';
import { bookedFacts, type Fact } from './booked-facts.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { type Delivered, deliveriesOf, isRefused } from './deliveries-of.ts';
import { writersOf } from './entry-writers.ts';
import { breaks, holds } from './verdicts.ts';

/** W3 webhook-authentic: what is forged, unsigned, tampered with or stale has no effect and is answered 4xx. */
export const webhookAuthentic: Checker = {
  id: 'W3',
  name: 'webhook-authentic',
  statement: 'A delivery that is forged, unsigned, tampered with or stale is answered 4xx and has no effect.',
  evidence: ['trace', 'books'],
  assumes: [],
  hint:
    'Something was believed, or tripped over, before it was verified: look at headers that are missing or of another ' +
    'length, at timestamps that are not checked, and at secrets that are not set.',
  check,
};

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const deliveries = deliveriesOf(history);
  const genuine = new Set<string>();
  for (const { kind, intent } of deliveries) if (kind === 'authentic') genuine.add(intent.eventId);
  // An actor whose old message was still fresh has been let in by right.
  const admitted = new Set<string>();
  for (const delivered of deliveries)
    if (delivered.kind === 'stale' && !isTooOld(delivered)) admitted.add(delivered.crossing.actor);
  let judged = 0;
  for (const delivered of deliveries) {
    const { crossing, intent, kind, statuses } = delivered;
    if (kind === 'authentic' || (kind === 'stale' && !isTooOld(delivered))) continue;
    const status = statuses.find((answered) => !isRefused(answered));
    if (status !== undefined)
      return breaks(`a ${kind} delivery of ${intent.eventId} was answered ${status}, not 4xx`, [crossing]);
    judged += statuses.length;
    const wrong =
      kind === 'stale'
        ? doneBy(history, delivered, admitted)
        : (keptBy(history, delivered, genuine) ??
          doneBy(history, delivered, admitted) ??
          booked(history, delivered));
    if (wrong !== undefined) return wrong;
  }
  return holds(judged);
}

/** The tolerance of payments.md, and a second because signatures are dated in whole ones. */
const toleranceMs = 301_000;

function isTooOld({ ageMs, intent: { headers } }: Delivered): boolean {
  return ageMs === undefined ? isUndated(headers) : ageMs > toleranceMs;
}

/** Whether a signature that covers the time of signing came without it: then nothing says that it is fresh. */
function isUndated(headers: Delivered['intent']['headers']): boolean {
  const { 'stripe-signature': stripe, 'webhook-signature': standard, 'webhook-timestamp': time } = headers;
  return stripe === undefined ? standard !== undefined && time === undefined : !/(?:^|,)t=/.test(stripe);
}

/** The event in the inbox, under an id that the gateway never gave. */
function keptBy(
  history: History,
  { crossing, intent }: Delivered,
  genuine: ReadonlySet<string>,
): Verdict | undefined {
  const { eventId } = intent;
  if (genuine.has(eventId)) return undefined;
  const arrival = crossingsAt(history, 'inbox.receive').find(
    ({ applied, request }) => applied !== undefined && (request as { readonly id: string }).id === eventId,
  );
  const isKept = arrival !== undefined || history.books.shop?.inbox.some(({ id }) => id === eventId);
  return isKept ? breaks(`the inbox took event ${eventId}, which is forged`, [crossing, arrival]) : undefined;
}

/** Places where something is changed. */
const changing: ReadonlySet<Site> = new Set<Site>([
  'inbox.receive',
  'store.claim',
  'store.complete',
  'store.fail',
  'saga.open',
  'saga.claim',
  'saga.save',
  'ledger.commit',
  'velocity.reserve',
  'velocity.confirm',
  'velocity.release',
  'tickets.take',
  'tickets.close',
  'verdicts.keep',
  'oncall.page',
  ...outwardSites,
]);

/** Something that was changed while the request was served. */
function doneBy(
  history: History,
  { crossing, kind }: Delivered,
  admitted: ReadonlySet<string>,
): Verdict | undefined {
  const { actor } = crossing;
  if (admitted.has(actor)) return undefined;
  for (const one of history.crossings) {
    if (one.actor !== actor) continue;
    // Whoever works off the inbox from here on does so for genuine events.
    if (one.site === 'inbox.claim' && one.effect?.ok === true && one.effect.value !== null) return undefined;
    if (changing.has(one.site) && one.applied !== undefined)
      return breaks(`a ${kind} delivery (${actor}) led to ${one.site}`, [crossing, one]);
  }
  return undefined;
}

/** An entry for what the forgery claims, made after it arrived and before it was true. */
function booked(history: History, { crossing, announcement: claim }: Delivered): Verdict | undefined {
  const arrivedAtMs = crossing.applied?.atMs;
  if (claim === undefined || arrivedAtMs === undefined) return undefined;
  const believed = (fact: Fact): boolean => fact.object === claim.object && fact.certain;
  for (const { object, transition, entries, sinceMs } of bookedFacts(history).facts.filter(believed)) {
    const early = entries.find(({ postedAtMs }) => postedAtMs >= arrivedAtMs && postedAtMs < sinceMs);
    if (early === undefined) continue;
    return breaks(
      `entry ${early.key} was made after a forgery claimed it, ${sinceMs - early.postedAtMs} ms before ${object} was ${transition}`,
      [crossing, ...writersOf(history, [early])],
    );
  }
  return undefined;
}
