// Planted bugs of the idempotency class: in the store itself. Each is the reference's table behind a view that gets
// one thing wrong.

import type { IdempotencyRecord, WriteAnswer } from '../../src/idempotency/store.ts';
import { type IdempotencyTable, idempotencyTable } from '../../src/stores/idempotency-table.ts';
import { everywhere, type Mutant, type Planted, plant } from './mutant.ts';

/** How many claims a token has counted when a slot changes hands; `before` is what the claimer found. */
type Counting = (token: number, before: IdempotencyRecord) => number;

/** A table that counts its fencing tokens in another way. */
function renumbered(table: IdempotencyTable, count: Counting): IdempotencyTable {
  const tokens = new Map<string, number>();
  const seen = (record: IdempotencyRecord): IdempotencyRecord => ({
    ...record,
    token: tokens.get(record.key) ?? record.token,
  });
  const written = (answer: WriteAnswer): WriteAnswer =>
    answer.written
      ? { ...answer, record: seen(answer.record) }
      : { ...answer, record: answer.record === null ? null : seen(answer.record) };
  /** The write under the real token, if the one that it names is the present one. */
  const owning = <Write extends { readonly key: string; readonly token: number }>(write: Write): Write => {
    const record = table.read(write.key);
    const isOwner = record !== null && seen(record).token === write.token;
    return { ...write, token: isOwner ? record.token : -1 };
  };
  return {
    claim(request) {
      const before = table.read(request.key);
      const answer = table.claim(request);
      if (before === null || before.token === answer.record.token)
        return { ...answer, record: seen(answer.record) };
      tokens.set(request.key, count(seen(before).token, before));
      return { ...answer, record: seen(answer.record) };
    },
    complete: (write) => written(table.complete(owning(write))),
    fail: (write) => written(table.fail(owning(write))),
    release: (write) => written(table.release(owning(write))),
    renew: (write) => written(table.renew(owning(write))),
    suspend: (write) => written(table.suspend(owning(write))),
    advance: (write) => written(table.advance(owning(write))),
    read(key) {
      const record = table.read(key);
      return record === null ? null : seen(record);
    },
    list: (query) => table.list(query).map(seen),
  };
}

/** A table whose final writes look at neither token nor state: an UPDATE without a condition. */
function lastWriteWins(table: IdempotencyTable): IdempotencyTable {
  const overwritten = new Map<string, IdempotencyRecord>();
  const shown = (record: IdempotencyRecord): IdempotencyRecord => {
    const over = overwritten.get(record.key);
    if (over !== undefined && over.token === record.token) return over;
    overwritten.delete(record.key);
    return record;
  };
  const overwriting = <Write extends { readonly key: string; readonly token: number }>(
    write: Write,
    {
      apply,
      as,
    }: {
      readonly apply: (write: Write) => WriteAnswer;
      readonly as: (record: IdempotencyRecord) => IdempotencyRecord;
    },
  ): WriteAnswer => {
    const before = table.read(write.key);
    const answer = apply({ ...write, token: before?.token ?? write.token });
    if (answer.written || answer.record === null || answer.record.expiresAtMs === undefined) return answer;
    const record = as(answer.record);
    overwritten.set(write.key, record);
    return { written: true, record, nowMs: answer.nowMs };
  };
  return {
    ...table,
    claim(request) {
      const answer = table.claim(request);
      return { ...answer, record: shown(answer.record) };
    },
    complete: (write) =>
      overwriting(write, {
        apply: table.complete,
        as: ({ failure: _failed, ...record }) => ({ ...record, state: 'COMPLETED', result: write.result }),
      }),
    fail: (write) =>
      overwriting(write, {
        apply: table.fail,
        as: ({ result: _result, ...record }) => ({ ...record, state: 'FAILED', failure: write.failure }),
      }),
    read(key) {
      const record = table.read(key);
      return record === null ? null : shown(record);
    },
  };
}

/** A table that keeps leases for `factor` times as long as it was asked to. */
const leasesTimes = (table: IdempotencyTable, factor: number): IdempotencyTable => ({
  ...table,
  claim: (request) => table.claim({ ...request, leaseMs: request.leaseMs * factor }),
  renew: (write) => table.renew({ ...write, leaseMs: write.leaseMs * factor }),
});

const planted: readonly Planted[] = [
  {
    id: 'takeover-keeps-the-token',
    class: 'idempotency',
    mistake: 'who takes an abandoned claim over gets the token of the one who abandoned it',
    exposure: everywhere({ breaks: 'S4', requests: 1, faults: 1 }),
    parts: {},
    table: (nowMs) =>
      renumbered(idempotencyTable(nowMs), (token, { state }) => (state === 'RELEASED' ? token + 1 : token)),
  },
  {
    id: 'token-counter-lost-on-release',
    class: 'idempotency',
    mistake: 'a released slot is deleted, and the counter of its tokens with it',
    exposure: everywhere({ breaks: 'S4', requests: 1, faults: 1 }),
    parts: {},
    table: (nowMs) =>
      renumbered(idempotencyTable(nowMs), (token, { state }) => (state === 'RELEASED' ? 1 : token + 1)),
  },
  {
    id: 'last-write-wins',
    class: 'idempotency',
    mistake: 'the result is written without looking whose the record is and whether it is final already',
    exposure: everywhere({ breaks: 'S4', requests: 1, faults: 1 }),
    parts: {},
    table: (nowMs) => lastWriteWins(idempotencyTable(nowMs)),
  },
  {
    id: 'takeover-before-the-lease-ends',
    class: 'idempotency',
    mistake: 'the store takes half of the lease for enough, so that takeovers are quicker',
    exposure: everywhere({ breaks: 'S4', requests: 1, faults: 1 }),
    parts: {},
    table: (nowMs) => leasesTimes(idempotencyTable(nowMs), 0.5),
  },
  {
    id: 'takeover-long-after-the-lease',
    class: 'idempotency',
    mistake: 'the store keeps an abandoned claim for twice its lease, and the payment waits as long',
    exposure: everywhere({ breaks: 'L2', requests: 2, faults: 1 }),
    parts: {},
    table: (nowMs) => leasesTimes(idempotencyTable(nowMs), 2),
  },
];

/** Planted bugs in the store. */
export const tableMutants: readonly Mutant[] = planted.map(plant);
