// The sequential meaning of a saga journal: what each operation does when it is alone. The memory journal is this
// table behind promises; every driver must agree with it.

import type {
  DrivenSaga,
  SagaClaim,
  SagaClaimAnswer,
  SagaJournal,
  SagaName,
  SagaOpening,
  SagaQuery,
  SagaRecord,
  SagaWrite,
  SagaWriteAnswer,
} from '../saga/journal.ts';
import { endings } from './endings.ts';

/** The same operations, synchronously. */
export type SagaTable = {
  readonly [Name in keyof SagaJournal]: (
    ...args: Parameters<SagaJournal[Name]>
  ) => Awaited<ReturnType<SagaJournal[Name]>>;
};

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function sagaTable(nowMs: () => number): SagaTable {
  const records = new Map<string, SagaRecord>();
  const ended = endings(nowMs);
  const find = (name: SagaName): SagaRecord | undefined => records.get(keyOf(name));

  const put = (record: SagaRecord): SagaRecord => {
    records.set(keyOf(record), record);
    if (hasEnded(record)) ended.mark(keyOf(record));
    return record;
  };

  const take = (asked: SagaOpening | SagaClaim, why: SagaClaim['why'] | 'opening'): SagaClaimAnswer => {
    const now = nowMs();
    const old = find(asked);
    if (old === undefined) return { owned: false, record: null, nowMs: now };
    if (holds(old, now) && old.attemptId === asked.attemptId) return { owned: true, record: old, nowMs: now };
    if (!mayTake(old, why, now)) return { owned: false, record: old, nowMs: now };
    const { attemptId, leaseMs } = asked;
    const record = put({ ...old, token: old.token + 1, attemptId, dueAtMs: now + leaseMs });
    return { owned: true, record, nowMs: now };
  };

  const write = (
    written: SagaWrite,
    change: (record: SagaRecord, now: number) => SagaRecord,
  ): SagaWriteAnswer => {
    const now = nowMs();
    const record = find(written);
    if (record?.token === written.token) {
      if (record.version === written.version) return { written: true, record, nowMs: now };
      if (record.version === written.version - 1 && record.attemptId !== undefined) {
        const { version, state, progress } = written;
        return {
          written: true,
          record: put(change({ ...record, version, state, progress }, now)),
          nowMs: now,
        };
      }
    }
    return { written: false, record: record ?? null, nowMs: now };
  };

  return {
    open(opening) {
      const old = find(opening);
      if (old === undefined) {
        const now = nowMs();
        return { owned: true, record: put(begun(opening, now)), nowMs: now };
      }
      if (old.fingerprint === opening.fingerprint) return take(opening, 'opening');
      return { owned: false, record: old, nowMs: nowMs() };
    },
    claim: (claim) => take(claim, claim.why),
    save: (saved) => write(saved, (record, now) => ({ ...record, dueAtMs: now + saved.leaseMs })),
    leave: (left) =>
      write(left, ({ attemptId: _, dueAtMs: __, ...record }, now) =>
        left.dueInMs === undefined ? record : { ...record, dueAtMs: now + left.dueInMs },
      ),
    renew(driven: DrivenSaga & { readonly leaseMs: number }) {
      const now = nowMs();
      const record = find(driven);
      if (record?.token !== driven.token || record.attemptId === undefined)
        return { written: false, record: record ?? null, nowMs: now };
      return { written: true, record: put({ ...record, dueAtMs: now + driven.leaseMs }), nowMs: now };
    },
    read: (name) => find(name) ?? null,
    list: (query) => listed([...records.values()], query, nowMs()),
    prune({ saga, ...request }) {
      const taken = ended.take(request, (key) => records.get(key)?.saga === saga);
      for (const key of taken) records.delete(key);
      return taken.length;
    },
  };
}

function begun(opening: SagaOpening, now: number): SagaRecord {
  const { saga, id, fingerprint, progress, attemptId, leaseMs } = opening;
  const first = { state: 'RUNNING', token: 1, version: 0, startedAtMs: now, dueAtMs: now + leaseMs } as const;
  return { saga, id, fingerprint, progress, attemptId, ...first };
}

function listed(
  records: readonly SagaRecord[],
  { sagas, queue, limit }: SagaQuery,
  now: number,
): readonly SagaRecord[] {
  const wanted = records.filter(({ saga }) => sagas.includes(saga));
  const queued =
    queue === 'repair'
      ? wanted
          .filter(({ state }) => state === 'FAILED_COMPENSATION')
          .sort(by(({ startedAtMs }) => startedAtMs))
      : wanted.filter((record) => mayTake(record, 'recovery', now)).sort(by(({ dueAtMs }) => dueAtMs ?? 0));
  return queued.slice(0, limit);
}

function hasEnded({ state, attemptId, dueAtMs }: SagaRecord): boolean {
  return (
    (state === 'COMPLETED' || state === 'COMPENSATED') && attemptId === undefined && dueAtMs === undefined
  );
}

/** Whether somebody drives the saga under an unexpired lease. */
function holds({ attemptId, dueAtMs }: SagaRecord, now: number): boolean {
  return attemptId !== undefined && dueAtMs !== undefined && dueAtMs > now;
}

function mayTake(record: SagaRecord, why: SagaClaim['why'] | 'opening', now: number): boolean {
  if (holds(record, now)) return false;
  if (why === 'recovery') return record.dueAtMs !== undefined && record.dueAtMs <= now;
  return record.dueAtMs !== undefined || (why === 'repair' && record.state === 'FAILED_COMPENSATION');
}

/** Among equals the order is that of the ids, so that every store lists alike. */
function by(instantMs: (record: SagaRecord) => number) {
  return (a: SagaRecord, b: SagaRecord): number =>
    instantMs(a) - instantMs(b) || (a.id < b.id ? -1 : Number(a.id > b.id));
}

function keyOf({ saga, id }: SagaName): string {
  return JSON.stringify([saga, id]);
}
