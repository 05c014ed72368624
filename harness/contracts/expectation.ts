// Comparisons for clauses. They throw what was wanted beside what came, and need no test runner around them, because a
// contract is also run by people on stores of their own.

import { fail } from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import { PaymentError, ValidationError } from '../../src/errors/payment-error.ts';

/** Throws unless both are equal to the last member; a member that is absent differs from one that is undefined. */
export function same(got: unknown, wanted: unknown, what = 'the answer'): void {
  if (isDeepStrictEqual(got, wanted)) return;
  fail(`${what}: got ${shown(got)}, wanted ${shown(wanted)}`);
}

/** Throws unless `got` has every member that `wanted` names, and equal; what else it has is not looked at. */
export function shows(got: unknown, wanted: unknown, what?: string): void {
  same(shapedLike(got, wanted), wanted, what);
}

/** Throws when `got` has any of the members. */
export function lacks(got: object | null | undefined, ...members: readonly string[]): void {
  for (const member of members) {
    if (got === null || got === undefined || member in got) fail(`${member} must be absent: ${shown(got)}`);
  }
}

/** What was promised, or null where input was refused as the typed error for it; every other error goes on. */
export async function orRefused<Answer>(promised: Promise<Answer>): Promise<Answer | null> {
  try {
    return await promised;
  } catch (error) {
    if (error instanceof ValidationError) return null;
    const name = error instanceof PaymentError ? error.code : String(error);
    return fail(`input must be taken or refused with ValidationError, and ended with ${name}`);
  }
}

/** In one line and to the last member, so that what is undefined is told from what is absent. */
export function shown(value: unknown): string {
  return inspect(value, {
    depth: null,
    compact: true,
    breakLength: Number.POSITIVE_INFINITY,
    maxStringLength: 200,
  });
}

function shapedLike(got: unknown, wanted: unknown): unknown {
  if (Array.isArray(wanted)) {
    return Array.isArray(got) ? got.map((each, index) => shapedLike(each, wanted[index])) : got;
  }
  if (typeof wanted !== 'object' || wanted === null) return got;
  if (typeof got !== 'object' || got === null) return got;
  const shaped: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(wanted)) {
    if (name in got) shaped[name] = shapedLike(Reflect.get(got, name), value);
  }
  return shaped;
}
