// What the stores of a shop hold, read from the real ones whenever the world has come to rest: whoever looks in between
// sees what was there then.

import type { PostedEntry } from '../../../src/ledger/ledger-store.ts';
import type { SagaName, SagaRecord } from '../../../src/saga/journal.ts';
import type { InboxRecord, InboxState } from '../../../src/webhooks/inbox-store.ts';
import type { Crossing } from '../../history/history.ts';
import type { ShopStores } from '../../shop/stores.ts';
import type { Drivers } from './drivers.ts';
import { patiently } from './patience.ts';

/** See the file comment. */
export interface StoreView extends Pick<ShopStores, 'sagas' | 'entries' | 'inbox' | 'untold'> {
  /** How many calls the store of idempotency records has not decided yet. */
  undecided(): number;
  /** Reads anew, if anything was crossed since. */
  refresh(): Promise<void>;
}

const states: readonly InboxState[] = ['READY', 'PARKED', 'CLAIMED', 'DONE', 'DEAD'];

/** More than any case leaves behind. */
const everything = 100_000;

/** The view of the stores behind `drivers`; `crossings` are all of the run. */
export function storeView(drivers: Drivers, crossings: readonly Crossing[]): StoreView {
  const begun = new Map<string, SagaName>();
  const untold = new Set<string>();
  let seen = 0;
  let undecided = 0;
  let sagas: readonly SagaRecord[] = [];
  let entries: readonly PostedEntry[] = [];
  let inbox: readonly InboxRecord[] = [];

  const note = (crossing: Crossing): void => {
    const { site, request } = crossing;
    if (site === 'saga.open') {
      const { saga, id } = request as SagaName;
      begun.set(JSON.stringify([saga, id]), { saga, id });
    }
  };

  return {
    sagas: () => sagas,
    entries: () => entries,
    inbox: () => inbox,
    untold: () => untold.size,
    undecided: () => undecided,
    async refresh() {
      if (seen === crossings.length) return;
      for (const crossing of crossings.slice(seen)) note(crossing);
      seen = crossings.length;
      const [open, known, posted, ...events] = await Promise.all([
        patiently(() => drivers.store.list({ limit: everything })),
        Promise.all([...begun.values()].map((name) => patiently(() => drivers.saga.read(name)))),
        patiently(() => drivers.ledger.entries({ after: 0, limit: everything })),
        ...states.map((state) => patiently(() => drivers.inbox.list({ state, limit: everything }))),
      ]);
      undecided = open.length;
      sagas = known.flatMap((saga) => saga ?? []);
      entries = posted;
      inbox = events.flat().sort((a, b) => a.receivedAtMs - b.receivedAtMs);
      untold.clear();
      for (const id of untoldAmong(crossings)) untold.add(id);
    },
  };
}

/** Events of the outbox that are neither delivered nor given up. */
function untoldAmong(crossings: readonly Crossing[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const { site, effect, request } of crossings) {
    if (effect?.ok !== true) continue;
    if (site === 'ledger.commit') for (const id of newEvents(effect.value)) ids.add(id);
    if (site === 'outbox.settle' && effect.value === true) {
      const { id, outcome } = request as { readonly id: string; readonly outcome: { readonly kind: string } };
      if (outcome.kind !== 'failed') ids.delete(id);
    }
  }
  return ids;
}

function newEvents(answer: unknown): readonly string[] {
  const { outcomes = [] } = answer as {
    readonly outcomes?: readonly { readonly newEvents: readonly string[] }[];
  };
  return outcomes.flatMap((outcome) => outcome.newEvents);
}
