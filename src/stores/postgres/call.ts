// Every operation of every driver is one call of a function that the migrations installed: one statement, one round trip, one
// implicit transaction.

import { ValidationError } from '../../errors/payment-error.ts';
import { optionCheck } from '../../resilience/option-check.ts';
import type { PostgresQueryable } from './pool.ts';
import { checkedSchema } from './schema-name.ts';
import { decodeJson, encodeText } from './text.ts';
import { unavailable } from './unavailable.ts';

/** Options of every store in Postgres. */
export interface PostgresStoreOptions {
  /** A pool, such as that of `connectPostgres`, or one client inside a transaction: the store then takes part in it. */
  readonly pool: PostgresQueryable;
  /** The schema that `migratePostgres` prepared; `paystorm` by default. */
  readonly schema?: string;
  /**
   * The clock of the store in milliseconds, for tests and scaled time; it must be the same for all processes. By default the
   * server's own.
   */
  readonly nowMs?: () => number;
}

/** What an installed function takes; `undefined` is the absence of a value. */
export type Argument = string | number | boolean | undefined;

/** Calls the installed function `name` and reads the JSON that it answers. */
export type PostgresCall = (name: string, ...args: readonly Argument[]) => Promise<unknown>;

/**
 * The calls of one store. `name` says in messages which one it is. A call rejects with `StoreUnavailableError` when the server
 * did not answer or refused, and with `ValidationError` for a number that is not finite.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresCalls(name: string, options: PostgresStoreOptions): PostgresCall {
  const check = optionCheck(name);
  check.callback('pool.query', options?.pool?.query);
  if (options.nowMs !== undefined) check.callback('nowMs', options.nowMs);
  const schema = checkedSchema(options.schema);
  const { pool, nowMs } = options;
  return async (called, ...args) => {
    const where = `${name}.${called.slice(called.indexOf('_') + 1)}`;
    const values = [nowMs?.(), ...args].map((argument) => bound(argument, where));
    const marks = values.map((_, index) => `$${index + 1}`).join(', ');
    try {
      const { rows } = await pool.query({ text: `SELECT ${schema}.${called}(${marks}) AS answer`, values });
      const answer = rows[0]?.['answer'];
      return typeof answer === 'string' ? decodeJson(answer) : null;
    } catch (error) {
      throw unavailable(where, error);
    }
  };
}

function bound(argument: Argument, where: string): string | number | boolean | null {
  if (argument === undefined) return null;
  if (typeof argument === 'string') return encodeText(argument);
  if (typeof argument === 'boolean' || Number.isFinite(argument)) return argument;
  throw new ValidationError(`${where}: a number has to be finite, got ${String(argument)}`);
}
