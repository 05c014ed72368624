// What can be wrong with the weather of a case beyond its shape.

import { heldBackMs } from '../faults/assumptions.ts';
import { boundedEffectDelayMs } from '../gateway-twin/profiles.ts';
import type { Site } from '../history/sites.ts';
import { type Case, type Episode, everyLoad } from './case.ts';
import { isWithinBound, lateness, strikeProblems, tierProblems } from './fault-problems.ts';

/** What is wrong with the episodes of `value`, one sentence each. */
export function episodeProblems(value: Case): string[] {
  const { episodes = [] } = value;
  const problems: string[] = [];
  for (const [index, episode] of episodes.entries()) {
    const path = `episodes[${index}]`;
    problems.push(...strikeProblems(path, episode), ...tierProblems(path, episode, value));
    const { fromMs, untilMs } = episode;
    if (fromMs < untilMs) continue;
    problems.push(
      `${path}.untilMs: the episode ends at ${untilMs} ms, which is not after its beginning at ${fromMs} ms; let it end later or remove it`,
    );
  }
  if (value.config?.effectDelay === 'unbounded') return problems;
  return [...problems, ...holdProblems(value, episodes)];
}

/** A crossing may be held back by every episode that lasts when it is made, and by what its actor carries on top. */
function holdProblems(value: Case, episodes: readonly Episode[]): string[] {
  const problems: string[] = [];
  let carried: ReadonlyMap<Site, number> | undefined;
  for (const [index, episode] of episodes.entries()) {
    const own = heldBackMs(episode);
    if (own === 0) continue;
    carried ??= mostCarriedMs(value);
    const before = (carried.get(episode.site) ?? 0) + heldByOthersMs(episodes, index);
    if (isWithinBound(before + own, own)) continue;
    problems.push(
      `episodes[${index}].ms: together with what else strikes at ${episode.site}, a request may take effect ` +
        `${lateness(before + own, before)} late, but delay is bounded by ${boundedEffectDelayMs} ms; ` +
        'shorten it or set config.effectDelay to "unbounded"',
    );
  }
  return problems;
}

/** How long the episodes before the `index`-th may hold a request back that it holds back too, milliseconds. */
function heldByOthersMs(episodes: readonly Episode[], index: number): number {
  const one = episodes[index];
  if (one === undefined) return 0;
  const there = episodes.slice(0, index).filter(({ site }) => site === one.site);
  let most = 0;
  // The sum can only grow where one of them begins.
  for (const atMs of [one.fromMs, ...there.map(({ fromMs }) => fromMs)]) {
    if (!lasts(one, atMs)) continue;
    const sum = there.reduce((ms, other) => ms + (lasts(other, atMs) ? heldBackMs(other) : 0), 0);
    most = Math.max(most, sum);
  }
  return most;
}

function lasts({ fromMs, untilMs }: Episode, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs;
}

/** By site, the longest that any one crossing is held back by faults at its address, milliseconds. */
function mostCarriedMs(value: Case): ReadonlyMap<Site, number> {
  const most = new Map<Site, number>();
  for (const faults of everyLoad(value)) {
    for (const { site, nth } of faults) {
      const here = faults.filter((other) => other.site === site && other.nth === nth);
      const sum = here.reduce((ms, fault) => ms + heldBackMs(fault), 0);
      most.set(site, Math.max(most.get(site) ?? 0, sum));
    }
  }
  return most;
}
