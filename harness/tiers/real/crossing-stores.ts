// The stores of a process in another tier than the simulator: every operation is a crossing, and what is done on the other
// side of it the worker does, through a real driver.

import type { FaultKind } from '../../faults/kinds.ts';
import { realFaultKinds } from '../../faults/real-kinds.ts';
import { type Site, sites } from '../../history/sites.ts';
import { type Boundary, Outside } from '../../world/boundary.ts';
import { plainCopy } from '../../world/plain-copy.ts';
import { storeFailures } from '../../world/simulated-store.ts';
import { type Drivers, storeFamilies } from './drivers.ts';
import type { RemoteProcess } from './remote-process.ts';

/** The kinds that a real network and a real server bring about; the world does the rest. */
const befallen: ReadonlySet<FaultKind> = new Set(['refused', 'request-lost', ...realFaultKinds]);

/** See the file comment. `self` is asked for only when something is done. */
export function crossingStores({ cross }: Boundary, self: () => RemoteProcess): Drivers {
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
        befalls: (kind) => befallen.has(kind),
        apply: (_, befalling = []) =>
          new Outside<unknown>(() => {
            const armed = befalling.length > 0;
            return self().perform({ kind: 'operate', family, name, asked: request, armed }, befalling);
          }),
        handed: plainCopy,
        fail: storeFailures[site],
      });
    };
  }
}
