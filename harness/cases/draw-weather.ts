// Draws weather: outages, brown-outs, storms of 429s, crash loops. Breakers and limiters are made for it, and whatever
// retries into it meets the same trouble again.

import type { Random } from 'fast-check';
import { heldBackMs, roundTripMs } from '../faults/assumptions.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { boundedEffectDelayMs } from '../gateway-twin/profiles.ts';
import type { Site } from '../history/sites.ts';
import type { Episode } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { drawDetails } from './draw-faults.ts';
import type { FaultMenu } from './fault-menu.ts';

const counts = [1, 1, 1, 2] as const;
const fromsMs = [0, 0, 0, 0, 25, 1_000, 9_000] as const;
const durationsMs = [100, 500, 2_000, 5_000, 10_000, 40_000, 200_000] as const;
const outagesMs = [2_000, 5_000, 5_000, 10_000, 20_000, 60_000] as const;
const outageFromsMs = [0, 0, 0, 0, 0, 0, 25, 2_000] as const;
const outagePercents = [100, 100, 100, 100, 80, 50] as const;
const percents = [100, 100, 100, 80, 50, 20] as const;

/** What a breaker counts against the gateway, or sees last long; what is told at once is listed more than once. */
const failing: readonly FaultKind[] = [
  ...(['refused', 'refused', 'request-lost', 'request-lost', 'response-lost', 'response-lost'] as const),
  'dns',
  'reset-mid-body',
  'malformed-json',
  'hang',
  'drip',
  'late',
  'slow',
  '500-before-commit',
  '500-after-commit',
  'edge-504',
];
/** What a breaker must not count: a gateway that answers definitely works. */
const definite = [
  ...(['rate-limited', 'rate-limited'] as const),
  'in-progress',
  'bodyless-409',
  'hard-decline',
] as const satisfies readonly FaultKind[];
/** How long after an outage the next one begins, in which a breaker may have recovered from the first. */
const calmsMs = [1_000, 2_000, 6_000, 12_000] as const;
const sites = [
  ...(['gateway.authorize', 'gateway.authorize', 'gateway.authorize', 'gateway.authorize'] as const),
  ...(['gateway.lookup', 'gateway.lookup', 'gateway.lookup'] as const),
  ...(['store.claim', 'store.claim', 'store.complete', 'store.complete'] as const),
  'store.suspend',
  'store.renew',
  'client.charge',
] as const;

/** Draws up to two episodes; outages of the gateway, for the most part, for a case that is about a breaker. */
export function drawWeather(
  dice: Random,
  menu: FaultMenu,
  guard: 'breaker' | 'limit' | undefined,
): Episode[] {
  const episodes: Episode[] = [];
  for (let left: number = pick(dice, counts); left > 0; left--) {
    const episode = guard === 'breaker' && often(dice, 85) ? drawOutage(dice) : drawEpisode(dice, menu);
    if (episode !== undefined && isTimely(episode, episodes)) episodes.push(episode);
  }
  if (guard === 'breaker' && often(dice, 25)) relapse(dice, episodes);
  return episodes;
}

/** The same trouble once more, a while after it was over: what a breaker should have forgotten by then shows. */
function relapse(dice: Random, episodes: Episode[]): void {
  const [first] = episodes;
  if (first === undefined || heldBackMs(first) > 0) return;
  const fromMs = first.untilMs + pick(dice, calmsMs);
  episodes.push({ ...first, fromMs, untilMs: fromMs + pick(dice, outagesMs) });
}

function drawOutage(dice: Random): Episode {
  const kind = pickFrom(dice, often(dice, 20) ? definite : failing) ?? 'response-lost';
  const site = 'gateway.authorize';
  const fromMs = pick(dice, outageFromsMs);
  const untilMs = fromMs + pick(dice, outagesMs);
  const percent = pick(dice, outagePercents);
  return { fromMs, untilMs, site, kind, percent, ...drawDetails(dice, kind, site) };
}

function drawEpisode(dice: Random, menu: FaultMenu): Episode | undefined {
  const site: Site = pick(dice, sites);
  const kind = pickFrom(dice, often(dice, 60) ? menu.undeciding(site) : menu.at(site));
  if (kind === undefined) return undefined;
  const fromMs = pick(dice, fromsMs);
  const untilMs = fromMs + pick(dice, durationsMs);
  return { fromMs, untilMs, site, kind, percent: pick(dice, percents), ...drawDetails(dice, kind, site) };
}

/** Whether it leaves every request in time, whatever the others at its site hold back. */
function isTimely(episode: Episode, others: readonly Episode[]): boolean {
  const ms = heldBackMs(episode);
  if (ms === 0) return true;
  return (
    ms + roundTripMs <= boundedEffectDelayMs &&
    others.every((other) => other.site !== episode.site || heldBackMs(other) === 0)
  );
}
