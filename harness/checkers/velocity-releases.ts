// What is given back to a count must not take effect any more: the cap would be none for whatever times out.

import type { Crossing, History } from '../history/history.ts';
import type { Verdict } from './checker.ts';
import { attemptsOf, type Count } from './velocity-counts.ts';
import { breaks } from './verdicts.ts';

/** A payment that was given back as declined although nobody had been told so: it may yet go through, and is not counted. */
export function givenBackTooEarly(history: History, { key, attempts }: Count): Verdict | undefined {
  // Behind HTTP the trace holds what the gateway decided, and what was read out of it may differ.
  if (history.terms.tier !== 'sim') return undefined;
  for (const { id, releases } of attempts.values()) {
    const sends = releases.length === 0 ? [] : attemptsOf(history, id);
    for (const release of releases) {
      // An evaluation gives back what it alone had taken.
      if ((release.request as { readonly evaluationId?: string }).evaluationId !== undefined) continue;
      const last = lastBefore(sends, release);
      if (last === undefined || wasDeclined(last, release)) continue;
      return breaks(`${key} was given ${id} back, which nobody was told had failed`, [last, release]);
    }
  }
  return undefined;
}

/** What the same actor sent last for it, else anybody. */
function lastBefore(sends: readonly Crossing[], { actor, called }: Crossing): Crossing | undefined {
  const before = sends.filter((send) => send.called.order < called.order);
  return before.findLast((send) => send.actor === actor) ?? before.at(-1);
}

function wasDeclined({ reply, replied }: Crossing, { called }: Crossing): boolean {
  const isKnown = reply?.ok === false && replied !== undefined && replied.order < called.order;
  return isKnown && reply.error.effect === 'final';
}
