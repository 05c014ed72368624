// How simulated code touches the outside: every touch is a crossing that the world schedules, may fault, and
// records, with the application and the reply as two separate events.

import type { Injection, Striking, WireFailure } from '../faults/decide.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { Outcome } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { Site } from '../history/sites.ts';

/** Work on the other side that takes virtual time: it is finished `afterMs` milliseconds after it began. */
export class Slow<Reply> {
  readonly afterMs: number;
  readonly finish: () => Reply;

  constructor(afterMs: number, finish: () => Reply) {
    this.afterMs = afterMs;
    this.finish = finish;
  }
}

/** Waits `ms` virtual milliseconds within work that runs outside; the world goes on meanwhile. */
export type Pause = (ms: number) => Promise<void>;

/** Does work outside; `begin` says that it begins only now, by the clock of the other side. */
type RunOutside<Reply> = (pause: Pause, begin: () => void) => Promise<Reply | Unheard | typeof neverApplied>;

/** What work outside comes to whose caller hears an error instead of what it did. */
export class Unheard {
  readonly effect: Outcome;
  readonly error: unknown;

  constructor(effect: Outcome, error: unknown) {
    this.effect = effect;
    this.error = error;
  }
}

/** What work outside comes to when whoever was to do it has died before it began: it was never applied. */
export const neverApplied: unique symbol = Symbol('never applied');

/**
 * Work on the other side that runs in Node's own event loop, such as an HTTP exchange through msw. Virtual time
 * stands still until it has ended or pauses.
 */
export class Outside<Reply> {
  readonly run: RunOutside<Reply>;

  constructor(run: RunOutside<Reply>) {
    this.run = run;
  }
}

/** One crossing to make. */
export interface Crossable<Reply> {
  readonly site: Site;
  /** Recorded as it is; must not change afterwards. */
  readonly request: unknown;
  /** Rejects the caller with the signal's reason when aborted; what was sent still arrives. */
  readonly signal?: AbortSignal | undefined;
  /** Acts on the other side, at the virtual instant of application; what it throws is the reply. */
  readonly apply: (
    inject: Injection | undefined,
    befalling?: readonly Striking[],
  ) => Reply | Slow<Reply> | Outside<Reply>;
  /** Whether the other side brings a fault of this kind about by itself; it is then told what is to befall it. */
  readonly befalls?: ((kind: FaultKind) => boolean) | undefined;
  /** What the caller is handed of a reply; by default the very object that is recorded, which it must not change. */
  readonly handed?: ((reply: Reply) => Reply) | undefined;
  /** How a reply is recorded; by default as it is. For replies that only a wire format can read. */
  readonly recorded?: ((reply: Reply) => Outcome) | undefined;
  /** The error that the caller sees when the wire fails it. */
  readonly fail: (failure: WireFailure) => Error;
}

/** The boundary as one simulated process sees it. */
export interface Boundary {
  /** Resolves with the reply, in a scheduled event of its own; never settles when the process crashes meanwhile. */
  cross<Reply>(crossable: Crossable<Reply>): Promise<Reply>;
}

/** Virtual time for the far side of a boundary: the twin, a store's server. */
export interface FarSide {
  /** Virtual milliseconds since the run began. */
  nowMs(): number;
  /** Virtual time and a fresh place in the total order. */
  instant(): Instant;
  /** Runs `act` in an event of its own, `ms` milliseconds from now; a crash of a client process doesn't stop it. */
  after(ms: number, act: () => void): void;
}
