// W2. A 2xx takes the event off the sender's hands, so from then on it must be somewhere else; and a 4xx tells the sender
// that it need not try again.

import type { Crossing, History } from '../history/history.ts';
import { bookedFacts, type Fact } from './booked-facts.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { announcedFacts, type Delivered, deliveriesOf, isAccepted, isRefused } from './deliveries-of.ts';
import { factsShown } from './reconcile-runs.ts';
import { breaks, holds } from './verdicts.ts';

/** W2 webhook-never-lost: 2xx means durable, and what was taken over has its effect in the end. */
export const webhookNeverLost: Checker = {
  id: 'W2',
  name: 'webhook-never-lost',
  statement:
    'A genuine event is not refused, is durable before it is answered 2xx, and has its effect in the end.',
  evidence: ['books', 'trace'],
  assumes: [],
  hint:
    'The event was marked or answered before it was safe, or nobody came back for it: look at what stands between the ' +
    'mark, the effect and the answer, at claims of processes that died, and at how signatures are compared.',
  check,
};

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  let judged = 0;
  const promised = new Map<Fact, Crossing>();
  for (const delivered of deliveriesOf(history)) {
    const { crossing, intent, kind, statuses, announcement } = delivered;
    if (kind !== 'authentic') continue;
    const refusal = statuses.find((status) => isRefused(status) && !comeAgain.has(status));
    if (refusal !== undefined && looksFresh(history, delivered))
      return breaks(`event ${intent.eventId} is genuine and fresh, and was answered ${refusal}`, [crossing]);
    const facts = announcedFacts(history, announcement);
    const isKnown = statuses.some(isAccepted) || (statuses.length > 0 && looksFresh(history, delivered));
    if (isKnown) for (const fact of facts) promised.set(fact, crossing);
    if (!statuses.some(isAccepted)) continue;
    judged += 1;
    if (facts.some((fact) => isOwed(history, fact)) && !wasDurable(history, delivered, facts)) {
      return breaks(
        `event ${intent.eventId} was answered 2xx when it was neither in the inbox nor in the books`,
        [crossing],
      );
    }
  }
  const isSettled = history.terms.recovers && history.incidents.some(({ kind }) => kind === 'settled');
  if (!isSettled) return holds(judged);
  for (const [fact, crossing] of promised) {
    const { transition, object } = fact;
    if (fact.entries.length > 0 || !isOwed(history, fact)) continue;
    if (isWithOperator(history, crossing) && !factsShown(history).has(fact)) continue;
    return breaks(`that ${object} was ${transition} was announced, and is not booked`, [crossing]);
  }
  return holds(judged);
}

/** Of the 4xx those that ask to send the same again: RFC 9110, 15.5.9; RFC 8470, 5.2; RFC 6585, 4. */
const comeAgain: ReadonlySet<number> = new Set([408, 425, 429]);

/** What the bounds of freshness leave for rounding: signatures are dated in whole seconds. */
const slackMs = 2_000;

/** Whether a process had no reason to doubt the age; payments.md: 300 s of tolerance, 60 s into the future. */
function looksFresh({ incidents }: History, { ageMs, crossing, intent }: Delivered): boolean {
  const { process, applied } = crossing;
  // It may have woken up to an old message.
  const slept = incidents.some(
    ({ kind, process: who, at, ms = 0 }) =>
      kind === 'stalled' && who === process && at.atMs + ms >= (applied?.atMs ?? 0),
  );
  if (slept) return false;
  const hasTime = 'webhook-timestamp' in intent.headers || 'stripe-signature' in intent.headers;
  if (!hasTime) return true;
  return ageMs !== undefined && ageMs <= 300_000 - slackMs && ageMs >= slackMs - 60_000;
}

/** A refund that failed is owed an entry for its failure only if it was booked as made; what it was before, nobody knows. */
function isOwed(history: History, { certain, transition, object }: Fact): boolean {
  if (certain) return true;
  if (transition !== 'refund-failed') return false;
  return bookedFacts(history).facts.some(
    (fact) => fact.transition === 'refunded' && fact.object === object && fact.entries.length > 0,
  );
}

/** Whether the event was kept, or had all its effects, when its sender heard the answer. */
function wasDurable(history: History, { crossing, intent }: Delivered, facts: readonly Fact[]): boolean {
  const { atMs, order } = crossing.replied ?? {
    atMs: Number.POSITIVE_INFINITY,
    order: Number.POSITIVE_INFINITY,
  };
  const kept = crossingsAt(history, 'inbox.receive').some(
    ({ request, applied, effect }) =>
      effect?.ok === true &&
      applied !== undefined &&
      applied.order < order &&
      (request as { readonly id: string }).id === intent.eventId,
  );
  if (kept) return true;
  const inbox = history.books.shop?.inbox ?? [];
  if (inbox.some(({ id, receivedAtMs }) => id === intent.eventId && receivedAtMs <= atMs)) return true;
  return facts.every(
    (fact) => !isOwed(history, fact) || fact.entries.some(({ postedAtMs }) => postedAtMs <= atMs),
  );
}

/** Whether the event was given up openly, and waits in the list of dead letters. */
function isWithOperator({ books }: History, { request }: Crossing): boolean {
  const { eventId } = request as { readonly eventId: string };
  return (books.shop?.inbox ?? []).some(({ id, state }) => id === eventId && state === 'DEAD');
}
