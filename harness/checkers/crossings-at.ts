// The crossings of a history by their site. Most checkers of orders ask for a few sites each, and going through all crossings
// for each question takes longer than answering it.

import type { Crossing, History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';

// Only the latest, as of views.
let latest:
  | { readonly history: History; readonly bySite: ReadonlyMap<Site, readonly Crossing[]> }
  | undefined;

const none: readonly Crossing[] = [];

/** The crossings of one site in the order of the calls. */
export function crossingsAt(history: History, site: Site): readonly Crossing[] {
  if (latest?.history !== history)
    latest = { history, bySite: Map.groupBy(history.crossings, (crossing) => crossing.site) };
  return latest.bySite.get(site) ?? none;
}
