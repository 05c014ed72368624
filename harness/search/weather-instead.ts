// Several faults of one site are often one trouble that lasts. As weather it is one thing.

import type { Episode } from '../cases/case.ts';
import { strikes as canStrike, type FaultKind } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import { edited } from './edit.ts';
import type { Pass } from './pass.ts';
import { type Strike, strikesOf } from './strikes.ts';

/**
 * Lets one episode strike in place of all faults of a site, with each of their kinds in turn, and as the plainest
 * trouble that goes on: nothing arrives.
 */
export const weatherInstead: Pass = function* (from, history) {
  const bySite = Map.groupBy(strikesOf(from, history), ({ fault }) => fault.site);
  for (const [site, strikes] of bySite) {
    const [first, ...others] = strikes;
    if (first === undefined || others.length === 0) continue;
    for (const { kind, ms } of kindsOf([first, ...others])) {
      const candidate = edited(from, (draft) => {
        // The later ones go first, so that the places of the earlier ones still hold.
        for (const { drop } of strikes.toReversed()) drop(draft);
        draft.episodes = [...(draft.episodes ?? []), episodeOver(strikes, { site, kind, ms })];
      });
      if (yield candidate) return;
    }
  }
};

interface Kind {
  readonly kind: FaultKind;
  readonly ms: number | undefined;
}

function kindsOf(strikes: readonly [Strike, ...Strike[]]): readonly Kind[] {
  const kinds = new Map<FaultKind, Kind>();
  for (const { fault } of strikes) {
    const { kind, ms } = fault;
    if (!kinds.has(kind)) kinds.set(kind, { kind, ms });
  }
  const { site } = strikes[0].fault;
  const plain: Kind = { kind: 'request-lost', ms: undefined };
  return [...kinds.values(), ...(canStrike(plain.kind, site) && !kinds.has(plain.kind) ? [plain] : [])];
}

/** From the start, which is the simplest, until the last fault has struck. */
function episodeOver(
  strikes: readonly Strike[],
  { site, kind, ms }: Kind & { readonly site: Site },
): Episode {
  const untilMs = Math.max(...strikes.map(({ atMs }) => atMs)) + 1;
  return { fromMs: 0, untilMs, site, kind, percent: 100, ...(ms === undefined ? {} : { ms }) };
}
