// S7 for orders and refunds: once a key has come to its end, every final answer under it is the same, byte for byte, and
// who asks for the same is known to ask for the same.

import type { Crossing, History } from '../history/history.ts';
import { type AskedKey, askedKeys, fingerprintOf, sameRequest } from './asked-keys.ts';
import type { Verdict } from './checker.ts';
import type { KeysJudgement } from './conflicting-orders.ts';
import { breaks, toldBy } from './verdicts.ts';

/** Compares the final answers, and the fingerprints, of all requests that are alike. */
export function judgeReplays(history: History): KeysJudgement {
  let judged = 0;
  for (const asked of askedKeys(history)) {
    for (const alike of groupsIn(asked.requests)) {
      const finding = differing(asked, alike) ?? hashedDifferently(history, asked, alike);
      if (finding !== undefined) return { judged, fault: finding };
      judged += Math.max(0, finalsIn(asked, alike).length - 1);
    }
  }
  return { judged };
}

function groupsIn(requests: readonly Crossing[]): readonly (readonly Crossing[])[] {
  const groups: Crossing[][] = [];
  for (const request of requests) {
    const known = groups.find(([first]) => first !== undefined && sameRequest(first, request));
    if (known === undefined) groups.push([request]);
    else known.push(request);
  }
  return groups.filter(({ length }) => length > 1);
}

/**
 * Answers that speak for a stored end, in the order in which they were given: success always does, a failure when the end
 * was kept before it was told. An order is told of its failure from the journal only.
 */
function finalsIn({ endedAt }: AskedKey, requests: readonly Crossing[]): readonly Crossing[] {
  return requests
    .filter((request) => {
      const told = toldBy(request);
      if (told?.kind === 'ok') return true;
      if (told?.kind !== 'failed' || request.replied === undefined) return false;
      return told.replayed || (endedAt !== undefined && endedAt.order < request.replied.order);
    })
    .sort((a, b) => (a.replied?.order ?? 0) - (b.replied?.order ?? 0));
}

function differing(asked: AskedKey, requests: readonly Crossing[]): Verdict | undefined {
  const [first, ...others] = finalsIn(asked, requests);
  if (first === undefined) return undefined;
  const body = toldBy(first)?.body;
  const other = others.find((one) => toldBy(one)?.body !== body);
  return (
    other &&
    breaks(
      `${other.actor} was answered ${toldBy(other)?.body}, but ${first.actor} had been answered ${body} for the same ` +
        asked.called,
      [first, other],
    )
  );
}

function hashedDifferently(
  history: History,
  { called }: AskedKey,
  requests: readonly Crossing[],
): Verdict | undefined {
  let known: { readonly print: string; readonly request: Crossing } | undefined;
  for (const request of requests) {
    const print = fingerprintOf(history, request);
    if (print === undefined) continue;
    if (known !== undefined && known.print !== print)
      return breaks(
        `${known.request.actor} and ${request.actor} asked for the same ${called}, but were taken down with ` +
          `fingerprints ${known.print} and ${print}`,
        [known.request, request],
      );
    known ??= { print, request };
  }
  return undefined;
}
