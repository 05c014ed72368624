// All stores in one Postgres.

import {
  type PostgresPool,
  postgresIdempotencyStore,
  postgresInboxStore,
  postgresLedgerStore,
  postgresSagaJournal,
  postgresTicketStore,
  postgresVelocityStore,
  postgresVerdictLog,
} from '../../../src/postgres.ts';
import type { Drivers } from './drivers.ts';

/** What the drivers stand over. */
export interface PostgresDriversOptions {
  readonly pool: PostgresPool;
  /** Migrated. */
  readonly schema: string;
  /** Virtual milliseconds since the run began. */
  readonly nowMs: () => number;
}

/** Drivers of all stores in one schema. */
export function postgresDrivers(options: PostgresDriversOptions): Drivers {
  const ledger = postgresLedgerStore(options);
  return {
    store: postgresIdempotencyStore(options),
    saga: postgresSagaJournal(options),
    inbox: postgresInboxStore(options),
    ledger,
    outbox: ledger,
    velocity: postgresVelocityStore(options),
    verdicts: postgresVerdictLog(options),
    tickets: postgresTicketStore(options),
  };
}
