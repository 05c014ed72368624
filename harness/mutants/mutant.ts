// A mutant is the reference target with one realistic mistake planted in it, as a replaced part, an option or a
// wrapper. A checker counts only if a mutant makes it fail.

import { type ProfileName, profiles, type SuiteName } from '../cases/case.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { type ChargeParts, chargeCapabilities, chargeService, retryPolicy } from '../targets/charge-stack.ts';
import type { Target } from '../targets/target.ts';
import type { Minimum } from './minimum.ts';

/** What a planted bug is expected to break, by gateway profile; a profile that is absent masks the bug. */
export type Exposure = Partial<Readonly<Record<ProfileName, Expected>>>;

/** One expectation: the invariant, and the size of the shortest story in which it breaks. */
export interface Expected extends Minimum {
  readonly breaks: InvariantId;
}

/**
 * What kind of mistake a bug is, in the order in which classes are listed; `rule` covers rules for sending again and for
 * the order of layers.
 */
export const mutantClasses = [
  'rule',
  'idempotency',
  'retry',
  'breaker',
  'limiter',
  'audit',
  'money',
  'saga',
  'webhook',
  'reconciliation',
  'fraud',
  'redaction',
] as const;

/** One of {@link mutantClasses}. */
export type MutantClass = (typeof mutantClasses)[number];

/** A planted bug. */
export interface Mutant {
  /** Kebab-case; its target is called `mutant:<id>`. */
  readonly id: string;
  readonly class: MutantClass;
  /** What the cases are about that show it: it is planted in what the reference is for them. */
  readonly suite: SuiteName;
  /** What the programmer did, in one sentence. */
  readonly mistake: string;
  readonly exposure: Exposure;
  readonly target: Target;
}

/** A mutant before its target is built. */
export type Planted = Omit<Mutant, 'target' | 'suite'> & {
  readonly parts: ChargeParts;
  readonly table?: NonNullable<Target['table']>;
};

/** Builds the mutant's target from the reference's parts and the planted ones. */
export function plant({ parts, table, ...mutant }: Planted): Mutant {
  const target: Target = {
    name: `mutant:${mutant.id}`,
    description: mutant.mistake,
    capabilities: chargeCapabilities,
    retry: retryPolicy,
    ...(table === undefined ? {} : { table }),
    start: (env) => chargeService(env, parts),
  };
  return { ...mutant, suite: 'charge', target };
}

/** The same expectation under the named profiles. */
export function on(names: readonly ProfileName[], expected: Expected): Exposure {
  return Object.fromEntries(names.map((name) => [name, expected]));
}

/** The same expectation under every profile. */
export function everywhere(expected: Expected): Exposure {
  return on(profiles, expected);
}
