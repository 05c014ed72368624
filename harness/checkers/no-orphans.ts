// L2. A record in flight means that somebody is at work on it. When all work is over, none may be left.

import type { ClaimAnswer, ClaimRequest } from '../../src/idempotency/store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds, isAsk, untraced } from './verdicts.ts';
import { recordAfter, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

/** L2 no-orphans: a lease that has run out keeps nobody out, and none is left once the world has healed and been swept. */
export const noOrphans: Checker = {
  id: 'L2',
  name: 'no-orphans',
  statement:
    'A record in flight is given to who asks for it once its lease has run out, and after healing and its sweeps none is ' +
    'left in flight.',
  evidence: ['trace'],
  assumes: [],
  hint:
    'Somebody claimed the record and left it: look for a path from the claim to the answer without a final write, a ' +
    'release or a suspension.',
  check,
};

function check(history: History): Verdict {
  const { terms } = history;
  const lost = untraced(terms);
  if (lost !== undefined) return lost;
  const { slots, settledAt } = viewOf(history);
  if (settledAt === undefined) return holds(0);
  // A target that sweeps must not need the clients to ask again.
  const until = terms.recovers ? firstAsk(history) : Number.POSITIVE_INFINITY;
  let judged = 0;
  for (const { key, operations } of slots) {
    const kept = keptTooLong(operations);
    if (kept !== undefined) return breaks(`${kept.because} (record ${key})`, kept.shown);
    for (let i = operations.length - 1; i >= 0; i -= 1) {
      const operation = operations[i];
      const record = operation === undefined ? undefined : recordAfter(operation);
      if (operation === undefined || record === undefined) continue;
      if ((operation.applied?.order ?? 0) > until) continue;
      judged += 1;
      if (record.state !== 'IN_FLIGHT') break;
      return breaks(
        `the record ${key} is still in flight after everything had settled; ${operation.actor} was the last to ` +
          `touch it (${operation.site})`,
        [operation],
      );
    }
  }
  return holds(judged);
}

/** Where in the order the clients begin to ask once more. */
function firstAsk({ crossings }: History): number {
  return crossings.find(isAsk)?.called.order ?? Number.POSITIVE_INFINITY;
}

interface Kept {
  readonly because: string;
  readonly shown: readonly (Crossing | undefined)[];
}

/** A claim that was refused for the sake of an owner whose lease had run out, counted from its claim and its renewals. */
function keptTooLong(operations: readonly Crossing[]): Kept | undefined {
  let owner: Crossing | undefined;
  let token: number | undefined;
  let leaseUntilMs = Number.POSITIVE_INFINITY;
  for (const operation of operations) {
    const { site, applied, effect, request } = operation;
    if (applied === undefined) continue;
    if (site === 'store.renew' && wasWritten(operation))
      leaseUntilMs = applied.atMs + (request as ClaimRequest).leaseMs;
    if (site !== 'store.claim' || effect?.ok !== true) continue;
    const { owned, record } = effect.value as ClaimAnswer;
    const asked = request as ClaimRequest;
    // A claimer that asks again is answered with what it has; a claim that comes late to a free slot takes it anew.
    if (owned && record.token !== token) {
      owner = operation;
      token = record.token;
      leaseUntilMs = applied.atMs + asked.leaseMs;
    }
    if (owned || record.state !== 'IN_FLIGHT' || record.fingerprint !== asked.fingerprint) continue;
    if (applied.atMs < leaseUntilMs) continue;
    return {
      because: `${operation.actor} was refused at ${applied.atMs} ms, although the lease had run out at ${leaseUntilMs} ms`,
      shown: [owner, operation],
    };
  }
  return undefined;
}
