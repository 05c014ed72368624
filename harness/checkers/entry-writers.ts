// Finds out who wrote an entry of the ledger; asked only when something is wrong with it.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { Crossing, History } from '../history/history.ts';

/** The operations that carried one of `entries` into the books, be it by a commit or with the end of an event. */
export function writersOf({ crossings }: History, entries: readonly PostedEntry[]): readonly Crossing[] {
  const keys = entries.map(({ key }) => JSON.stringify(key).slice(1, -1));
  return crossings.filter(({ site, request, applied }) => {
    if (applied === undefined || (site !== 'ledger.commit' && site !== 'inbox.finish')) return false;
    const text = JSON.stringify(request);
    return keys.some((key) => text.includes(key));
  });
}
