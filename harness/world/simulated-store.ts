// The durable idempotency store of a world: one table that outlives every process, reached by each process
// through the boundary. What crosses is copied, as a wire would: a program that changes what it sent or was given
// must not reach into the table or the history.

import { StoreUnavailableError } from '../../src/errors/payment-error.ts';
import type { IdempotencyRecord, IdempotencyStore } from '../../src/idempotency/store.ts';
import type { IdempotencyTable } from '../../src/stores/idempotency-table.ts';
import type { WireFailure } from '../faults/decide.ts';
import type { Site } from '../history/history.ts';
import type { Boundary } from './boundary.ts';

/** A process's connection to the table. Every operation is one crossing and is applied atomically. */
export function simulatedStore(table: IdempotencyTable, { cross }: Boundary): IdempotencyStore {
  const through = <Request, Reply>(
    site: Site,
    apply: (request: Request) => Reply,
    handed: (reply: Reply) => Reply,
  ) => {
    const fail = (failure: WireFailure): Error =>
      new StoreUnavailableError(
        `${site}: ${failure === 'refused' ? 'connection refused' : 'connection reset'}`,
      );
    return (request: Request): Promise<Reply> =>
      cross({ site, request, apply: () => apply(request), handed, fail });
  };
  const claim = through('store.claim', table.claim, withCopy);
  const complete = through('store.complete', table.complete, withCopy);
  const fail = through('store.fail', table.fail, withCopy);
  const release = through('store.release', table.release, withCopy);
  const renew = through('store.renew', table.renew, withCopy);
  const suspend = through('store.suspend', table.suspend, withCopy);
  const advance = through('store.advance', table.advance, withCopy);
  const list = through('store.list', table.list, (records) => records.map(copyOf));
  return {
    claim: (request) => claim({ ...request }),
    complete: (write) => complete({ ...write }),
    fail: (write) => fail({ ...write, failure: { ...write.failure } }),
    release: (write) => release({ ...write }),
    renew: (write) => renew({ ...write }),
    suspend: (write) => suspend({ ...write }),
    advance: (write) => advance({ ...write }),
    read: through('store.read', table.read, (record) => record && copyOf(record)),
    list: (query) => list({ ...query }),
  };
}

function withCopy<Reply extends { readonly record: IdempotencyRecord | null }>(reply: Reply): Reply {
  return { ...reply, record: reply.record && copyOf(reply.record) };
}

function copyOf(record: IdempotencyRecord): IdempotencyRecord {
  const { failure } = record;
  return failure === undefined ? { ...record } : { ...record, failure: { ...failure } };
}
