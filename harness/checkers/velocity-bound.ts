// S24. The cap is about money that moves, so what moved is read from the gateway's books; the count in the store is what the
// target goes by, and must neither forget what may move nor remember what did not.

import type { VelocityAnswer, VelocityRequest } from '../../src/fraud/velocity-store.ts';
import type { BookedCharge, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { shopOf } from './shop-view.ts';
import { type Attempt, attemptsOf, type Count, countsOf } from './velocity-counts.ts';
import { givenBackTooEarly } from './velocity-releases.ts';
import { breaks, holds, isEffective, untraced } from './verdicts.ts';

/** S24 velocity-bound: what is approved in any window stays within the cap, and only that is counted. */
export const velocityBound: Checker = {
  id: 'S24',
  name: 'velocity-bound',
  statement: 'What is approved within any window stays within the cap; replays and declines are not counted.',
  evidence: ['trace', 'books'],
  assumes: [],
  hint:
    'Check and count are two steps, or the count is not about the payment: look at what is read before it is written, at ' +
    'what goes on when the store is silent or refuses, and at what becomes of the count when a payment fails.',
  check,
};

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  let judged = 0;
  const counts = countsOf(history);
  const missed = uncounted(history, counts);
  if (missed !== undefined) return missed;
  for (const velocity of counts) {
    const approved = approvedIn(history, velocity);
    const wrong =
      unchecked(velocity, approved) ??
      exceeded(velocity, approved) ??
      replayed(history, velocity) ??
      misnamed(history, velocity) ??
      givenBackTooEarly(history, velocity) ??
      overcounted(history, velocity);
    if (wrong !== undefined) return wrong;
    judged += velocity.reserves.length;
  }
  return holds(judged);
}

/** An order that was paid although the count was never asked about it, where it is about others. */
function uncounted(history: History, counts: readonly Count[]): Verdict | undefined {
  if (counts.length === 0) return undefined;
  for (const { intent, token } of shopOf(history)?.orders ?? []) {
    // A purchase that is charged as well as ordered has payments that are none of an order.
    if (intent === undefined || intent.requests.length > 0) continue;
    const missed = intent.charges.find(
      (charge) =>
        isEffective(charge) && !counts.some(({ attempts }) => attempts.has(charge.merchantReference)),
    );
    if (missed === undefined) continue;
    return breaks(
      `${missed.id} of ${token} went through (${missed.merchantReference}), and was counted under no key`,
      intent.sends.map(({ crossing }) => crossing),
    );
  }
  return undefined;
}

interface Approved {
  readonly attempt: Attempt;
  readonly charge: BookedCharge;
}

/** The payments under a key that took effect, in the order of the gateway's books. */
function approvedIn({ books }: History, velocity: Count): readonly Approved[] {
  return books.charges.filter(isEffective).flatMap((charge) => {
    const attempt = velocity.attempts.get(charge.merchantReference);
    return attempt === undefined ? [] : [{ attempt, charge }];
  });
}

/** A payment that went through although the count had not admitted it. */
function unchecked({ key }: Count, approved: readonly Approved[]): Verdict | undefined {
  for (const { attempt, charge } of approved) {
    const isAdmitted = attempt.admitted.some(({ applied }) => (applied?.order ?? 0) < charge.at.order);
    if (isAdmitted) continue;
    const { id, merchantReference } = charge;
    return breaks(
      `${id} went through (${merchantReference}) although ${key} had not admitted it`,
      attempt.reserves,
    );
  }
  return undefined;
}

/** Sums of what took effect while it was held, over every window that ends with one of them. */
function exceeded({ key }: Count, approved: readonly Approved[]): Verdict | undefined {
  const sums = approved.filter(({ attempt, charge }) =>
    attempt.admitted.some(({ applied, request }) => {
      const sinceMs = charge.at.atMs - (applied?.atMs ?? 0);
      return sinceMs >= 0 && sinceMs <= (request as VelocityRequest).holdMs;
    }),
  );
  for (const { attempt, charge } of sums) {
    const windowMs = Math.min(
      ...attempt.reserves.map(({ request }) => (request as VelocityRequest).windowMs),
    );
    const cap = Math.max(
      ...sums.flatMap((one) => one.attempt.reserves.map(({ request }) => (request as VelocityRequest).cap)),
    );
    const within = sums.filter(
      (one) => one.charge.at.atMs <= charge.at.atMs && one.charge.at.atMs > charge.at.atMs - windowMs,
    );
    const sum = within.reduce((total, one) => total + one.attempt.amount, 0);
    if (sum <= cap) continue;
    const ids = within.map((one) => one.charge.id).join(', ');
    return breaks(
      `${key} allows ${cap} in ${windowMs} ms, and ${sum} went through (${ids})`,
      within.flatMap((one) => one.attempt.admitted),
    );
  }
  return undefined;
}

