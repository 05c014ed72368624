// Carries a crossing from the call to the reply. The application and the reply are separate events, and the
// faults that the actor carries may strike either.

import { maxTimerMs } from '../../src/kernel/runtime.ts';
import { decide, type Enactment, type Striking, undisturbed } from '../faults/decide.ts';
import { groupOf, type SiteGroup } from '../faults/kinds.ts';
import type { Crossing, Outcome } from '../history/history.ts';
import { type Site, sites } from '../history/sites.ts';
import { currentActor, actor as namelessActor } from './actor.ts';
import { type Boundary, type Crossable, neverApplied, Outside, Slow, Unheard } from './boundary.ts';
import { seenError } from './seen-error.ts';
import type { World } from './world.ts';

/** One life of a process, from start to crash. */
export interface Life {
  alive: boolean;
  /** How often the process had been started, this time included. */
  readonly incarnation: number;
  /** The process is frozen until this virtual time, milliseconds. */
  asleepUntilMs: number;
}

/** What crossings need of the process that makes them. */
export interface Crosser {
  readonly name: string;
  crash(restartAfterMs: number): void;
  stall(ms: number): void;
}

const wayMs: Readonly<Record<SiteGroup, number>> = {
  client: 2,
  store: 1,
  mutation: 20,
  lookup: 20,
  service: 10,
  // As near as clients are, so that an event can overtake the answer to the request that caused it.
  webhook: 2,
  report: 20,
  clock: 0,
};
const latencies = new Map(sites.map((site) => [site, wayMs[groupOf(site)]]));

const noKinds: readonly string[] = [];
const nothing: readonly Striking[] = [];

/** Latency of one way to `site`, milliseconds. */
export function latencyTo(site: Site): number {
  return latencies.get(site) ?? 0;
}

/** How long a JavaScript timer really waits: one that is asked for more than it can hold fires at once. */
export function timerMs(ms: number): number {
  return ms <= maxTimerMs ? ms : 0;
}

/** Builds the crossing function of one life of one process. */
export function crossingMaker(world: World, process: Crosser, life: Life): Boundary['cross'] {
  const background = namelessActor(`process:${process.name}`);
  return <Reply>(crossable: Crossable<Reply>): Promise<Reply> => {
    const { site, signal } = crossable;
    const who = currentActor() ?? background;
    const nth = who.next(site);
    const faults = world.faultsOn(who, site, nth);
    const { befalls } = crossable;
    const own = befalls === undefined ? faults : faults.filter(({ kind }) => !befalls(kind));
    const plan = own.length === 0 ? undisturbed : decide(own);
    const record = world.history.called(
      {
        actor: who.id,
        process: process.name,
        incarnation: life.incarnation,
        site,
        nth,
        request: crossable.request,
        faults: faults.length === 0 ? noKinds : faults.map((fault) => fault.kind),
      },
      world.nowMs(),
    );
    return new Promise<Reply>((resolve, reject) => {
      const journey: Journey<Reply> = {
        world,
        process,
        life,
        crossable,
        record,
        plan,
        befalling: befalls === undefined ? nothing : faults.filter(({ kind }) => befalls(kind)),
        resolve,
        reject,
        over: false,
      };
      if (signal !== undefined) watch(journey, signal);
      send(journey);
    });
  };
}

interface Journey<Reply> {
  readonly world: World;
  readonly process: Crosser;
  readonly life: Life;
  readonly crossable: Crossable<Reply>;
  readonly record: Crossing;
  readonly plan: Enactment;
  /** What the other side brings about by itself. */
  readonly befalling: readonly Striking[];
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: unknown) => void;
  /** The caller has given up. */
  over: boolean;
}

function watch<Reply>(journey: Journey<Reply>, signal: AbortSignal): void {
  const giveUp = (): void => {
    journey.over = true;
    journey.world.hung.delete(journey.record);
    journey.reject(signal.reason);
  };
  if (signal.aborted) giveUp();
  else signal.addEventListener('abort', giveUp, { once: true });
}

function send<Reply>(journey: Journey<Reply>): void {
  const { world, plan, process, crossable, life } = journey;
  const { site } = crossable;
  const travelMs = latencyTo(site);
  if (plan.crash === 'before-apply') {
    world.after(plan.holdMs, () => life.alive && process.crash(plan.restartAfterMs));
    return;
  }
  if (site === 'clock.sleep') {
    const { ms } = crossable.request as { readonly ms: number };
    world.after(timerMs(ms) + plan.holdMs, () => arrive(journey));
    return;
  }
  if (plan.apply === 'never') {
    world.after(travelMs + plan.holdMs, () => replyLater(journey, undefined));
    return;
  }
  if (plan.apply === 'late') {
    world.after(travelMs + plan.holdMs, () => replyLater(journey, undefined));
    world.afterHoldingBack(2 * travelMs + plan.holdMs + plan.againAfterMs, () => act(journey, ignore));
    return;
  }
  world.after(travelMs + plan.holdMs, () => arrive(journey));
  if (plan.apply === 'twice') {
    world.after(travelMs + plan.holdMs + plan.againAfterMs, () => act(journey, ignore));
  }
}

/** What becomes of an effect. Plain functions, because every crossing would make closures of its own. */
type Then = <Reply>(journey: Journey<Reply>, effect: Applied<Reply>) => void;

