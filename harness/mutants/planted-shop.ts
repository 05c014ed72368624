// Planting a bug in the reference shop: parts of it are replaced or its entrances wrapped, and the rest is the reference.

import type { Case, SuiteName } from '../cases/case.ts';
import type { FaultKind } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import { shop } from '../targets/shop.ts';
import type { Subject, Target, TargetEnv } from '../targets/target.ts';
import type { Exposure, Mutant } from './mutant.ts';

/** What kind of mistake a bug of a shop is. */
export type ShopMutantClass = 'saga' | 'webhook' | 'money' | 'reconciliation' | 'fraud' | 'redaction';

/** A bug planted in the shop. */
export interface ShopMutant extends Omit<Mutant, 'class'> {
  readonly class: ShopMutantClass;
  /** What its cases are about. */
  readonly suite: SuiteName;
  /** Whether a case has what the bug cannot show without; of others a hunt knows the end without running them. */
  readonly lured: (subject: Case) => boolean;
}

/** A bug of the shop before its target is built. */
export interface PlantedShop extends Pick<ShopMutant, 'id' | 'class' | 'mistake'> {
  readonly exposure: Exposure;
  /** Default: any case may show it. */
  readonly lured?: ShopMutant['lured'];
  /** The shop with the bug; see `shopService`. */
  readonly start: (env: TargetEnv) => Subject;
}

/** Builds the mutant's target. */
export function plantShop({ start, lured = () => true, ...mutant }: PlantedShop): ShopMutant {
  const target: Target = { ...shop, name: `mutant:${mutant.id}`, description: mutant.mistake, start };
  return { ...mutant, suite: 'checkout', lured, target };
}

/** Whether a case has a fault of one of these kinds, or at one of these sites. */
export function carrying(...kinds: readonly (FaultKind | Site)[]): ShopMutant['lured'] {
  const names = kinds.map((kind) => JSON.stringify(kind));
  return (subject) => {
    const text = JSON.stringify(subject);
    return names.some((name) => text.includes(name));
  };
}
