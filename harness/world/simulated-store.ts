// The durable idempotency store of a world: one table that outlives every process, reached by each process
// through the boundary.

import { StoreUnavailableError } from '../../src/errors/payment-error.ts';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import type { IdempotencyTable } from '../../src/stores/idempotency-table.ts';
import type { WireFailure } from '../faults/decide.ts';
import type { Site } from '../history/history.ts';
import type { Boundary } from './boundary.ts';

/** A process's connection to the table. Every operation is one crossing and is applied atomically. */
export function simulatedStore(table: IdempotencyTable, { cross }: Boundary): IdempotencyStore {
  const through = <Request, Reply>(site: Site, apply: (request: Request) => Reply) => {
    const fail = (failure: WireFailure): Error =>
      new StoreUnavailableError(
        `${site}: ${failure === 'refused' ? 'connection refused' : 'connection reset'}`,
      );
    return (request: Request): Promise<Reply> => cross({ site, request, apply: () => apply(request), fail });
  };
  return {
    claim: through('store.claim', table.claim),
    complete: through('store.complete', table.complete),
    fail: through('store.fail', table.fail),
    release: through('store.release', table.release),
    renew: through('store.renew', table.renew),
    suspend: through('store.suspend', table.suspend),
    advance: through('store.advance', table.advance),
    read: through('store.read', table.read),
    list: through('store.list', table.list),
  };
}
