// A server that cases keep their stores in: found or started once, reached through the faulty proxy by workers and directly
// by whoever reads the books at the end.

import process from 'node:process';
import { armedRedis } from '../../backends/armed-redis.ts';
import { type Striker, striker } from '../../backends/fault-acts.ts';
import { type Backend, findBackend, findOptions } from '../../backends/find.ts';
import { startTcpProxy, type TcpProxy } from '../../backends/tcp-proxy.ts';
import type { Drivers } from './drivers.ts';
import { redisDrivers } from './redis-drivers.ts';
import type { ServerKind, StoresAddress } from './stores-address.ts';

/** See the file comment. */
export interface StoreServer {
  /** Opens what one case needs: nothing of any other case is there. */
  open(nowMs: () => number): Promise<CaseStores>;
}

/** The stores of one case. */
export interface CaseStores {
  readonly address: StoresAddress;
  /** Drivers that nothing befalls. */
  readonly drivers: Drivers;
  readonly strike: Striker;
  close(): void;
}

/** Finds or starts a server. @throws BackendError when there is none to be had, with the command that would help. */
export async function startStoreServer(kind: ServerKind): Promise<StoreServer> {
  const backend = await findBackend(kind, findOptions(process.env));
  const { hostname, port } = new URL(backend.url);
  const server = { host: hostname, port: Number(port) };
  const proxy = await startTcpProxy({ server, protocol: kind });
  const strike = striker({ proxy });
  let cases = 0;
  return {
    async open(nowMs) {
      cases += 1;
      // What an earlier case has left on its way must not arrive in this one.
      proxy.pointTo(server);
      return openCase({ backend, proxy, strike, space: `paystorm-${process.pid}-${cases}`, nowMs });
    },
  };
}

interface Opening {
  readonly backend: Backend;
  readonly proxy: TcpProxy;
  readonly strike: Striker;
  readonly space: string;
  readonly nowMs: () => number;
}

function openCase({ backend, proxy, strike, space, nowMs }: Opening): CaseStores {
  const { url } = backend;
  const address: StoresAddress = { kind: 'redis', url, port: proxy.port, space };
  // Whoever reads the books waits as long as it takes: nothing is to be learned from its failing.
  const redis = armedRedis({
    url,
    port: Number(new URL(url).port),
    arm: async () => undefined,
    client: { commandTimeout: 10_000, socketTimeout: 10_000, connectTimeout: 10_000 },
  });
  return { address, drivers: redisDrivers({ redis, keyPrefix: space, nowMs }), strike, close: redis.close };
}
