// The targets that the command line knows by name.

import { asWritten } from './as-written.ts';
import { reference } from './reference.ts';
import type { Target } from './target.ts';

/** Every named target, in the order in which they are listed. */
export const targets: readonly Target[] = [reference, asWritten];

/** The target called `name`, or undefined. */
export function findTarget(name: string): Target | undefined {
  return targets.find((target) => target.name === name);
}
