// Planting a bug in the reference shop: parts of it are replaced or its entrances wrapped, and the rest is the reference.

import { chargeService } from '../targets/charge-stack.ts';
import { reference } from '../targets/reference.ts';
import type { Subject, Target, TargetEnv } from '../targets/target.ts';
import type { Mutant } from './mutant.ts';

/** A bug of the shop before its target is built. */
export interface PlantedShop extends Omit<Mutant, 'suite' | 'target'> {
  /** The shop with the bug; see `shopService`. */
  readonly start: (env: TargetEnv) => Subject;
}

/** Builds the mutant's target. */
export function plantShop({ start, ...mutant }: PlantedShop): Mutant {
  const target: Target = {
    ...reference,
    name: `mutant:${mutant.id}`,
    description: mutant.mistake,
    start: (env) => (env.shop === undefined ? chargeService(env) : start(env)),
  };
  return { ...mutant, suite: 'checkout', target };
}
