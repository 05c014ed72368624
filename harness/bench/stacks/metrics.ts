// What a day cost and earned, read off its history.

import { errorSeen, isEffective, toldBy } from '../../checkers/verdicts.ts';
import type { IntentView } from '../../checkers/view.ts';
import { viewOf } from '../../checkers/view-of.ts';
import type { Crossing, GuardKind, History } from '../../history/history.ts';
import { patienceMs } from '../../world/client.ts';
import { quantile } from './quantile.ts';

/** Figures of one day. Null where there is too little to speak of. */
export interface Metrics {
  /** Purchases that were told ok while the load lasted, for each of its virtual seconds. */
  readonly goodputPerSecond: number;
  /** Part of the purchases that were told ok by any answer of the day: before the world healed. */
  readonly successRate: number;
  /** Part of the purchases that were told ok by their first answer. */
  readonly firstAnswerRate: number;
  /** Latency of client requests, whatever they were told; one that is never answered takes the client's patience. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** Client requests of the day: what the latencies rest on. */
  readonly samples: number;
  /** Calls of the gateway, look-ups and sweeps included, for each purchase that was told ok. */
  readonly callsPerSuccess: number | null;
  /** Purchases that the books show charged more than once, in the end. */
  readonly doubleCharges: number;
  /** Payments that were sent again after the gateway had finally declined them. */
  readonly declinesRetried: number;
  /** Calls that our own layers refused. */
  readonly refusedByBreaker: number;
  readonly refusedByLimiter: number;
}

/** Reads the figures of a day whose load lasted `loadMs` virtual milliseconds. A pure function of the history. */
export function metricsOf(history: History, loadMs: number): Metrics {
  const healedOrder =
    history.incidents.find(({ kind }) => kind === 'healed')?.at.order ?? Number.POSITIVE_INFINITY;
  const ofTheDay = ({ called }: Crossing): boolean => called.order < healedOrder;
  const { intents } = viewOf(history);
  const purchases = intents
    .map((intent) => ({ intent, requests: intent.requests.filter(ofTheDay) }))
    .filter(({ requests }) => requests.length > 0);
  const requests = purchases.flatMap((purchase) => purchase.requests);
  const paid = purchases.filter((purchase) => purchase.requests.some(toldOk));
  const paidInTime = paid.filter((purchase) => purchase.requests.some((one) => toldOkBy(one, loadMs)));
  const paidAtOnce = purchases.filter((purchase) => purchase.requests.slice(0, 1).some(toldOk));
  const calls = history.crossings.filter((one) => one.site.startsWith('gateway.') && ofTheDay(one));
  const latenciesMs = requests.map(latencyMsOf);
  return {
    goodputPerSecond: rounded(paidInTime.length / (loadMs / 1000), 3),
    successRate: rounded(paid.length / purchases.length, 4),
    firstAnswerRate: rounded(paidAtOnce.length / purchases.length, 4),
    p50Ms: quantile(latenciesMs, 0.5) ?? null,
    p99Ms: quantile(latenciesMs, 0.99) ?? null,
    samples: requests.length,
    callsPerSuccess: paid.length === 0 ? null : rounded(calls.length / paid.length, 3),
    doubleCharges: intents.filter(isChargedTwice).length,
    declinesRetried: intents.reduce((sum, intent) => sum + declinesRetried(intent), 0),
    refusedByBreaker: refused(history, 'circuit-breaker', healedOrder),
    refusedByLimiter: refused(history, 'rate-limit', healedOrder),
  };
}

function toldOk(request: Crossing): boolean {
  return toldBy(request)?.kind === 'ok';
}

function toldOkBy(request: Crossing, atMs: number): boolean {
  return toldOk(request) && request.replied !== undefined && request.replied.atMs <= atMs;
}

function latencyMsOf({ called, replied }: Crossing): number {
  return replied === undefined ? patienceMs : replied.atMs - called.atMs;
}

function isChargedTwice({ charges }: IntentView): boolean {
  return charges.filter(isEffective).length > 1;
}

/** Sends that were made after the answer to an earlier one had said for good that there will be no money. */
function declinesRetried({ sends }: IntentView): number {
  const declined = sends.find(({ crossing }) => errorSeen(crossing)?.effect === 'final')?.crossing.replied;
  if (declined === undefined) return 0;
  return sends.filter(({ crossing }) => crossing.called.order > declined.order).length;
}

function refused({ passages }: History, guard: GuardKind, healedOrder: number): number {
  return passages.filter(
    (passage) =>
      passage.guard === guard &&
      passage.admitted === undefined &&
      passage.answered !== undefined &&
      passage.arrived.order < healedOrder,
  ).length;
}

function rounded(value: number, decimals: number): number {
  return Number(value.toFixed(decimals));
}
