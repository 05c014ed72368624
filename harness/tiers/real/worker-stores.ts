// The stores of a worker: real drivers over connections through the faulty proxy, each of which the orchestrator is told of
// before an operation that something is to befall.

import { AsyncLocalStorage } from 'node:async_hooks';
import { armedPostgres } from '../../backends/armed-postgres.ts';
import { armedRedis } from '../../backends/armed-redis.ts';
import type { Arm } from '../../backends/arming.ts';
import { type Drivers, operate } from './drivers.ts';
import type { Order } from './messages.ts';
import { postgresDrivers } from './postgres-drivers.ts';
import { redisDrivers } from './redis-drivers.ts';
import type { StoresAddress } from './stores-address.ts';
import type { Desk } from './worker-desk.ts';

/** One operation that a worker is ordered to make. */
export type Operation = Extract<Order, { readonly kind: 'operate' }>;

/** See the file comment. */
export interface WorkerStores {
  operate(operation: Operation): Promise<unknown>;
  /** Ends the connections. */
  close(): void;
}

/** The stores at an address, on the desk's clock. */
export function workerStores(address: StoresAddress, desk: Desk): WorkerStores {
  const operating = new AsyncLocalStorage<Operation>();
  const arm: Arm = async (connection) => {
    const operation = operating.getStore();
    if (operation === undefined || !operation.armed) return undefined;
    const { localPort, processId = 0 } = connection;
    const values = [operation.id, { localPort, processId }];
    return (await desk.ask({ port: 'faults', method: 'arm', values })) as Awaited<ReturnType<Arm>>;
  };
  const { drivers, close } = openDrivers(address, { arm, nowMs: desk.nowMs });
  return { operate: (operation) => operating.run(operation, () => operate(drivers, operation)), close };
}

interface Opening {
  readonly arm: Arm;
  readonly nowMs: () => number;
}

function openDrivers(
  { kind, url, port, space }: StoresAddress,
  { arm, nowMs }: Opening,
): { readonly drivers: Drivers; close(): void } {
  if (kind === 'redis') {
    const redis = armedRedis({ url, port, arm });
    return { drivers: redisDrivers({ redis, keyPrefix: space, nowMs }), close: redis.close };
  }
  const pool = armedPostgres({ url, port, arm });
  return { drivers: postgresDrivers({ pool, schema: space, nowMs }), close: pool.close };
}
