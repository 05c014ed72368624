// The targets that the command line knows by name.

import { mutants } from '../mutants/registry.ts';
import { asWritten } from './as-written.ts';
import { reference } from './reference.ts';
import { findStackTarget } from './stacks.ts';
import type { Target } from './target.ts';

/** Every named target, in the order in which they are listed. */
export const targets: readonly Target[] = [reference, asWritten];

/** The target called `name`, planted bugs (`mutant:<id>`) and orders (`stack:<order>`) included, or undefined. */
export function findTarget(name: string): Target | undefined {
  const planted = mutants.map(({ target }) => target);
  return [...targets, ...planted].find((target) => target.name === name) ?? findStackTarget(name);
}
