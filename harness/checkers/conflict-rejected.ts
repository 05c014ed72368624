// S6. A key stands for one payload of one scope: another payload under it is refused without any effect, and
// what one scope did never answers another.

import type { ClaimAnswer, ClaimRequest } from '../../src/idempotency/store.ts';
import type { BookedCharge, ChargeIntent, Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { judgeConflicts } from './conflicting-orders.ts';
import { samePayload, type Tenure, tenureAt, tenuresOf } from './payloads.ts';
import { breaks, holds, nameOf, refusesConflict, toldBy } from './verdicts.ts';
import { type IntentView, type SlotView, sawOwned } from './view.ts';
import { viewOf } from './view-of.ts';

/** S6 conflict-rejected: same scoped key, other payload → rejected, zero effects; scopes never interact. */
export const conflictRejected: Checker = {
  id: 'S6',
  name: 'conflict-rejected',
  statement:
    'While a record exists, its key with another payload is rejected as a conflict and has no effect; who has taken ' +
    'a key keeps it until it is answered; different scopes never interact.',
  evidence: ['books', 'answers', 'trace'],
  assumes: [],
  hint:
    'The fingerprint was not compared, or not in every state, or the record key leaves the scope out: compare ' +
    'what the claim said of the record with what was done next. Where a request lost a key that it had taken, look for ' +
    'a retry outside the idempotent layer: it gives the key away between two attempts.',
  check,
};

/** A verdict that breaks, or how many things were judged. */
type Finding = Verdict | number;

function check(history: History): Verdict {
  const { intents } = viewOf(history);
  let judged = 0;
  for (const intent of intents) {
    for (const judge of byAnswers) {
      const finding = judge(history, intent);
      if (typeof finding !== 'number') return finding;
      judged += finding;
    }
    for (const slot of intent.slots) {
      if (slot.intent !== intent) continue;
      const finding = slot.shared
        ? answeredAcrossScopes(history, slot)
        : (gaveKeyAway(history, intent, slot) ?? treatedAsConflict(history, intent, slot));
      if (typeof finding !== 'number') return finding;
      judged += finding;
    }
  }
  const keys = judgeConflicts(history);
  return keys.fault ?? holds(judged + keys.judged);
}

const byAnswers = [foreignCharge, falseConflict, answeredAcrossPayloads] as const;

/** Whoever is told ok is told so about a charge of the own purchase. */
function foreignCharge({ books }: History, intent: IntentView): Finding {
  let judged = 0;
  for (const request of intent.requests) {
    const told = toldBy(request);
    if (told?.kind !== 'ok') continue;
    judged += 1;
    if (intent.charges.some(({ id }) => id === told.chargeId)) continue;
    const foreign = books.charges.find(({ id }) => id === told.chargeId);
    if (foreign === undefined) continue;
    return breaks(
      `${request.actor} (${nameOf(intent)}) was told ok about charge ${foreign.id}, which belongs to another ` +
        `purchase (payment token ${foreign.paymentToken})`,
      [request],
    );
  }
  return judged;
}

/** An intent that was only ever asked for with one payload cannot conflict. */
function falseConflict(_history: History, intent: IntentView): Finding {
  if (intent.severalPayloads) return 0;
  for (const request of intent.requests) {
    const told = toldBy(request);
    if (told?.kind !== 'rejected' || told.code !== 'idempotency_conflict') continue;
    return breaks(
      `${request.actor} was rejected as a conflict, but every request for ${nameOf(intent)} had the same payload`,
      [request],
    );
  }
  return 0;
}

/** Nobody is told ok about a charge that was made for another payload of the same key. */
function answeredAcrossPayloads(_history: History, intent: IntentView): Finding {
  if (!intent.severalPayloads) return 0;
  let judged = 0;
  for (const request of intent.requests) {
    const told = toldBy(request);
    if (told?.kind !== 'ok') continue;
    const charge = intent.charges.find(({ id }) => id === told.chargeId);
    if (charge === undefined) continue;
    judged += 1;
    const asked = request.request as ChargeIntent;
    if (matches(charge, asked) || !intent.requests.some((other) => matches(charge, asOf(other)))) continue;
    return breaks(
      `${request.actor} asked for ${asked.amountMinor} ${asked.currency} and was told ok about charge ${charge.id}, ` +
        `which was made for another payload of ${nameOf(intent)} (${charge.amountMinor} ${charge.currency})`,
      [request],
    );
  }
  return judged;
}

/** By the trace: a request that owned the record must not be told later that its key is another's. */
function gaveKeyAway(history: History, intent: IntentView, slot: SlotView): Verdict | undefined {
  if (!intent.severalPayloads) return undefined;
  const { actors } = viewOf(history);
  for (const request of intent.requests) {
    const told = toldBy(request);
    if (told?.kind !== 'rejected' || told.code !== 'idempotency_conflict') continue;
    const own = actors
      .get(request.actor)
      ?.claims.find((claim) => keyOf(claim) === slot.key && sawOwned(claim));
    if (own === undefined) continue;
    const taken = takenMeanwhile(slot, own, request);
    const by = taken === undefined ? 'another payload' : `${taken.actor} with another payload`;
    return breaks(
      `${request.actor} had claimed ${nameOf(intent)} at ${own.called.atMs} ms and was told that it conflicts; the key ` +
        `was taken by ${by} while the request was being answered`,
      [own, taken, request],
    );
  }
  return undefined;
}

/** The claim of another payload that took the record between `own` and the answer. */
function takenMeanwhile({ operations }: SlotView, own: Crossing, request: Crossing): Crossing | undefined {
  const payload = fingerprintOf(own);
  return operations.find(
    (operation) =>
      operation.site === 'store.claim' &&
      isBetween(operation, own, request) &&
      fingerprintOf(operation) !== payload &&
      operation.effect?.ok === true &&
      (operation.effect.value as ClaimAnswer).owned,
  );
}

function isBetween({ applied }: Crossing, own: Crossing, request: Crossing): boolean {
  if (applied === undefined || own.applied === undefined || request.replied === undefined) return false;
  return own.applied.order < applied.order && applied.order < request.replied.order;
}

function keyOf(claim: Crossing): string {
  return (claim.request as ClaimRequest).key;
}

function fingerprintOf(claim: Crossing): string {
  return (claim.request as ClaimRequest).fingerprint;
}

/** By the trace: requests that met the record of another payload, and what was sent in that time. */
function treatedAsConflict(history: History, intent: IntentView, slot: SlotView): Finding {
  if (!intent.severalPayloads) return 0;
  const tenures = tenuresOf(history, slot);
  let judged = 0;
  for (const request of intent.requests) {
    const tenure = metAnother(tenures, slot, request);
    if (tenure === undefined) continue;
    judged += 1;
    const told = toldBy(request);
    if (told === undefined || refusesConflict(told)) continue;
    const { amountMinor, currency } = tenure.owner;
    const code = told.kind === 'ok' ? '' : ` (${told.code})`;
    return breaks(
      `${request.actor} asked under ${nameOf(intent)} while its record was owned by a payload of ${amountMinor} ` +
        `${currency}; expected a rejection as a conflict, was told ${told.kind}${code}`,
      [tenure.claim, request],
    );
  }
  for (const { crossing, request: sent } of intent.sends) {
    const tenure = tenureAt(tenures, crossing.called.order, crossing.called.atMs);
    if (tenure === undefined || samePayload(tenure.owner, { ...tenure.owner, ...sent })) continue;
    // An amount that no request had is not a conflict but a wrong amount (S19).
    if (!intent.requests.some((request) => samePayload(asOf(request), { ...asOf(request), ...sent })))
      continue;
    return breaks(
      `${crossing.actor} sent ${sent.amountMinor} ${sent.currency} while the record of ${nameOf(intent)} was owned by ` +
        `a payload of ${tenure.owner.amountMinor} ${tenure.owner.currency}`,
      [tenure.claim, crossing],
    );
  }
  return judged;
}

/**
 * The tenure of another payload that `request` met and that lasted until it was answered. What a request sees
 * is settled by its first claim; one that never claimed is taken to have looked when it arrived.
 */
function metAnother(tenures: readonly Tenure[], slot: SlotView, request: Crossing): Tenure | undefined {
  const met =
    slot.operations.find(({ site, actor }) => site === 'store.claim' && actor === request.actor)?.applied ??
    request.applied;
  if (met === undefined) return undefined;
  const tenure = tenureAt(tenures, met.order, met.atMs);
  if (tenure === undefined || samePayload(tenure.owner, asOf(request))) return undefined;
  const end = request.replied;
  if (end !== undefined && (end.order > tenure.untilOrder || end.atMs >= tenure.lapsesAtMs)) return undefined;
  return tenure;
}

/** A record that requests of several scopes claimed: none may have met it while it was another's. */
function answeredAcrossScopes(history: History, slot: SlotView): Finding {
  const { actors } = viewOf(history);
  const tenures = tenuresOf(history, slot);
  let judged = 0;
  for (const claim of slot.operations) {
    const intent = actors.get(claim.actor)?.intent;
    if (claim.site !== 'store.claim' || intent === undefined || claim.applied === undefined) continue;
    judged += 1;
    const tenure = tenureAt(tenures, claim.applied.order, claim.applied.atMs);
    if (tenure === undefined || tenure.owner.paymentToken === intent.token) continue;
    return breaks(
      `${claim.actor} (${nameOf(intent)}) met the record ${slot.key}, which was made for key ${tenure.owner.key} of ` +
        `${tenure.owner.scope}`,
      [tenure.claim, claim],
    );
  }
  return judged;
}

function asOf(request: Crossing): ChargeIntent {
  return request.request as ChargeIntent;
}

function matches(charge: BookedCharge, asked: ChargeIntent): boolean {
  return charge.amountMinor === asked.amountMinor && charge.currency === asked.currency;
}
