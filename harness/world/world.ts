// One simulated world: virtual time, its queue of events, chance, and the history that they leave.

import type { Episode } from '../cases/case.ts';
import type { Striking } from '../faults/decide.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { Crossing } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import { type Recorder, recorder } from '../history/recorder.ts';
import type { Site } from '../history/sites.ts';
import type { Actor } from './actor.ts';
import type { FarSide } from './boundary.ts';
import { type EventQueue, eventQueue, type QueuedEvent } from './event-queue.ts';
import { type Drive, pump } from './pump.ts';
import { type RandomStream, randomStreams } from './random.ts';
import { weatherOf } from './weather.ts';

/** Virtual wall-clock time at the start of every run: 2026-01-01T00:00:00Z. Milliseconds since the epoch. */
export const startOfTimeMs = 1_767_225_600_000;

/** Most events that one run may take; a run that needs more is going in circles. */
const maxEvents = 200_000;

/** See the file comment. Times are virtual milliseconds since the run began. */
export interface World extends FarSide {
  readonly history: Recorder;
  /** A labelled stream of chance. */
  readonly random: (label: string) => RandomStream;
  /** Schedules `act` in `ms` milliseconds; returns the event, whose `act` may be taken away to cancel it. */
  schedule(ms: number, act: () => void): QueuedEvent;
  /** Carries out events until none is left. Rejects when the run goes in circles. */
  run(): Promise<void>;
  /**
   * Like `after`, for a message that the network holds back. Longer than the world's bound on lateness means
   * "some day": such messages arrive when {@link World.releaseLate} is called.
   */
  afterHoldingBack(ms: number, act: () => void): void;
  /** Lets everything arrive that was held back beyond the bound. */
  releaseLate(): void;
  /** What strikes a crossing that is made now: the faults that its actor carries, then the weather; nothing once healed. */
  faultsOn(who: Actor, site: Site, nth: number): readonly Striking[];
  /** From now on no fault strikes. */
  heal(): void;
  readonly healed: () => boolean;
  /** How many events are scheduled, cancelled ones included. */
  readonly scheduled: () => number;
  /** Crossings whose reply never comes and whose caller has not given up. */
  readonly hung: Set<Crossing>;
  /** How many exchanges run outside at this moment; without a tide no event is taken meanwhile. */
  readonly outside: { entered: number };
  /** Time has flowed: it is `toMs` now, or as late as the next event lets it be. */
  advance(toMs: number): void;
}

/** How virtual time goes while something runs outside: absent where it stands still. */
export interface Tide {
  /** Until when events may be taken, virtual milliseconds; `nowMs` is the time of the world. */
  limitMs(nowMs: number): number;
}

/** What a world is made of. */
export interface WorldOptions {
  readonly seed: number;
  /** How long the network may hold back a message at most, milliseconds. */
  readonly latestMs: number;
  /** Faults by time; none by default. */
  readonly episodes?: readonly Episode[] | undefined;
  /** Carries the events out. */
  readonly drive?: Drive | undefined;
  readonly tide?: Tide | undefined;
  /** Whether a kind of fault can be brought about here; one that cannot strikes nobody, and is not told. By default all can. */
  readonly canBefall?: ((kind: FaultKind) => boolean) | undefined;
}

const nothing: readonly Striking[] = [];

/** A fresh world. Equal options and equal actions give equal histories. */
export function createWorld(options: WorldOptions): World {
  const { seed, latestMs, episodes = [], drive = pump, tide, canBefall } = options;
  const queue = eventQueue();
  const history = recorder();
  const random = randomStreams(seed);
  const weather = weatherOf(episodes, random);
  const outside = { entered: 0 };
  let late: (() => void)[] = [];
  let nowMs = 0;
  let taken = 0;
  let healed = false;

  // What is not a time in the future, NaN included, is now.
  const schedule = (ms: number, act: () => void): QueuedEvent =>
    ms > 0 ? queue.push(nowMs + ms, act) : queue.push(nowMs, act);

  return {
    history,
    random,
    scheduled: queue.size,
    hung: new Set(),
    outside,
    nowMs: () => nowMs,
    instant: (): Instant => history.instant(nowMs),
    schedule,
    after: (ms, act) => void schedule(ms, act),
    afterHoldingBack(ms, act) {
      if (ms > latestMs) late.push(act);
      else schedule(ms, act);
    },
    releaseLate() {
      for (const act of late) schedule(0, act);
      late = [];
    },
    faultsOn(who, site, nth) {
      if (healed) return nothing;
      const carried = who.faultsAt(site, nth);
      const own = canBefall === undefined ? carried : carried.filter(({ kind }) => canBefall(kind));
      if (weather === undefined) return own;
      const met = weather({ actor: who.id, site, nth, atMs: nowMs });
      return met.length === 0 ? own : [...own, ...met];
    },
    healed: () => healed,
    heal() {
      healed = true;
      history.incident({ kind: 'healed' }, nowMs);
    },
    advance(toMs) {
      dropCancelled(queue);
      nowMs = Math.max(nowMs, Math.min(toMs, queue.peek()?.atMs ?? toMs));
    },
    run: () =>
      drive(() => {
        if (isHeld(tide, { queue, nowMs, entered: outside.entered })) return 'waiting';
        let event = queue.pop();
        while (event !== undefined && event.act === undefined) event = queue.pop();
        if (event === undefined) return 'done';
        taken += 1;
        if (taken > maxEvents) {
          throw new Error(
            `the run took more than ${maxEvents} events at ${nowMs} ms of virtual time: it goes in circles`,
          );
        }
        nowMs = event.atMs;
        event.act?.();
        return 'stepped';
      }),
  };
}

interface Held {
  readonly queue: EventQueue;
  readonly nowMs: number;
  readonly entered: number;
}

/** Whether what runs outside keeps the next event from being taken. */
function isHeld(tide: Tide | undefined, { queue, nowMs, entered }: Held): boolean {
  if (tide === undefined) return entered > 0;
  const limitMs = tide.limitMs(nowMs);
  dropCancelled(queue);
  const next = queue.peek();
  return next === undefined ? Number.isFinite(limitMs) || limitMs < 0 : next.atMs > limitMs;
}

function dropCancelled(queue: EventQueue): void {
  for (let next = queue.peek(); next !== undefined && next.act === undefined; next = queue.peek())
    queue.pop();
}