/** A request that was answered from its record, and counted all the same under a name of its own. */
function replayed(history: History, { key, attempts }: Count): Verdict | undefined {
  const replays = new Set<string>();
  for (const { actor, reply } of asksIn(history)) {
    if (reply?.ok === true && (reply.value as { readonly replayed?: boolean }).replayed === true)
      replays.add(actor);
  }
  if (replays.size === 0) return undefined;
  for (const { id, admitted, releases } of attempts.values()) {
    const [first] = admitted;
    if (first === undefined || !admitted.every(({ actor }) => replays.has(actor)) || releases.length > 0)
      continue;
    const isPayment = attemptsOf(history, id).length > 0;
    if (!isPayment)
      return breaks(`${first.actor} was answered a replay, and ${key} counts it as ${id}`, admitted);
  }
  return undefined;
}

/** A payment that was confirmed under a name that it was neither checked nor sent by: under its own it goes on counting. */
function misnamed(history: History, { key, attempts }: Count): Verdict | undefined {
  const isCharge = (id: string): boolean =>
    history.books.charges.some(({ merchantReference }) => merchantReference === id);
  for (const { id, reserves, confirms } of attempts.values()) {
    if (confirms.length === 0 || reserves.length > 0 || isCharge(id)) continue;
    return breaks(`${key} counts ${id}, which nobody checked or sent`, confirms);
  }
  return undefined;
}

/** A count that holds more than what may still take effect, or did within the window. */
function overcounted(history: History, velocity: Count): Verdict | undefined {
  for (const reserve of velocity.reserves) {
    const { applied, effect, request } = reserve;
    if (applied === undefined || effect?.ok !== true) continue;
    const { used } = effect.value as VelocityAnswer;
    const { attemptId } = request as VelocityRequest;
    let most = 0;
    for (const attempt of velocity.attempts.values()) {
      if (!mayCount(attempt, reserve, history)) continue;
      if (attempt.id === attemptId || !wasDeclined(history, attempt, reserve)) most += attempt.amount;
    }
    if (used > most)
      return breaks(`${velocity.key} counts ${used}, of which ${most} may go through or did`, [reserve]);
  }
  return undefined;
}

/**
 * Whether an attempt was admitted or confirmed by then, within as long as that can count. Of real operations that were under
 * way at once nobody knows which was first: what had been asked for by then may count.
 */
function mayCount(
  { admitted, confirms }: Attempt,
  { applied }: Crossing,
  { terms: { tier } }: History,
): boolean {
  const [order, atMs] = [applied?.order ?? 0, applied?.atMs ?? 0];
  const counts = (one: Crossing, forMs: number): boolean => {
    if (one.applied === undefined) return false;
    const since = tier === 'real' ? one.called : one.applied;
    return since.order <= order && one.applied.atMs + forMs > atMs;
  };
  return (
    admitted.some((one) => {
      const { windowMs, holdMs } = one.request as VelocityRequest;
      return counts(one, windowMs + holdMs);
    }) || confirms.some((one) => counts(one, (one.request as VelocityRequest).windowMs))
  );
}

/**
 * Whether a payment was declined and its client told so before `reserve` was made: then it must have been given back,
 * unless the store did not take the release.
 */
function wasDeclined(history: History, { id, releases, confirms }: Attempt, { called }: Crossing): boolean {
  if (confirms.length > 0 || releases.some(({ applied }) => applied === undefined)) return false;
  const charged = history.books.charges.some(
    (charge) => charge.merchantReference === id && isEffective(charge),
  );
  const sends = attemptsOf(history, id);
  const last = sends.at(-1);
  if (charged || last === undefined) return false;
  const isKnown = sends.every(
    ({ reply, replied }) =>
      reply?.ok === false && reply.error.effect !== 'unknown' && (replied?.order ?? 0) < called.order,
  );
  if (!isKnown || last.reply?.ok !== false || last.reply.error.effect !== 'final') return false;
  return asksIn(history).some(({ actor, replied, reply }) => {
    if (actor !== last.actor || reply?.ok !== true || (replied?.order ?? 0) > called.order) return false;
    return replied !== undefined && (reply.value as { readonly kind?: string }).kind === 'failed';
  });
}

/** What clients asked for payments with. */
function asksIn(history: History): readonly Crossing[] {
  return [...crossingsAt(history, 'client.checkout'), ...crossingsAt(history, 'client.charge')];
}
