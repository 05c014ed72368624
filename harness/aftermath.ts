// What comes after the storm: time heals, sweeps conclude what was left, every client asks once more, and guards that
// had refused anybody must let new payments through.

import { groupOf } from './faults/kinds.ts';
import { boundedEffectDelayMs } from './gateway-twin/profiles.ts';
import type { Answer, Crossing, Outcome, Passage, Terms } from './history/history.ts';
import { paymentTokenOf, runToRest, type Stage, sweep } from './stage.ts';
import { actor } from './world/actor.ts';
import type { Asking } from './world/client.ts';

/** A sweep that guards hold up gets some records further each time; so many more are made at most. */
const mostFurtherSweeps = 20;

/**
 * Heals time itself: first past every lease, so that the first sweep may take over everything, then past the
 * gateway's horizon, so that the second may conclude what the first could not. A failure that the gateway has stored
 * and replays may still open a breaker and keep the sweep from what comes next, and a limiter may make it wait for
 * longer than its lease, so there are more for as long as guards hold a call of theirs up, and one more, because
 * whatever was held up is one look-up behind.
 */
export async function settle(stage: Stage): Promise<void> {
  const { world, processes, terms } = stage;
  const { pauses, furtherMs } = settlingPauses(terms);
  const held = (id: string): boolean =>
    world.history.passages.some((passage) => passage.actor === id && wasHeldUp(passage));
  for (let place = 1; place <= pauses.length + mostFurtherSweeps; place++) {
    const id = `settle:${place}`;
    world.after(pauses[place - 1] ?? furtherMs, () => sweep(stage, processes[0], { id }));
    await runToRest(stage);
    if (place >= pauses.length && !held(id) && !held(`settle:${place - 1}`)) return;
  }
}

/** Before the first two sweeps, and before each further one, milliseconds; see {@link settle}. */
export function settlingPauses(terms: Terms): {
  readonly pauses: readonly number[];
  readonly furtherMs: number;
} {
  const recoveredMs = guardPauseMs(terms);
  return {
    pauses: [
      Math.max(terms.leaseMs * 5, recoveredMs) + 1,
      Math.max(boundedHorizonMs(terms), recoveredMs) + 1,
    ],
    furtherMs: Math.max(recoveredMs, terms.consistentAfterMs) + 1,
  };
}

/** Whether a guard refused a call, or let it through when the lease was over. */
function wasHeldUp({ admitted, answer }: Passage): boolean {
  return admitted === undefined || (answer?.ok === false && answer.error.local === true);
}

/** After how long a guard may let through again what it refused, milliseconds. */
function guardPauseMs({ breaker, limit }: Terms): number {
  return Math.max(breaker?.recoveryTimeoutMs ?? 0, limit?.periodMs ?? 0);
}

function boundedHorizonMs({ maxEffectDelayMs, consistentAfterMs }: Terms): number {
  return Math.min(maxEffectDelayMs, boundedEffectDelayMs) + consistentAfterMs;
}

/** What a client asks for, in words that are equal for equal wishes; undefined for what is no client's. */
function wishOf(asking: Asking): string | undefined {
  switch (asking.site) {
    case 'client.charge':
    case 'client.checkout':
    case 'client.refund':
      return JSON.stringify([asking.site, asking.intent]);
    default:
      return undefined;
  }
}

/** How long a client leaves between two payments once the world has healed: no limiter has a reason to refuse. */
function calmPauseMs({ limit }: Terms): number {
  return Math.max(1_000, (limit?.periodMs ?? 0) + 1);
}

/**
 * Every client asks once more for its payment, order or refund, in the order in which they first reached a service.
 * Whoever is told to wait for the payer is added to the list that is returned, as is who got no end of what nobody had begun.
 */
export function askAgain(stage: Stage): readonly Asking[] {
  const begun = stage.shop === undefined ? undefined : begunWishes(stage.world.history.crossings);
  const wishes = new Map<string, Asking>();
  for (const asking of stage.clients.arrived()) {
    const wish = wishOf(asking);
    if (wish !== undefined) wishes.set(wish, asking);
  }
  const waiting: Asking[] = [];
  askInTurn(stage, {
    askings: [...wishes.values()],
    ended: (asking, reply) => {
      if (waitsForPayer(reply) || (begun?.has(wishOf(asking)) === false && !hasEnded(reply)))
        waiting.push(asking);
    },
  });
  return waiting;
}

