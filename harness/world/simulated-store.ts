// The durable idempotency store of a world: one table that outlives every process, reached by each process
// through the boundary. What crosses is copied, as a wire would: a program that changes what it sent or was given
// must not reach into the table or the history.

import { StoreUnavailableError } from '../../src/errors/payment-error.ts';
import type { IdempotencyRecord, IdempotencyStore, WriteAnswer } from '../../src/idempotency/store.ts';
import type { IdempotencyTable } from '../../src/stores/idempotency-table.ts';
import type { WireFailure } from '../faults/decide.ts';
import { type Site, sites } from '../history/sites.ts';
import type { Boundary } from './boundary.ts';

/** A process's connection to the table. Every operation is one crossing and is applied atomically. */
export function simulatedStore(table: IdempotencyTable, { cross }: Boundary): IdempotencyStore {
  function write<Request extends object>(
    site: Site,
    asked: Request,
    apply: (request: Request) => WriteAnswer,
  ): Promise<WriteAnswer> {
    const request = { ...asked };
    return cross({ site, request, apply: () => apply(request), handed: withCopy, fail: storeFailures[site] });
  }
  return {
    claim(asked) {
      const site = 'store.claim';
      const request = { ...asked };
      return cross({
        site,
        request,
        apply: () => table.claim(request),
        handed: withCopy,
        fail: storeFailures[site],
      });
    },
    complete: (asked) => write('store.complete', asked, table.complete),
    fail: (asked) => write('store.fail', { ...asked, failure: { ...asked.failure } }, table.fail),
    release: (asked) => write('store.release', asked, table.release),
    renew: (asked) => write('store.renew', asked, table.renew),
    suspend: (asked) => write('store.suspend', asked, table.suspend),
    advance: (asked) => write('store.advance', asked, table.advance),
    read(request) {
      const site = 'store.read';
      const handed = (record: IdempotencyRecord | null) => record && copyOf(record);
      return cross({ site, request, apply: () => table.read(request), handed, fail: storeFailures[site] });
    },
    list(asked) {
      const site = 'store.list';
      const request = { ...asked };
      const handed = (records: readonly IdempotencyRecord[]) => records.map(copyOf);
      return cross({ site, request, apply: () => table.list(request), handed, fail: storeFailures[site] });
    },
  };
}

/** What a broken wire to a store says, by the operation that it broke. */
export const storeFailures = Object.fromEntries(sites.map((site) => [site, failing(site)])) as Readonly<
  Record<Site, (failure: WireFailure) => Error>
>;

function failing(site: Site): (failure: WireFailure) => Error {
  return (failure) =>
    new StoreUnavailableError(
      `${site}: ${failure === 'refused' ? 'connection refused' : 'connection reset'}`,
    );
}

function withCopy<Reply extends { readonly record: IdempotencyRecord | null }>(reply: Reply): Reply {
  return { ...reply, record: reply.record && copyOf(reply.record) };
}

function copyOf(record: IdempotencyRecord): IdempotencyRecord {
  const { failure } = record;
  return failure === undefined ? { ...record } : { ...record, failure: { ...failure } };
}
