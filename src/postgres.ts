// What is published as `paystorm/postgres`: the stores in Postgres over `pg`, kept apart from the main entry so that only those who
// use them need the client.

export { postgresBreakerStore } from './stores/postgres/breaker-store.ts';
export type { PostgresStoreOptions } from './stores/postgres/call.ts';
export { connectPostgres, type PostgresConnectOptions } from './stores/postgres/connect-postgres.ts';
export { postgresDeliveryMarks } from './stores/postgres/delivery-marks.ts';
export { postgresIdempotencyStore } from './stores/postgres/idempotency-store.ts';
export {
  type FinishWith,
  type PostgresInboxOptions,
  postgresInboxStore,
} from './stores/postgres/inbox-store.ts';
export { postgresLedgerStore } from './stores/postgres/ledger-store.ts';
export { postgresLimiterStore } from './stores/postgres/limiter-store.ts';
export { checkSchema, migratePostgres, type PostgresSchema } from './stores/postgres/migrate.ts';
export type {
  PostgresConnection,
  PostgresPool,
  PostgresQuery,
  PostgresQueryable,
  PostgresResult,
} from './stores/postgres/pool.ts';
export { postgresSagaJournal } from './stores/postgres/saga-journal.ts';
export { postgresTicketStore } from './stores/postgres/ticket-store.ts';
export { postgresVelocityStore } from './stores/postgres/velocity-store.ts';
export { postgresVerdictLog } from './stores/postgres/verdict-log.ts';