/**
 * An order that no process had taken up before begins when it is asked for once more, and its payer may stay away. Who was
 * told so asks a last time, when the challenge is over.
 */
export function askAtLast(stage: Stage, waiting: readonly Asking[]): void {
  askInTurn(stage, { prefix: 'ask:last:', askings: waiting, ended: () => {} });
}

interface Round {
  readonly prefix?: string;
  readonly askings: readonly Asking[];
  readonly ended: (asking: Asking, reply: Outcome | undefined) => void;
}

function askInTurn({ world, clients, processes, terms }: Stage, round: Round): void {
  const { prefix = 'ask:', askings, ended } = round;
  const [process] = processes;
  if (process === undefined) return;
  for (const [index, asking] of askings.entries()) {
    const who = actor(`${prefix}${index + 1}`);
    const atMs = guardPauseMs(terms) + 1 + index * calmPauseMs(terms);
    world.after(atMs, () => clients.send({ who, process, asking, ended: (reply) => ended(asking, reply) }));
  }
}

/** The wishes for which somebody has done anything, as {@link wishOf} words them. */
function begunWishes(crossings: readonly Crossing[]): ReadonlySet<string | undefined> {
  const active = new Set(crossings.filter(hasActed).map(({ actor: id }) => id));
  const begun = new Set<string | undefined>();
  for (const { site, request, actor: id } of crossings)
    if (groupOf(site) === 'client' && active.has(id)) begun.add(wishOf({ site, intent: request } as Asking));
  return begun;
}

/** Whether somebody did anything, beyond being asked. */
function hasActed({ site, effect }: Crossing): boolean {
  return groupOf(site) !== 'client' && effect?.ok === true;
}

function hasEnded(reply: Outcome | undefined): boolean {
  const answer = reply?.ok === true ? (reply.value as Answer) : undefined;
  return answer?.kind === 'ok' || answer?.kind === 'failed';
}

function waitsForPayer(reply: Outcome | undefined): boolean {
  if (reply?.ok !== true) return false;
  const answer = reply.value as Answer;
  return answer.kind === 'pending' && answer.code === 'authentication_required';
}

/** A tenant that no case has, so that new payments meet no earlier ones. */
const freshScope = 'after the storm';

/**
 * Guards that had refused anybody, or seen enough failures to have opened, must let new payments through again: two of
 * them for each such process, because a breaker that is stuck half-open lets one pass.
 */
export function payAnew({ world, clients, processes, terms }: Stage): void {
  const { passages } = world.history;
  let paid = 0;
  for (const process of processes) {
    const { incarnation } = process.life();
    const own = passages.filter((one) => one.process === process.name && one.incarnation === incarnation);
    if (!wereTroubled(own, terms)) continue;
    for (let place = 1; place <= 2; place++) {
      paid += 1;
      const key = `fresh-${paid}`;
      const paymentToken = paymentTokenOf(freshScope, key);
      const intent = { paymentToken, scope: freshScope, key, amountMinor: 100, currency: 'USD' };
      const asking: Asking = { site: 'client.charge', intent };
      const who = actor(`fresh:${paid}`);
      world.after(paid * calmPauseMs(terms), () => clients.send({ who, process, asking, ended: () => {} }));
    }
  }
}

/** Whether the passages of one life may have left a guard in another state than they found it in. */
function wereTroubled(passages: readonly Passage[], { breaker }: Terms): boolean {
  if (passages.some(({ admitted }) => admitted === undefined)) return true;
  if (breaker === undefined) return false;
  const failures = passages.filter((one) => mayCount(one, breaker.slowCallMs)).length;
  return failures >= breaker.failureThreshold;
}

function mayCount(
  { guard, admitted, answered, answer }: Passage,
  slowCallMs = Number.POSITIVE_INFINITY,
): boolean {
  if (guard !== 'circuit-breaker') return false;
  const tookMs = (answered?.atMs ?? Number.POSITIVE_INFINITY) - (admitted?.atMs ?? 0);
  return tookMs >= slowCallMs || (answer?.ok !== true && answer?.error.effect !== 'final');
}
