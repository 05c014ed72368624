// What comes in from outside is held to a schema before anything else happens. A payload can hold card data wherever
// its sender put it, so a refusal says where it does not fit and never what was there: not even in the words of the
// validator, some of which quote the input.

import type { StandardSchemaV1 } from '@standard-schema/spec';
import { ValidationError } from '../errors/payment-error.ts';
import { optionCheck } from '../resilience/option-check.ts';

/**
 * Holds what comes in at `where`, such as `refund request`, to a schema of any library that follows Standard Schema 1
 * (zod, valibot, arktype, …), synchronous or not. The returned function resolves to what the schema makes of a value.
 *
 * It rejects with `ValidationError` when the value does not fit or its check throws. The error names the paths of up
 * to five misfits with the type of what was found; values, the validator's own messages and member names that might
 * be card data stay out of it.
 *
 * @throws ValidationError when `schema` is no Standard Schema, or `where` is empty.
 */
export function validated<Schema extends StandardSchemaV1>(
  schema: Schema,
  where: string,
): (value: unknown) => Promise<StandardSchemaV1.InferOutput<Schema>> {
  optionCheck('validated').text('where', where);
  const standard: unknown = schema?.['~standard'];
  if (!isStandard(standard)) {
    throw new ValidationError(
      `validated: the schema of the ${where} does not follow Standard Schema 1; pass one that has "~standard"`,
    );
  }
  return async (value) => {
    let result: StandardSchemaV1.Result<unknown>;
    let misfits: readonly string[] = [];
    try {
      result = await standard.validate(value);
      if (result.issues !== undefined) misfits = result.issues.map(({ path }) => misfit(value, path));
    } catch {
      // What it threw may quote the value.
      throw new ValidationError(`${where}: checking it against its schema failed; nothing was done`);
    }
    if (result.issues === undefined) return result.value as StandardSchemaV1.InferOutput<Schema>;
    throw new ValidationError(
      `${where}: it does not fit its schema${listed([...new Set(misfits)])}. Correct it and send it again; ` +
        'nothing was done',
    );
  };
}

/** How many misfits a message lists: hostile input can have any number. */
const listedMisfits = 5;

function listed(misfits: readonly string[]): string {
  if (misfits.length === 0) return '';
  const more = misfits.length - listedMisfits;
  const shown = misfits.slice(0, listedMisfits).join(', ');
  return more > 0 ? ` at ${shown} and ${more} more` : ` at ${shown}`;
}

function isStandard(standard: unknown): standard is StandardSchemaV1['~standard'] {
  if (typeof standard !== 'object' || standard === null) return false;
  return (
    'version' in standard &&
    standard.version === 1 &&
    'validate' in standard &&
    typeof standard.validate === 'function'
  );
}

/** Where something does not fit and what type of thing is there, as in `$.items[0].amountMinor (string)`. */
function misfit(value: unknown, path: StandardSchemaV1.Issue['path']): string {
  let found = value;
  let text = '$';
  for (const segment of path ?? []) {
    const key = typeof segment === 'object' ? segment.key : segment;
    text += step(key, found);
    found = memberOf(found, key);
  }
  return `${text} (${typeOf(found)})`;
}

function step(key: PropertyKey, container: unknown): string {
  if (Array.isArray(container) && typeof key === 'number') return `[${key}]`;
  return isTellable(key) ? `.${key}` : '[…]';
}

/** A sender may use a card number for a member's name: only what is a name and has hardly a digit is repeated. */
function isTellable(key: PropertyKey): key is string {
  if (typeof key !== 'string' || !/^[A-Za-z_$][\w$-]{0,63}$/.test(key)) return false;
  return key.replace(/\D/g, '').length < 3;
}

function memberOf(container: unknown, key: PropertyKey): unknown {
  if (typeof container !== 'object' || container === null || !Object.hasOwn(container, key)) return undefined;
  return Reflect.get(container, key);
}

function typeOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}
