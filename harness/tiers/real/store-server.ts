// A server that cases keep their stores in: found or started once, reached through the faulty proxy by workers and directly
// by whoever reads the books at the end.

import process from 'node:process';
import { type Striker, striker } from '../../backends/fault-acts.ts';
import { type Backend, findBackend, findOptions } from '../../backends/find.ts';
import { startTcpProxy } from '../../backends/tcp-proxy.ts';
import type { Drivers } from './drivers.ts';
import { openPostgresSpaces } from './postgres-space.ts';
import { openRedisSpaces } from './redis-space.ts';
import type { Spaces } from './spaces.ts';
import type { ServerKind, StoresAddress } from './stores-address.ts';

/** See the file comment. */
export interface StoreServer {
  /** Opens what one case needs: nothing of any other case is there. */
  open(nowMs: () => number): Promise<CaseStores>;
  /** Removes what cases have left, and ends the server if it was started here. */
  close(): Promise<void>;
}

/** The stores of one case. */
export interface CaseStores {
  readonly address: StoresAddress;
  /** Drivers that nothing befalls. */
  readonly drivers: Drivers;
  readonly strike: Striker;
}

/** Finds or starts a server. @throws BackendError when there is none to be had, with the command that would help. */
export async function startStoreServer(kind: ServerKind): Promise<StoreServer> {
  const backend = await findBackend(kind, findOptions(process.env));
  const { url } = backend;
  const { hostname, port } = new URL(url);
  const server = { host: hostname, port: Number(port) };
  const proxy = await startTcpProxy({ server, protocol: kind });
  const strike = striker({ proxy });
  const spaces = await openings[kind](url);
  return {
    async open(nowMs) {
      // What an earlier case has left on its way must not arrive in this one.
      proxy.pointTo(server);
      const { space, drivers } = await spaces.next(nowMs);
      return { address: { kind, url, port: proxy.port, space }, drivers, strike };
    },
    async close() {
      await spaces.close();
      await proxy.close();
      await backend.stop();
    },
  };
}

const openings: Readonly<Record<ServerKind, (url: Backend['url']) => Promise<Spaces>>> = {
  redis: openRedisSpaces,
  postgres: openPostgresSpaces,
};
