// Fewer episodes and plainer ones. A fault that strikes at an address is plainer than weather of which only one strike
// mattered; the history says which crossings an episode struck.

import type { Case, Episode, Fault } from '../cases/case.ts';
import { type FaultKind, strikes } from '../faults/kinds.ts';
import type { History } from '../history/history.ts';
import { type Placed, withFault } from './boundaries.ts';
import { edited } from './edit.ts';
import { dropChunks, type Pass } from './pass.ts';
import { kindRank, plainest } from './plain-kinds.ts';

/** Of what an episode struck, so many crossings are tried as the one that mattered. */
const mostStrikes = 30;

/** Drops episodes in chunks, then puts a single fault in the place of each that is left. */
export const calmWeather: Pass = function* (from, history) {
  let current = yield* dropChunks(from, ({ episodes = [] }) => episodes.length, withoutEpisodes);
  for (let index = (current.episodes?.length ?? 0) - 1; index >= 0; index--) {
    const episode = current.episodes?.[index];
    if (episode === undefined) continue;
    const calm = edited(current, (draft) => void draft.episodes?.splice(index, 1));
    for (const strike of struckBy(episode, history).slice(0, mostStrikes)) {
      const candidate = withFault(calm, strike);
      if (!(yield candidate)) continue;
      current = candidate;
      break;
    }
  }
};

/** Makes each episode certain, its kind a plainer one, and its details those that are understood. */
export const plainWeather: Pass = function* (from) {
  let current = from;
  for (const index of (from.episodes ?? []).keys()) {
    const old = from.episodes?.[index]?.kind ?? 'response-lost';
    for (const change of [...details, ...plainest.slice(0, kindRank(old)).map(ofKind)]) {
      const candidate = edited(current, (draft) => {
        const episode = draft.episodes?.[index];
        if (episode !== undefined) change(episode);
      });
      if (yield candidate) current = candidate;
    }
  }
};

type Change = (episode: Episode) => unknown;

// The percentage comes first: a kind is replaced without it.
const details: readonly Change[] = [
  (episode) => Object.assign(episode, { percent: 100 }),
  (episode) => delete episode.ms,
  (episode) => delete episode.restartAfterMs,
  (episode) => delete episode.retryAfter,
];

/** Offered from the plainest on; whatever is offered after the one that is kept weighs more and is refused. */
function ofKind(kind: FaultKind): Change {
  return (episode) => {
    if (!strikes(kind, episode.site)) return;
    episode.kind = kind;
    for (const detail of details.slice(1)) detail(episode);
  };
}

function withoutEpisodes(subject: Case, dropped: (index: number) => boolean): Case {
  return edited(subject, (draft) => {
    draft.episodes = (draft.episodes ?? []).filter((_, index) => !dropped(index));
  });
}

/** What an episode struck before the world healed, as faults at addresses, in the order of the history. */
function struckBy(
  { site, kind, fromMs, untilMs, ms, restartAfterMs, retryAfter }: Episode,
  history: History,
) {
  const healedAt = history.incidents.find((incident) => incident.kind === 'healed')?.at.order;
  const struck: Placed[] = [];
  for (const { actor, site: where, nth, called, faults } of history.crossings) {
    if (called.order >= (healedAt ?? Number.POSITIVE_INFINITY)) break;
    if (where !== site || called.atMs < fromMs || called.atMs >= untilMs || !faults.includes(kind)) continue;
    const fault: Fault = {
      site,
      nth,
      kind,
      ...(ms === undefined ? {} : { ms }),
      ...(restartAfterMs === undefined ? {} : { restartAfterMs }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    };
    struck.push({ actor, fault });
  }
  return struck;
}
