// Follows the breaker of each life of each process beside a model of it, decision by decision.

import type { BreakerTerms, Crossing, History, Passage } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import {
  type BreakerModel,
  type BreakerSights,
  breakerModel,
  outcomeOf,
  type Stance,
} from './breaker-model.ts';
import type { LifeView, Send, View } from './view.ts';
import { viewOf } from './view-of.ts';

/** What following the breakers of a history came to. */
export interface Breakers {
  /** Decisions that were made while the model counted a failure or was not closed. */
  readonly judged: number;
  /** The first decision that differs from the model's. */
  readonly wrong: Wrong | undefined;
  /** What the models went through up to there. */
  readonly sights: readonly BreakerSights[];
}

/** A wrong decision: what, in one sentence, and the crossings that show it. */
export interface Wrong {
  readonly because: string;
  readonly shown: readonly (Crossing | undefined)[];
}

// Only the latest, as in view-of.ts.
let latest: { readonly history: History; readonly breakers: Breakers } | undefined;

/** Follows every breaker of the history, up to the first wrong decision. */
export function breakersOf(history: History): Breakers {
  if (latest?.history !== history) latest = { history, breakers: followed(history) };
  return latest.breakers;
}

function followed(history: History): Breakers {
  const terms = history.terms.breaker;
  const sights: BreakerSights[] = [];
  let judged = 0;
  if (terms === undefined) return { judged, wrong: undefined, sights };
  const view = viewOf(history);
  for (const life of view.lives) {
    if (!life.passages.some((passage) => isEventful(passage, terms))) continue;
    const model = breakerModel(terms);
    sights.push(model.sights);
    for (const happening of happeningsOf(life)) {
      const before = model.stance(happening.at.atMs);
      const wrong = follow({ life, view, terms, model }, happening, before);
      if (wrong !== undefined) return { judged, wrong, sights };
      if (happening.kind === 'arrived' && (before.state !== 'closed' || before.failures > 0)) judged += 1;
    }
  }
  return { judged, wrong: undefined, sights };
}

/** Whether a call could have anything to do with a breaker that is not simply closed. */
function isEventful(passage: Passage, terms: BreakerTerms): boolean {
  if (passage.guard !== 'circuit-breaker') return false;
  return passage.admitted === undefined || outcomeOf(passage, terms.slowCallMs) === 'failed';
}

type Happening =
  | { readonly kind: 'arrived' | 'settled'; readonly at: Instant; readonly passage: Passage }
  | { readonly kind: 'sent'; readonly at: Instant; readonly send: Send };

/** Everything that a breaker, or what should have stood behind it, went through; first things first. */
function happeningsOf({ passages, sends }: LifeView): readonly Happening[] {
  const happenings: Happening[] = [];
  for (const passage of passages) {
    if (passage.guard !== 'circuit-breaker') continue;
    happenings.push({ kind: 'arrived', at: passage.arrived, passage });
    if (passage.settled !== undefined) happenings.push({ kind: 'settled', at: passage.settled, passage });
  }
  for (const send of sends)
    if (send.attempt === 1) happenings.push({ kind: 'sent', at: send.crossing.called, send });
  return happenings.sort((a, b) => a.at.order - b.at.order);
}

interface Following {
  readonly life: LifeView;
  readonly view: View;
  readonly terms: BreakerTerms;
  readonly model: BreakerModel;
}

function follow(following: Following, happening: Happening, before: Stance): Wrong | undefined {
  const { model } = following;
  if (happening.kind === 'sent') return sentPast(following, happening.send, before);
  const { passage, at } = happening;
  if (happening.kind === 'settled') {
    model.settled(passage, at.atMs);
    return undefined;
  }
  const passed = passage.admitted !== undefined;
  // Its process died before the call was decided.
  if (!passed && passage.answered === undefined) return undefined;
  if (model.arrived(passage, at.atMs) === passed) return undefined;
  return decidedWrongly(following, passage, before);
}

function decidedWrongly({ life, view, terms, model }: Following, passage: Passage, before: Stance): Wrong {
  const did = passage.admitted === undefined ? 'refused' : 'let through';
  const because = `the breaker of ${life.process} ${did} the call of ${passage.actor} at ${passage.arrived.atMs} ms, although it was ${stanceWords(before, terms)}`;
  const shown = model.culprits().map((culprit) => crossingOf(view, culprit));
  return { because, shown: [...shown, crossingOf(view, passage)] };
}

/** The first send of a call, made while everything has to be refused, by an actor that the breaker has not let through. */
function sentPast(
  { life, view, terms, model }: Following,
  { crossing }: Send,
  before: Stance,
): Wrong | undefined {
  const { actor, called } = crossing;
  if (before.state !== 'open' || called.atMs >= before.untilMs) return undefined;
  if (life.passages.some((passage) => passage.actor === actor && isWithin(called, passage))) return undefined;
  const because = `${actor} sent a charge at ${called.atMs} ms past the breaker of ${life.process}, which was ${stanceWords(before, terms)}`;
  return { because, shown: [...model.culprits().map((culprit) => crossingOf(view, culprit)), crossing] };
}

function isWithin(at: Instant, { guard, admitted, settled }: Passage): boolean {
  if (guard !== 'circuit-breaker' || admitted === undefined || admitted.order > at.order) return false;
  return settled === undefined || settled.order > at.order;
}

function stanceWords(stance: Stance, { failureThreshold, halfOpenProbes, windowMs }: BreakerTerms): string {
  switch (stance.state) {
    case 'closed':
      return `closed with ${stance.failures} of ${failureThreshold} failures in the last ${windowMs} ms`;
    case 'open':
      return `open since ${stance.openedAtMs} ms and until ${stance.untilMs} ms`;
    case 'half-open':
      return `half-open since ${stance.sinceMs} ms with ${stance.taken} of ${halfOpenProbes} probes let through`;
  }
}

/** What a call through the breaker looks like at a boundary: its last send before its end, or else the request itself. */
function crossingOf({ actors }: View, { actor, arrived, settled }: Passage): Crossing | undefined {
  const who = actors.get(actor);
  const send = who?.sends.findLast(
    ({ crossing: { called } }) =>
      called.order > arrived.order && (settled === undefined || called.order < settled.order),
  );
  return (
    send?.crossing ?? who?.intent?.requests.find((request) => request.actor === actor) ?? who?.claims.at(-1)
  );
}
