// What the tests of the world share: a world with one process, and a way to cross a boundary from inside it and see
// everything that came of it.

import type { Episode, Fault } from '../cases/case.ts';
import type { WireFailure } from '../faults/decide.ts';
import type { History, Terms } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { actAs, actor } from './actor.ts';
import { Slow } from './boundary.ts';
import { type Environment, type SimulatedProcess, simulatedProcess } from './process.ts';
import { createWorld, type World } from './world.ts';

/** The world's bound on lateness in these tests, milliseconds. */
export const latestMs = 300_000;

/** A world with the process `p0`, started. */
export interface OneProcess {
  readonly world: World;
  readonly process: SimulatedProcess<Environment>;
  /** The environment of the present life; fails the test when the process is down. */
  environment(): Environment;
  /** Lets everything happen, also what was held back beyond the bound. */
  settle(): Promise<void>;
}

/** What may be different about it. */
export interface OneProcessOptions {
  readonly seed?: number;
  /** Error of the wall clock, milliseconds. */
  readonly skewMs?: number;
  readonly episodes?: readonly Episode[];
}

/** Starts one. */
export function oneProcess({ seed = 7, skewMs = 0, episodes = [] }: OneProcessOptions = {}): OneProcess {
  const world = createWorld({ seed, latestMs, episodes });
  const process = simulatedProcess<Environment>(world, { name: 'p0', skewMs, boot: (given) => given });
  process.start();
  return {
    world,
    process,
    environment() {
      const given = process.program();
      if (given === undefined) throw new Error('the process is down');
      return given;
    },
    async settle() {
      await world.run();
      world.releaseLate();
      await world.run();
    },
  };
}

/** Ends the run and gives what was recorded. */
export function recorded({ world }: OneProcess): History {
  const terms: Terms = {
    tier: 'sim',
    target: 'none',
    profile: 'none',
    broken: [],
    maxEffectDelayMs: 0,
    consistentAfterMs: 0,
    keyRetentionMs: 0,
    leaseMs: 0,
    ttlMs: 0,
    audits: false,
    recovers: true,
    trace: true,
  };
  return world.history.close({ terms, books: { charges: [] }, deadlocked: [] });
}

/** What one crossing came to. Times are virtual milliseconds. */
export interface Seen {
  /** Each application: when, and which injection it was given. */
  readonly applied: { readonly atMs: number; readonly inject: string | undefined }[];
  /** What the caller saw: `ok`, the wire's failure, or the message of an error; undefined when nothing. */
  saw?: string;
  sawAtMs?: number;
}

/** One crossing to try. */
export interface Trial {
  readonly site: Site;
  readonly faults?: readonly Fault[];
  readonly signal?: AbortSignal;
  /** How long the other side works on it, milliseconds. */
  readonly worksMs?: number;
}

/** Crosses once as the actor `a`, who carries `faults`; sleeps last 100 ms. */
export function crossOnce(rig: OneProcess, { site, faults = [], signal, worksMs }: Trial): Seen {
  const { world } = rig;
  const seen: Seen = { applied: [] };
  const see = (saw: string): void => {
    seen.saw = saw;
    seen.sawAtMs = world.nowMs();
  };
  const { cross } = rig.environment().boundary;
  const crossing = actAs(actor('a', faults), () =>
    cross<string>({
      site,
      request: { ms: 100 },
      signal,
      apply(inject) {
        seen.applied.push({ atMs: world.nowMs(), inject: inject?.kind });
        return worksMs === undefined ? 'ok' : new Slow(worksMs, () => 'ok');
      },
      fail: (failure: WireFailure) => new Error(failure),
    }),
  );
  crossing.then(see, (error: unknown) => see(error instanceof Error ? error.message : String(error)));
  return seen;
}
