// Statements name the schema themselves, so that no search_path decides whose tables they mean.

import { ValidationError } from '../../errors/payment-error.ts';

/** Where everything lives unless told otherwise. */
const defaultSchema = 'paystorm';

/**
 * The name of a schema, once it can stand in a statement without quotes.
 *
 * @throws ValidationError unless it is made of lower-case letters, digits and underscores, begins with none of the digits, has
 * at most 63 characters, and is none of the server's own.
 */
export function checkedSchema(schema: unknown = defaultSchema): string {
  if (typeof schema === 'string' && /^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith('pg_')) {
    return schema;
  }
  throw new ValidationError(
    'postgres: schema has to be 1 to 63 lower-case letters, digits and underscores, with no digit first and not pg_…',
  );
}

/** `sql` with each `{schema}` replaced by the name of the schema. */
export function inSchema(sql: string, schema: string): string {
  return sql.replaceAll('{schema}', schema);
}
