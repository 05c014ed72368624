// S17. Whoever may send is decided by the store alone: nobody sends without a claim that it knows to hold, and
// nobody sends after that claim's lease has run out.

import type { ClaimAnswer, ClaimRequest, IdempotencyRecord, Owned } from '../../src/idempotency/store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { durableLeaseUntilMs } from './durable-leases.ts';
import { shopOf } from './shop-view.ts';
import { breaks, holds, nameOf, unpromised, untraced } from './verdicts.ts';
import { type ActorView, type IntentView, type Send, sawOwned, wasWritten } from './view.ts';
import { viewOf } from './view-of.ts';

const assumes = ['durable-claims'] as const;

/** S17 claim-before-charge: every mutating call is made under a durable claim with an unexpired lease. */
export const claimBeforeCharge: Checker = {
  id: 'S17',
  name: 'claim-before-charge',
  statement: 'Whoever sends a mutating call holds a durable claim whose lease has not run out.',
  evidence: ['trace'],
  assumes,
  hint:
    'Something was sent without asking the store, although the store did not answer, or after a stall that ' +
    'outlasted the lease: look at what happens between the claim and the send.',
  check,
};

function check(history: History): Verdict {
  const lost = untraced(history.terms) ?? unpromised(history.terms, assumes);
  if (lost !== undefined) return lost;
  const { intents, actors, movements } = viewOf(history);
  let judged = 0;
  for (const intent of intents) {
    for (const { crossing, claim } of intent.sends) {
      judged += 1;
      if (isLeased(history, crossing)) continue;
      const wrong = withoutClaim(crossing, claim, { intent, actor: actors.get(crossing.actor) });
      if (wrong !== undefined)
        return breaks(`${crossing.actor} sent ${nameOf(intent)} ${wrong}`, [claim, crossing]);
    }
  }
  for (const crossing of movements) {
    judged += 1;
    if (isLeased(history, crossing)) continue;
    const actor = actors.get(crossing.actor);
    const claim = actor?.claims.findLast(
      (one) => sawOwned(one) && one.replied !== undefined && one.replied.order < crossing.called.order,
    );
    const wrong = withoutClaim(crossing, claim, { intent: actor?.slot?.intent, actor });
    if (wrong !== undefined)
      return breaks(`${crossing.actor} called ${crossing.site} ${wrong}`, [claim, crossing]);
  }
  for (const crossing of shopOf(history)?.services ?? []) {
    judged += 1;
    if (!isLeased(history, crossing))
      return breaks(`${crossing.actor} called ${crossing.site} without a lease that it knew to hold`, [
        crossing,
      ]);
  }
  return holds(judged);
}

/** Of a shop, where a send may stand under the lease of a saga or an event. */
function isLeased(history: History, sent: Crossing): boolean {
  return history.books.shop !== undefined && sent.called.atMs <= durableLeaseUntilMs(history, sent);
}

interface Holder {
  readonly intent: IntentView | undefined;
  readonly actor: ActorView | undefined;
}

function withoutClaim(sent: Crossing, claim: Send['claim'], holder: Holder): string | undefined {
  if (claim !== undefined && sent.called.atMs <= leaseEndMs(claim)) return undefined;
  const untilMs = Math.max(
    claim === undefined ? Number.NEGATIVE_INFINITY : renewedUntilMs(claim, sent, holder.intent),
    recognisedUntilMs(sent, holder),
  );
  if (sent.called.atMs <= untilMs) return undefined;
  if (untilMs === Number.NEGATIVE_INFINITY) return 'without holding a claim';
  return `at ${sent.called.atMs} ms, but its lease had run out at ${untilMs} ms`;
}

/** The owner counts from the call of its claim: the store started the lease later. */
function leaseEndMs(claim: Crossing): number {
  return claim.called.atMs + (claim.request as ClaimRequest).leaseMs;
}

/** The end of the lease after the renewals that were confirmed before the send. */
function renewedUntilMs(claim: Crossing, sent: Crossing, intent: IntentView | undefined): number {
  let untilMs = leaseEndMs(claim);
  const { token } = (claim.reply?.ok === true ? (claim.reply.value as ClaimAnswer) : { record: { token: 0 } })
    .record;
  for (const slot of intent?.slots ?? []) {
    for (const renewal of slot.operations) {
      if (renewal.site !== 'store.renew' || !wasWritten(renewal) || renewal.reply?.ok !== true) continue;
      const request = renewal.request as Owned & { readonly leaseMs: number };
      if (request.token !== token || renewal.process !== sent.process) continue;
      if (renewal.replied === undefined || renewal.replied.order > sent.called.order) continue;
      untilMs = Math.max(untilMs, renewal.called.atMs + request.leaseMs);
    }
  }
  return untilMs;
}

/** A claim whose reply was lost may be recognised by reading the record: it bears the claimer's attempt id. */
function recognisedUntilMs(sent: Crossing, { intent, actor }: Holder): number {
  let untilMs = Number.NEGATIVE_INFINITY;
  for (const slot of intent?.slots ?? []) {
    for (const read of slot.operations) {
      if (read.site !== 'store.read' || read.reply?.ok !== true || read.actor !== sent.actor) continue;
      if (read.replied === undefined || read.replied.order > sent.called.order) continue;
      const record = read.reply.value as IdempotencyRecord | null;
      const own = actor?.claims.find(
        (claim) => (claim.request as ClaimRequest).attemptId === record?.attemptId,
      );
      if (own !== undefined && record?.state === 'IN_FLIGHT') untilMs = Math.max(untilMs, leaseEndMs(own));
    }
  }
  return untilMs;
}
