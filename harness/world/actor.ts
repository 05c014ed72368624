// Who is acting: every crossing belongs to an actor with a stable identity, and faults are carried by actors.
// The identity follows the work through promises and timers, so that code under test need not pass it on.

import { AsyncLocalStorage } from 'node:async_hooks';
import type { Fault } from '../cases/case.ts';
import type { Site } from '../history/sites.ts';

/** One actor of a case. */
export interface Actor {
  /** A step (`a`), a client retry (`a/1`), or a background actor (`sweep:1`, `settle:2`, `ask:1`). */
  readonly id: string;
  /** Counts one more occurrence of `site` and returns its number, from 1. */
  readonly next: (site: Site) => number;
  /** The faults that strike the `nth` occurrence of `site`, in the case's order. */
  readonly faultsAt: (site: Site, nth: number) => readonly Fault[];
}

const acting = new AsyncLocalStorage<Actor>();
const none: readonly Fault[] = [];

/** An actor that carries `faults`. */
export function actor(id: string, faults: readonly Fault[] = none): Actor {
  // An actor crosses few sites, and looking through them is quicker than naming members of an object.
  const crossed: Site[] = [];
  const counts: number[] = [];
  return {
    id,
    next(site) {
      const place = crossed.indexOf(site);
      const nth = place < 0 ? 1 : (counts[place] ?? 0) + 1;
      counts[place < 0 ? crossed.push(site) - 1 : place] = nth;
      return nth;
    },
    faultsAt(site, nth) {
      if (faults.length === 0) return none;
      const striking = faults.filter((fault) => fault.site === site && fault.nth === nth);
      return striking.length === 0 ? none : striking;
    },
  };
}

/** Runs `act` and everything that follows from it as `who`. */
export function actAs<T>(who: Actor, act: () => T): T {
  return acting.run(who, act);
}

/** The actor on whose behalf code runs now; undefined outside any. */
export function currentActor(): Actor | undefined {
  return acting.getStore();
}
