// The sequential meaning of an inbox store: what each operation does when it is alone. The memory store is this table
// behind promises; every driver must agree with it.

import type {
  EffectWrite,
  FinishWrite,
  HeldEvent,
  InboxArrival,
  InboxClaim,
  InboxRecord,
  InboxStore,
  InboxWriteAnswer,
  ObjectPosition,
} from '../webhooks/inbox-store.ts';
import { endings } from './endings.ts';

/** The same operations, synchronously. */
export type InboxTable = {
  readonly [Name in keyof InboxStore]: (
    ...args: Parameters<InboxStore[Name]>
  ) => Awaited<ReturnType<InboxStore[Name]>>;
};

/**
 * Takes the new effects of one event into other books that commit together with the inbox, such as a ledger's table. What
 * it throws refuses the whole write, so it applies all of them or throws.
 */
export type ApplyEffects = (effects: readonly EffectWrite[]) => void;

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function inboxTable(nowMs: () => number, apply: ApplyEffects = () => {}): InboxTable {
  const records = new Map<string, InboxRecord>();
  /** Those that may still be claimed. */
  const unfinished = new Map<string, InboxRecord>();
  const positions = new Map<string, ObjectPosition>();
  const effects = new Map<string, string>();
  const done = endings(nowMs);
  const applied = endings(nowMs);
  let issued = 0;

  const put = (record: InboxRecord): InboxRecord => {
    records.set(record.id, record);
    if (record.state === 'DONE') done.mark(record.id);
    if (record.state === 'DONE' || record.state === 'DEAD') unfinished.delete(record.id);
    else unfinished.set(record.id, record);
    return record;
  };
  const write = (
    { id, token }: HeldEvent,
    change: (record: InboxRecord) => InboxRecord | 'moved',
  ): InboxWriteAnswer => {
    const record = records.get(id);
    if (record?.state !== 'CLAIMED' || record.token !== token) {
      return { written: false, why: 'lost', record: record ?? null };
    }
    const changed = change(record);
    if (changed === 'moved') return { written: false, why: 'moved', record };
    return { written: true, record: put(changed) };
  };
  const finished = (record: InboxRecord, { effects: wanted, move, dedupTtlMs }: FinishWrite) => {
    const revision = positions.get(record.object)?.revision ?? 0;
    if (move !== undefined && move.afterRevision !== revision) return 'moved';
    const unapplied = firstOfEach(wanted).filter(({ key }) => !effects.has(key));
    // First, because it may refuse.
    apply(unapplied);
    for (const { key, payload } of unapplied) effects.set(key, payload);
    for (const { key } of unapplied) applied.mark(key);
    if (move !== undefined) positions.set(record.object, { ...move.to, revision: revision + 1 });
    return { ...record, state: 'DONE' as const, expiresAtMs: nowMs() + dedupTtlMs };
  };

  const take = (request: ClaimRequest): InboxClaim | null => {
    const now = nowMs();
    const found = claimable([...unfinished.values()], request, now);
    if (found === undefined) return null;
    const record = isHeld(found, now) ? found : put(claimed(found, request, { token: ++issued, now }));
    return { record, position: positions.get(record.object) ?? null };
  };

  return {
    receive({ claim: asked, ...arrival }) {
      const old = records.get(arrival.id);
      const first = old === undefined || isNewAgain(old, nowMs());
      // What is new stands behind all others, under an id that had expired as well.
      if (first) records.delete(arrival.id);
      const kept = first ? put(fresh(arrival, nowMs())) : old;
      const claim = asked === undefined ? null : take({ ...asked, id: arrival.id });
      return { first, record: claim?.record ?? kept, claim: claim && { position: claim.position } };
    },
    claim: take,
    finish: (asked) => write(asked, (record) => finished(record, asked)),
    postpone: (asked) => write(asked, (record) => postponed(record, asked, nowMs() + asked.delayMs)),
    bury: (asked) => write(asked, (record) => ({ ...record, state: 'DEAD', failure: asked.failure })),
    revive(id) {
      const record = records.get(id);
      if (record?.state !== 'DEAD') return false;
      put({ ...record, state: 'READY', attempts: 0, parks: 0, dueAtMs: nowMs() });
      return true;
    },
    list: ({ state, limit }) =>
      [...records.values()].filter((record) => record.state === state).slice(0, limit),
    effect: (key) => effects.get(key) ?? null,
    prune({ olderThanMs, limit }) {
      const isOver = (id: string): boolean => isNewAgain(records.get(id), nowMs());
      const events = done.take({ olderThanMs, limit }, isOver);
      const keys = applied.take({ olderThanMs, limit: limit - events.length });
      for (const id of events) records.delete(id);
      for (const key of keys) effects.delete(key);
      return events.length + keys.length;
    },
  };
}

type ClaimRequest = Parameters<InboxStore['claim']>[0];

/** Whether the life of a DONE event is over. */
function isNewAgain(record: InboxRecord | undefined, now: number): boolean {
  return record?.expiresAtMs !== undefined && record.expiresAtMs <= now;
}

function isHeld({ state, dueAtMs }: InboxRecord, now: number): boolean {
  return state === 'CLAIMED' && dueAtMs > now;
}

/** The claim that the request made already, else the record that it may have; among those due at one time the one that came first. */
function claimable(
  records: readonly InboxRecord[],
  { attemptId, id }: ClaimRequest,
  now: number,
): InboxRecord | undefined {
  const held = records.filter((record) => isHeld(record, now));
  const busy = new Set(held.map(({ object }) => object));
  const own = held.find((record) => record.attemptId === attemptId);
  if (own !== undefined) return own;
  return records
    .filter(({ dueAtMs, object }) => dueAtMs <= now && !busy.has(object))
    .filter((record) => id === undefined || record.id === id)
    .sort((a, b) => a.dueAtMs - b.dueAtMs)[0];
}

function fresh(arrival: InboxArrival, now: number): InboxRecord {
  return {
    id: arrival.id,
    object: arrival.object,
    event: arrival.event,
    state: 'READY',
    token: 0,
    attemptId: '',
    attempts: 0,
    parks: 0,
    receivedAtMs: now,
    dueAtMs: now,
  };
}

function claimed(
  record: InboxRecord,
  { attemptId, leaseMs }: ClaimRequest,
  { token, now }: { readonly token: number; readonly now: number },
): InboxRecord {
  const attempts = record.attempts + 1;
  return { ...record, state: 'CLAIMED', token, attemptId, attempts, dueAtMs: now + leaseMs };
}

function postponed(
  record: InboxRecord,
  { parked, failure }: Parameters<InboxStore['postpone']>[0],
  dueAtMs: number,
): InboxRecord {
  const parks = record.parks + (parked ? 1 : 0);
  return { ...record, state: parked ? 'PARKED' : 'READY', parks, dueAtMs, failure };
}

function firstOfEach(effects: readonly EffectWrite[]): readonly EffectWrite[] {
  return effects.filter(({ key }, index) => effects.findIndex((other) => other.key === key) === index);
}
