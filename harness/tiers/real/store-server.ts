// A server that cases keep their stores in: found or started once, and reached through the faulty proxy.

import { urlAtPort } from '../../backends/arming.ts';
import { actOf, type Striker, striker } from '../../backends/fault-acts.ts';
import type { FaultKind } from '../../faults/kinds.ts';
import { isOfServer } from '../../faults/real-kinds.ts';
import type { Drivers } from './drivers.ts';
import { openHurtable } from './hurtable.ts';
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
  /** Whether a kind of fault can be brought about at this server. */
  canBefall(kind: FaultKind): boolean;
  /**
   * To be called when an operation failed that nothing befell.
   *
   * @throws BackendError (`died`) when that is because the server is gone, and from then on for every case.
   */
  insistAlive(): Promise<void>;
}

/** Finds or starts a server. @throws BackendError when there is none to be had, with the command that would help. */
export async function startStoreServer(kind: ServerKind): Promise<StoreServer> {
  const { url, proxy, servers, present, prepare, close, insistAlive: look } = await openHurtable(kind);
  const strike = striker({ proxy, ...servers });
  const canBefall = (kind: FaultKind): boolean =>
    !isOfServer(kind) || actOf({ kind, ms: 0 }, servers).where === 'server';
  let gone: unknown;
  const insistAlive = async (): Promise<void> => {
    if (gone === undefined) {
      await look?.().catch((error: unknown) => {
        gone = error;
      });
    }
    if (gone !== undefined) throw gone;
  };
  // Whoever reads the books goes through the proxy too, which knows where the primary is; nothing is armed for it.
  const spaces = await openings[kind](urlAtPort(url, proxy.port), prepare);
  return {
    async open(nowMs) {
      if (gone !== undefined) throw gone;
      // What an earlier case has left on its way must not arrive in this one.
      proxy.pointTo(present());
      const { space, drivers } = await spaces.next(nowMs);
      return { address: { kind, url, port: proxy.port, space }, drivers, strike, canBefall, insistAlive };
    },
    async close() {
      try {
        // Of a server that is gone there is nothing left to remove.
        await spaces.close();
      } finally {
        await close();
      }
    },
  };
}

const openings: Readonly<
  Record<ServerKind, (url: string, prepare: (schema: string) => Promise<void>) => Promise<Spaces>>
> = {
  redis: openRedisSpaces,
  postgres: openPostgresSpaces,
};
