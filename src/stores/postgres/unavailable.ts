// What a failure of Postgres, or of the way to it, means to a caller. Unless it has to be set up otherwise, the store did not answer,
// and whether the operation was applied is not known. The server's own words may quote values of the request, so only its code is
// passed on.

import { PaymentError, StoreMisconfiguredError, StoreUnavailableError } from '../../errors/payment-error.ts';

/**
 * The error for something that `pg` threw in `where`: `StoreMisconfiguredError` for what has to be set up otherwise, else
 * `StoreUnavailableError`. Errors of our own family are passed on as they are.
 * Codes are those of the appendix "PostgreSQL Error Codes" of the server's manual.
 */
export function unavailable(where: string, error: unknown): PaymentError {
  if (error instanceof PaymentError) return error;
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) {
    const remedy = lasting[sqlState];
    if (remedy !== undefined)
      return new StoreMisconfiguredError(`${where} failed with ${sqlState}: ${remedy}`);
    const reason = passing[sqlState] ?? 'the log of the server says more';
    return new StoreUnavailableError(`${where} failed with ${sqlState}: ${reason}`);
  }
  const said = error instanceof Error ? (codeOf(error) ?? error.message) : 'no error object';
  return new StoreUnavailableError(
    `${where} failed: no answer from Postgres (${said}); whether it was applied is not known`,
    { cause: error },
  );
}

/** The five characters by which the server names an error; undefined for errors of the client and of the network. */
export function sqlStateOf(error: unknown): string | undefined {
  // Codes of the network, such as EPIPE, look alike; but only what the server sent has a severity.
  return error instanceof Error && 'severity' in error ? codeOf(error) : undefined;
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const migrate = 'the tables or functions of this version are missing; run migratePostgres({ pool, schema })';

/** What has to be set up otherwise. */
const lasting: Readonly<Record<string, string>> = {
  '28000': 'the server does not let the user in; check the user of the URL, and pg_hba.conf',
  '28P01': 'the server refuses the password; correct it in the URL',
  '3D000': 'the server has no such database; create it, or correct the URL',
  '3F000': migrate,
  '42501': 'the user may not do this; grant it usage of the schema, and its functions, tables and sequences',
  '42703': migrate,
  '42883': migrate,
  '42P01': migrate,
  PS001: 'the store needs the isolation level READ COMMITTED; set default_transaction_isolation to it',
};

/** What time, an operator, or the same call once more may end. */
const passing: Readonly<Record<string, string>> = {
  '25006': 'the server is read-only, such as a replica; connect to the primary',
  '40001': 'the transaction could not be serialised',
  '40P01': 'a deadlock was resolved at our cost',
  '53100': 'the disk is full; nothing can be written until there is space',
  '53300': 'all connections are taken; lower the size of the pools or raise max_connections',
  '55P03': 'a lock was not free in time (lock_timeout)',
  '57014': 'the statement took too long (statement_timeout) or was cancelled',
  '57P01': 'the connection was ended by an administrator, or the server shuts down',
  '57P02': 'the server is recovering from a crash',
  '57P03': 'the server is starting up or shutting down',
};
