// The words in which checkers answer, and the questions that several of them ask.

import type { Answer, BookedCharge, Crossing, SeenError, Terms } from '../history/history.ts';
import type { Verdict } from './checker.ts';
import type { IntentView } from './view.ts';

/** Nothing broke; `judged` things were compared. */
export function holds(judged: number): Verdict {
  return { verdict: 'holds', judged };
}

/** Broken, as shown by `shown`; crossings that are undefined are left out. */
export function breaks(because: string, shown: readonly (Crossing | undefined)[]): Verdict {
  const crossings: number[] = [];
  for (const crossing of shown) if (crossing !== undefined) crossings.push(crossing.id);
  return { verdict: 'breaks', because, crossings: crossings.sort((a, b) => a - b) };
}

/** The world took an assumption away: the verdict that says so, or undefined when all of them stand. */
export function unpromised(terms: Terms, assumes: readonly string[]): Verdict | undefined {
  if (terms.broken.length === 0) return undefined;
  const lost = assumes.find((assumption) => terms.broken.includes(assumption));
  if (lost === undefined) return undefined;
  return { verdict: 'not-promised', why: `this case's faults break the assumption "${lost}"` };
}

/** The verdict of a checker that needs the target's insides and has not seen them; undefined when it has. */
export function untraced(terms: Terms): Verdict | undefined {
  if (terms.trace) return undefined;
  return {
    verdict: 'not-promised',
    why: 'the target is a black box: its store and gateway calls were not recorded',
  };
}

/** What the client was told; undefined when it knows nothing. */
export function toldBy(request: Crossing): Answer | undefined {
  return request.reply?.ok === true ? (request.reply.value as Answer) : undefined;
}

/** The error that ended a crossing, as its caller saw it; undefined when it succeeded or was never answered. */
export function errorSeen(crossing: Crossing): SeenError | undefined {
  return crossing.reply?.ok === false ? crossing.reply.error : undefined;
}

/** Whether a booked charge takes the payer's money, holds it, or may still do so. */
export function isEffective({ status }: BookedCharge): boolean {
  return status === 'captured' || status === 'authorized' || status === 'pending';
}

/** Whether a `client.charge` crossing is the final asking after the storm. */
export function isAsk(request: Crossing): boolean {
  return request.actor.startsWith('ask:');
}

/** How sentences call an intent: its client key and scope where a client asked for it, else its token. */
export function nameOf(intent: IntentView): string {
  const asked = intent.requests[0]?.request as { readonly key: string; readonly scope: string } | undefined;
  return asked === undefined ? `payment token ${intent.token}` : `key ${asked.key} of ${asked.scope}`;
}

/**
 * Whether an answer fits a request that conflicts with another: a conflict, or another refusal that is no promise. "In progress"
 * says that waiting would help, and an unknown outcome tells of the other request.
 */
export function refusesConflict(told: Answer): boolean {
  if (told.kind === 'rejected') return told.code !== 'idempotency_in_progress';
  return told.kind === 'unknown' && told.code !== 'outcome_unknown' && told.code !== 'payment_pending';
}
