// Schemas of the requests that come in, by the standard that `validated` reads, without a library.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ValidationError } from '../errors/payment-error.ts';
import { money } from '../kernel/money.ts';

/** Whether a member's value will do. */
export type MemberCheck = (value: unknown) => boolean;

/** Which members an object has to have, and which it may have. */
export interface Members {
  readonly required: Readonly<Record<string, MemberCheck>>;
  readonly optional: Readonly<Record<string, MemberCheck>>;
}

/**
 * The schema of an object with these members. It hands on a copy that holds them and nothing else, so that what a
 * sender adds, such as a card number in a remark, is neither stored nor logged. `moneyIn` also holds `amountMinor` and
 * `currency` to be money above 0.
 */
export function recordSchema<Output extends object>(
  { required, optional }: Members,
  { moneyIn = false }: { readonly moneyIn?: boolean } = {},
): StandardSchemaV1<unknown, Output> {
  const requiredMembers = Object.entries(required);
  const optionalMembers = Object.entries(optional);
  return {
    '~standard': {
      version: 1,
      vendor: 'paystorm',
      validate(value) {
        if (!isObject(value)) return { issues: [{ message: 'it is no object' }] };
        const given = optionalMembers.filter(([name]) => Reflect.get(value, name) !== undefined);
        const wanted = [...requiredMembers, ...given];
        const misfits = wanted.filter(([name, fits]) => !fits(Reflect.get(value, name)));
        if (misfits.length > 0)
          return { issues: misfits.map(([name]) => ({ message: 'it does not fit', path: [name] })) };
        const kept = Object.fromEntries(wanted.map(([name]) => [name, Reflect.get(value, name)]));
        if (moneyIn && !isMoney(kept)) return { issues: [{ message: 'no money', path: ['amountMinor'] }] };
        return { value: kept as Output };
      },
    },
  };
}

/** A text of 1 to 255 printable ASCII characters. */
export function isName(value: unknown): boolean {
  return typeof value === 'string' && /^[\x20-\x7e]{1,255}$/.test(value);
}

/** Whether `value` is an object, and no list. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isMoney({ amountMinor, currency }: Record<string, unknown>): boolean {
  try {
    return money(amountMinor as number, currency as string).amountMinor > 0;
  } catch (error) {
    if (error instanceof ValidationError) return false;
    throw error;
  }
}
