// Whether what was committed as news was told. A ledger's entry and the event that tells of it are one commit, so that neither
// is without the other; whoever marks an event as delivered before its subscriber has it loses it all the same.

import type { EventWrite, UnitOutcome } from '../../src/ledger/ledger-store.ts';
import type { DeliveryOutcome } from '../../src/ledger/outbox-store.ts';
import type { Crossing, History } from '../history/history.ts';
import { crossingsAt } from './crossings-at.ts';

/** How many events were committed, and the first that nobody was told of. */
export interface ToldNews {
  readonly judged: number;
  readonly untold?: { readonly id: string; readonly shown: readonly Crossing[] };
}

/**
 * Judges what became of each committed event. A target's subscriber leaves a log record of what it was told, with the event's type
 * as its `notice` and its id as what it is `about`; what was given up waits among the dead letters.
 */
export function judgeNews(history: History): ToldNews {
  const told = new Set(history.logs.map(({ record }) => `${record['notice']} ${record['about']}`));
  const settles = crossingsAt(history, 'outbox.settle');
  let judged = 0;
  for (const commit of crossingsAt(history, 'ledger.commit')) {
    for (const { id, type } of committedIn(commit)) {
      judged += 1;
      if (told.has(`${type} ${id}`)) continue;
      const own = settles.filter(({ request }) => (request as Settled).id === id);
      if (!own.some(isDead)) return { judged, untold: { id, shown: [commit, ...own] } };
    }
  }
  return { judged };
}

/** The events that a commit has brought into the outbox. */
function committedIn({ request, effect }: Crossing): readonly EventWrite[] {
  if (effect?.ok !== true) return [];
  const { outcomes = [] } = effect.value as { readonly outcomes?: readonly UnitOutcome[] };
  const fresh = new Set(outcomes.flatMap(({ newEvents }) => newEvents));
  const units = request as readonly { readonly events: readonly EventWrite[] }[];
  return fresh.size === 0 ? [] : units.flatMap(({ events }) => events.filter(({ id }) => fresh.has(id)));
}

interface Settled {
  readonly id: string;
  readonly outcome: DeliveryOutcome;
}

function isDead({ request, effect }: Crossing): boolean {
  return effect?.ok === true && effect.value === true && (request as Settled).outcome.kind === 'dead';
}