/** Nobody waits for the answer to a copy. */
const ignore: Then = () => {};

function arrive<Reply>(journey: Journey<Reply>): void {
  // A process that sleeps cannot outlive itself: its own timer dies with it.
  if (journey.crossable.site === 'clock.sleep' && !journey.life.alive) return;
  act(journey, answer);
}

function answer<Reply>(journey: Journey<Reply>, effect: Applied<Reply>): void {
  const { world, plan, process, life, crossable } = journey;
  if (plan.crash === 'after-apply') {
    if (life.alive) process.crash(plan.restartAfterMs);
    return;
  }
  if (plan.stallMs > 0 && life.alive) process.stall(plan.stallMs);
  if (crossable.site === 'clock.sleep') world.after(plan.replyHoldMs, () => deliver(journey, effect));
  else replyLater(journey, effect);
}

/** Applies the crossing on the other side and hands over what came of it, at once or when slow work is done. */
function act<Reply>(journey: Journey<Reply>, then: Then): void {
  const { world, record } = journey;
  const effect = applied(journey);
  if (effect.outcome.ok && effect.value instanceof Outside) return actOutside(journey, effect.value, then);
  if (!(effect.outcome.ok && effect.value instanceof Slow)) {
    world.history.applied(record, world.nowMs(), effect.outcome);
    then(journey, effect as Applied<Reply>);
    return;
  }
  const { afterMs, finish } = effect.value;
  world.history.applied(record, world.nowMs(), undefined);
  world.after(afterMs, () => {
    const finished = attempt(finish);
    world.history.effected(record, finished.outcome);
    then(journey, finished);
  });
}

/** The same for work in the real event loop, which the world waits for: nothing else happens meanwhile. */
function actOutside<Reply>(journey: Journey<Reply>, work: Outside<Reply>, then: Then): void {
  const { world, record, crossable } = journey;
  let beganMs = world.nowMs();
  const begin = (): void => {
    beganMs = world.nowMs();
  };
  let paused = false;
  const pause = (ms: number): Promise<void> => {
    if (!paused) world.history.applied(record, world.nowMs(), undefined);
    paused = true;
    world.outside.entered -= 1;
    return new Promise((resume) => {
      world.after(ms, () => {
        world.outside.entered += 1;
        resume();
      });
    });
  };
  const end = (heard: Applied<Reply>, done: Outcome = heard.outcome): void => {
    world.outside.entered -= 1;
    if (paused) world.history.effected(record, done);
    // Time may have flowed since, but by the clock of the other side it was done when it was begun.
    else world.history.applied(record, beganMs, done);
    then(journey, heard);
  };
  world.outside.entered += 1;
  work.run(pause, begin).then(
    (value) => {
      if (value === neverApplied) world.outside.entered -= 1;
      else if (value instanceof Unheard) end(failed(value.error), value.effect);
      else end({ outcome: crossable.recorded?.(value) ?? { ok: true, value }, value });
    },
    (error: unknown) => end({ outcome: { ok: false, error: seenError(error) }, error }),
  );
}

interface Applied<Reply> {
  readonly outcome: Outcome;
  readonly value?: Reply;
  readonly error?: unknown;
}

function applied<Reply>({
  crossable,
  plan,
  befalling,
}: Journey<Reply>): Applied<ReturnType<typeof crossable.apply>> {
  try {
    const value = crossable.apply(plan.inject, befalling);
    return { outcome: { ok: true, value: value instanceof Slow ? undefined : value }, value };
  } catch (error) {
    return failed(error);
  }
}

function attempt<Reply>(work: () => Reply): Applied<Reply> {
  try {
    const value = work();
    return { outcome: { ok: true, value }, value };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): { readonly outcome: Outcome; readonly error: unknown } {
  return { outcome: { ok: false, error: seenError(error) }, error };
}

function replyLater<Reply>(journey: Journey<Reply>, effect: Applied<Reply> | undefined): void {
  const { world, plan, crossable } = journey;
  if (plan.reply === 'hang') {
    if (!journey.over) world.hung.add(journey.record);
    return;
  }
  const seen = plan.reply === 'deliver' && effect !== undefined ? effect : wireOutcome(journey);
  world.after(latencyTo(crossable.site) + plan.replyHoldMs, () => deliver(journey, seen));
}

function wireOutcome<Reply>({ plan, crossable }: Journey<Reply>): Applied<Reply> {
  const failure = plan.reply === 'deliver' || plan.reply === 'hang' ? 'reset' : plan.reply;
  return failed(crossable.fail(failure));
}

function deliver<Reply>(journey: Journey<Reply>, seen: Applied<Reply>): void {
  const { world, life, record, crossable } = journey;
  if (!life.alive || journey.over) return;
  if (life.asleepUntilMs > world.nowMs()) {
    world.after(life.asleepUntilMs - world.nowMs(), () => deliver(journey, seen));
    return;
  }
  journey.over = true;
  world.history.replied(record, world.nowMs(), seen.outcome);
  // Not by the outcome: a reply in a wire format is delivered even when what it says is a failure.
  if ('error' in seen) journey.reject(seen.error);
  else journey.resolve(handedOf(crossable, seen.value as Reply));
}

function handedOf<Reply>({ handed }: Crossable<Reply>, reply: Reply): Reply {
  return handed === undefined ? reply : handed(reply);
}
