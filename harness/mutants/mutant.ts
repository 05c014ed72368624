// A mutant is the reference target with one realistic mistake planted in it, as a replaced part, an option or a
// wrapper. A checker counts only if a mutant makes it fail.

import type { ProfileName } from '../cases/case.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { type ChargeParts, chargeService, retryPolicy } from '../targets/charge-stack.ts';
import type { Target } from '../targets/target.ts';

/** What a planted bug is expected to break, by gateway profile; a profile that is absent masks the bug. */
export type Exposure = Partial<Readonly<Record<ProfileName, Expected>>>;

/** One expectation: the invariant, and the most faults (delays and crashes included) that its shrunk story needs. */
export interface Expected {
  readonly breaks: InvariantId;
  readonly faults: number;
}

/** A planted bug. */
export interface Mutant {
  /** Kebab-case; its target is called `mutant:<id>`. */
  readonly id: string;
  /** Class of the catalogue's list of bugs. */
  readonly class: 'idempotency' | 'retry' | 'money' | 'rule';
  /** What the programmer did, in one sentence. */
  readonly mistake: string;
  readonly exposure: Exposure;
  readonly target: Target;
}

/** A mutant before its target is built. */
export type Planted = Omit<Mutant, 'target'> & { readonly parts: ChargeParts };

/** Builds the mutant's target from the reference's parts and the planted ones. */
export function plant({ parts, ...mutant }: Planted): Mutant {
  const target: Target = {
    name: `mutant:${mutant.id}`,
    description: mutant.mistake,
    capabilities: ['charge', 'recover'],
    retry: retryPolicy,
    start: (env) => chargeService(env, parts),
  };
  return { ...mutant, target };
}

/** The same expectation under every profile. */
export function everywhere(breaks: InvariantId, faults: number): Exposure {
  const expected = { breaks, faults };
  return { stripe: expected, checkout: expected, mango: expected, none: expected };
}
