// The stores of a process in another tier than the simulator: every operation is a crossing, and what is done on the other
// side of it the worker does, through a real driver.

import type { FaultKind } from '../../faults/kinds.ts';
import { realFaultKinds } from '../../faults/real-kinds.ts';
import { type Site, sites } from '../../history/sites.ts';
import { type Boundary, Outside, Unheard } from '../../world/boundary.ts';
import { plainCopy } from '../../world/plain-copy.ts';
import { storeFailures } from '../../world/simulated-store.ts';
import { type Drivers, storeFamilies } from './drivers.ts';
import { type Lanes, laneOf } from './lanes.ts';
import type { RemoteProcess } from './remote-process.ts';
import { unheardEffect } from './unheard.ts';

/** The kinds that a real network and a real server bring about; the world does the rest. */
const befallen: ReadonlySet<FaultKind> = new Set(['refused', 'request-lost', ...realFaultKinds]);

/** Families whose records tell what became of a write that nobody heard of; of others the world itself loses the answer. */
const telling: ReadonlySet<string> = new Set(['store', 'saga']);

/** Who does what the stores of a process are asked for. */
export interface StoreHands {
  /** Asked for only when something is done. */
  readonly self: () => RemoteProcess;
  /** Drivers that nothing befalls, for asking what became of what nobody heard of. */
  readonly drivers: Drivers;
  readonly nowMs: () => number;
  /** Shared by all processes. */
  readonly turn: Lanes;
  /** Told that an operation failed which nothing had befallen. */
  readonly unexpected: () => void;
}

/** See the file comment. */
export function crossingStores(
  { cross }: Boundary,
  { self, drivers, nowMs, turn, unexpected }: StoreHands,
): Drivers {
  const families: Record<string, Record<string, (asked: unknown) => Promise<unknown>>> = {};
  for (const family of storeFamilies) families[family] = {};
  for (const site of sites) {
    const [family = '', name = ''] = site.split('.');
    const store = families[family];
    if (store !== undefined) store[name] = operation({ site, family, name });
  }
  return families as unknown as Drivers;

  function operation({ site, family, name }: { site: Site; family: string; name: string }) {
    return (asked: unknown): Promise<unknown> => {
      const request = plainCopy(asked);
      return cross<unknown>({
        site,
        request,
        befalls: (kind) => befallen.has(kind) || (kind === 'response-lost' && telling.has(family)),
        apply: (_, befalling = []) =>
          new Outside<unknown>(async (_pause, begin) => {
            const armed = befalling.length > 0;
            const leave = await turn(laneOf(family, request));
            begin();
            const began = nowMs();
            try {
              return await self().perform(
                { kind: 'operate', family, name, asked: request, armed },
                befalling,
              );
            } catch (error) {
              if (!armed) unexpected();
              const effect = await unheardEffect(drivers, { family, name, request, nowMs: began });
              if (effect === undefined) throw error;
              return new Unheard(effect, error);
            } finally {
              leave();
            }
          }),
        handed: plainCopy,
        fail: storeFailures[site],
      });
    };
  }
}
