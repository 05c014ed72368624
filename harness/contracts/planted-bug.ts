// A mistake that a driver could have: the real driver with one part replaced on its way to the server, and the clause that
// must notice.

import type { StoreKind } from './store-kinds.ts';

/** One planted mistake. */
export interface PlantedBug<Plant> {
  /** What the driver does wrong. */
  readonly bug: string;
  readonly kind: StoreKind;
  /** The clause of the contract that does not hold then. */
  readonly clause: string;
  readonly plant: Plant;
}

/** `text` with `put` in the place of `find`; throws where there is nothing to replace, for then nothing would be planted. */
export function planted(text: string, find: string, put: string): string {
  if (!text.includes(find)) throw new Error(`nothing is planted: the driver has no ${find}`);
  return text.replaceAll(find, put);
}
