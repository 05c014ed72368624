// Weather: faults by time instead of by address. While an episode lasts, every crossing of its site is hit or spared by
// a draw of its own, so that taking away a step, a fault or another episode changes nothing for those that stay.

import type { Episode } from '../cases/case.ts';
import type { Striking } from '../faults/decide.ts';
import type { Site } from '../history/sites.ts';
import type { RandomStream } from './random.ts';

/** A crossing that is being made. */
export interface Exposed {
  readonly actor: string;
  readonly site: Site;
  /** Occurrence of the site within the actor, from 1. */
  readonly nth: number;
  /** Virtual milliseconds since the run began. */
  readonly atMs: number;
}

/** What the weather does to a crossing, in the order in which the case lists its episodes. */
export type Weather = (crossing: Exposed) => readonly Striking[];

const calm: readonly Striking[] = [];

/**
 * The weather of a case; undefined when it has none. `random` gives the streams of chance of its run. The draw goes by
 * actor, site, occurrence and kind, and not by the episode's place, which moves when another one is removed.
 */
export function weatherOf(
  episodes: readonly Episode[],
  random: (label: string) => RandomStream,
): Weather | undefined {
  if (episodes.length === 0) return undefined;
  const bySite = Map.groupBy(episodes, ({ site }) => site);
  return ({ actor, site, nth, atMs }) => {
    const there = bySite.get(site);
    if (there === undefined) return calm;
    return there.filter(({ fromMs, untilMs, kind, percent }) => {
      if (atMs < fromMs || atMs >= untilMs) return false;
      return percent >= 100 || random(`weather:${actor}:${site}:${nth}:${kind}`)() * 100 < percent;
    });
  };
}
