// Names of entries, effects, events and accounts end up in indexes and log lines of every store and gateway.

import { ValidationError } from '../errors/payment-error.ts';

/**
 * Returns `name` when it may name something in the ledger.
 *
 * @throws ValidationError naming `where` and `what`, unless it is 1 to 255 characters of printable ASCII.
 */
export function checkedName(where: string, what: string, name: unknown): string {
  if (typeof name === 'string' && /^[\x20-\x7e]{1,255}$/.test(name)) return name;
  throw new ValidationError(`${where}: ${what} has to be a text of 1 to 255 printable ASCII characters`);
}
