// What a failure of Postgres, or of the way to it, means to a caller: the store did not answer, and whether the operation was
// applied is not known. The server's own words may quote values of the request, so only its code is passed on.

import { PaymentError, StoreUnavailableError } from '../../errors/payment-error.ts';

/**
 * The error for something that `pg` threw in `where`. Errors of our own family are passed on as they are.
 * Codes are those of the appendix "PostgreSQL Error Codes" of the server's manual.
 */
export function unavailable(where: string, error: unknown): PaymentError {
  if (error instanceof PaymentError) return error;
  const sqlState = sqlStateOf(error);
  if (sqlState !== undefined) {
    const meaning = meanings[sqlState] ?? classes[sqlState.slice(0, 2)] ?? 'see the log of the server';
    return new StoreUnavailableError(`${where}: Postgres answered ${sqlState}: ${meaning}`);
  }
  const said = error instanceof Error ? (codeOf(error) ?? error.message) : 'no error object';
  return new StoreUnavailableError(
    `${where}: no answer from Postgres (${said}); whether it was applied is not known, and the same call can be repeated`,
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

const meanings: Readonly<Record<string, string>> = {
  '25006': 'this server is read-only, such as a replica; connect to the primary',
  '40001': 'the transaction could not be serialised; repeat the same call',
  '40P01': 'a deadlock was resolved at our cost; repeat the same call',
  '42501': 'the user may not do this; grant it usage of the schema, its functions, tables and sequences',
  '42883': migrate,
  '42P01': migrate,
  '42703': migrate,
  '3F000': migrate,
  '53100': 'the disk is full; nothing can be written until there is space',
  '53300': 'all connections are taken; lower the size of the pools or raise max_connections',
  '55P03': 'a lock was not free in time (lock_timeout); repeat the same call',
  '57014': 'the statement took too long or was cancelled (statement_timeout); repeat the same call',
  '57P01': 'the connection was ended by an administrator, or the server shuts down; repeat the same call',
  '57P03': 'the server is starting up or shutting down; repeat the same call',
  PS001: 'the store needs the isolation level READ COMMITTED; set default_transaction_isolation to it',
};

const classes: Readonly<Record<string, string>> = {
  '08': 'the connection failed; whether it was applied is not known, and the same call can be repeated',
  '28': 'the user was not let in; check name, password and pg_hba.conf',
  '53': 'the server lacks resources',
  '57': 'an operator intervened; repeat the same call',
  '58': 'the system below the server failed',
};
