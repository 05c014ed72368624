// The sequential meaning of an idempotency store: what each operation does when it is alone. The memory
// store is this table behind promises; every driver must agree with it.

import type {
  ClaimAnswer,
  ClaimRequest,
  IdempotencyRecord,
  IdempotencyStore,
  Owned,
  WriteAnswer,
} from '../idempotency/store.ts';

/** The same operations, synchronously. */
export type IdempotencyTable = {
  readonly [Name in keyof IdempotencyStore]: (
    ...args: Parameters<IdempotencyStore[Name]>
  ) => Awaited<ReturnType<IdempotencyStore[Name]>>;
};

/** An empty table whose every decision about time uses `nowMs` (milliseconds, must not run backwards). */
export function idempotencyTable(nowMs: () => number): IdempotencyTable {
  const records = new Map<string, IdempotencyRecord>();

  const put = (record: IdempotencyRecord): IdempotencyRecord => {
    records.set(record.key, record);
    return record;
  };

  const write = (
    owned: Owned,
    change: (record: IdempotencyRecord, now: number) => IdempotencyRecord,
  ): WriteAnswer => {
    const now = nowMs();
    const record = records.get(owned.key);
    if (record === undefined || record.token !== owned.token || record.state !== 'IN_FLIGHT') {
      return { written: false, record: record ?? null, nowMs: now };
    }
    return { written: true, record: put(change(record, now)), nowMs: now };
  };

  return {
    claim(request) {
      const now = nowMs();
      const old = records.get(request.key);
      const answer = claimed(request, old, now);
      if (answer.owned && answer.record !== old) put(answer.record);
      return answer;
    },
    complete: (owned) =>
      write(owned, (record, now) => ({
        ...decided(record, now + owned.ttlMs),
        state: 'COMPLETED',
        result: owned.result,
      })),
    fail: (owned) =>
      write(owned, (record, now) => ({
        ...decided(record, now + owned.ttlMs),
        state: 'FAILED',
        failure: owned.failure,
      })),
    release: (owned) => write(owned, (record) => ({ ...record, state: 'RELEASED', unresolved: false })),
    renew: (owned) => write(owned, (record, now) => ({ ...record, leaseUntilMs: now + owned.leaseMs })),
    suspend: (owned) =>
      write(owned, (record, now) => ({
        ...record,
        state: owned.state,
        unresolved: true,
        sendableUntilMs: owned.sent ? now : record.sendableUntilMs,
        ...(owned.sealed ? { sealedAtMs: record.sealedAtMs ?? now } : {}),
        ...(owned.gatewayId === undefined ? {} : { gatewayId: owned.gatewayId }),
      })),
    advance: (owned) =>
      write(owned, ({ sealedAtMs: _, ...record }, now) => ({
        ...record,
        generation: record.generation + 1,
        keyUsedFromMs: now,
        unresolved: false,
      })),
    read: (key) => records.get(key) ?? null,
    list({ limit }) {
      const now = nowMs();
      return [...records.values()]
        .filter((record) => isUnfinished(record, now))
        .sort((a, b) => a.leaseUntilMs - b.leaseUntilMs)
        .slice(0, limit);
    },
  };
}

function isUnfinished(record: IdempotencyRecord, now: number): boolean {
  if (record.state === 'IN_FLIGHT') return record.leaseUntilMs <= now;
  return record.state === 'UNKNOWN' || record.state === 'PENDING';
}

function decided(record: IdempotencyRecord, expiresAtMs: number): IdempotencyRecord {
  return { ...record, expiresAtMs, unresolved: false };
}

function claimed(request: ClaimRequest, old: IdempotencyRecord | undefined, now: number): ClaimAnswer {
  const owned = (record: IdempotencyRecord): ClaimAnswer => ({ owned: true, record, nowMs: now });
  if (old === undefined) return owned(fresh(request, now, { token: 1, epoch: 0, generation: 0 }));
  if (old.state === 'RELEASED') {
    return owned({
      ...fresh(request, now, { ...old, token: old.token + 1 }),
      keyUsedFromMs: old.keyUsedFromMs,
    });
  }
  if (old.expiresAtMs !== undefined && old.expiresAtMs <= now) {
    return owned(fresh(request, now, { token: old.token + 1, epoch: old.epoch + 1, generation: 0 }));
  }
  if (old.fingerprint !== request.fingerprint) return { owned: false, record: old, nowMs: now };
  if (old.state === 'IN_FLIGHT' && old.attemptId === request.attemptId) return owned(old);
  if (isUnfinished(old, now)) return owned(takenOver(request, old, now));
  return { owned: false, record: old, nowMs: now };
}

function fresh(
  request: ClaimRequest,
  now: number,
  counters: Pick<IdempotencyRecord, 'token' | 'epoch' | 'generation'>,
): IdempotencyRecord {
  return {
    key: request.key,
    state: 'IN_FLIGHT',
    fingerprint: request.fingerprint,
    request: request.request,
    token: counters.token,
    attemptId: request.attemptId,
    epoch: counters.epoch,
    generation: counters.generation,
    leaseUntilMs: now + request.leaseMs,
    sendableUntilMs: now,
    keyUsedFromMs: now,
    unresolved: false,
  };
}

function takenOver(request: ClaimRequest, old: IdempotencyRecord, now: number): IdempotencyRecord {
  return {
    ...old,
    state: 'IN_FLIGHT',
    token: old.token + 1,
    attemptId: request.attemptId,
    leaseUntilMs: now + request.leaseMs,
    // A crashed owner may have sent until its lease ended; one that suspended has said when it last sent.
    sendableUntilMs:
      old.state === 'IN_FLIGHT' ? Math.max(old.sendableUntilMs, old.leaseUntilMs) : old.sendableUntilMs,
    unresolved: true,
  };
}
