// Faults of Postgres that befall one transaction in the middle of its work: a trigger on every table of the stores looks
// whether something is meant for the connection that writes, and lets it happen in that transaction.

import type { Pool } from 'pg';
import type { RealFaultKind } from '../faults/real-kinds.ts';

/** The kinds that are sprung by a transaction when it writes. */
export type SnaredKind = Extract<
  RealFaultKind,
  | 'postgres-serialization'
  | 'postgres-deadlock'
  | 'postgres-lock-timeout'
  | 'postgres-terminated'
  | 'postgres-disk-full'
>;

/** Whether `kind` is one of {@link SnaredKind}. */
export function isSnared(kind: RealFaultKind): kind is SnaredKind {
  return snared.has(kind);
}

const snared: ReadonlySet<RealFaultKind> = new Set<SnaredKind>([
  'postgres-serialization',
  'postgres-deadlock',
  'postgres-lock-timeout',
  'postgres-terminated',
  'postgres-disk-full',
]);

/** Class of the advisory locks; `first` is what a snared transaction takes, `second` what its rival holds. */
const locks = { class: 1_940_412, first: 1, second: 2 } as const;

/** Which lock a rival has to hold for `kind`, taken by `pg_advisory_xact_lock`; none for kinds that need no rival. */
export function rivalStatement(kind: SnaredKind): string | undefined {
  if (kind === 'postgres-lock-timeout') return `SELECT pg_advisory_xact_lock(${locks.class}, ${locks.first})`;
  return kind === 'postgres-deadlock'
    ? `SELECT pg_advisory_xact_lock(${locks.class}, ${locks.second})`
    : undefined;
}

/**
 * What the rival in a deadlock does once it holds its lock: it waits for the one that its victim has. Only the victim looks
 * for deadlocks in time, so that it is the one at whose cost this one is resolved.
 */
export const closeTheCircle = `
DO $$ BEGIN
  PERFORM set_config('deadlock_timeout', '1min', true);
  WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND classid = ${locks.class} AND objid = ${locks.first}) LOOP
    PERFORM pg_sleep(0.002);
  END LOOP;
  PERFORM pg_advisory_xact_lock(${locks.class}, ${locks.first});
END $$`;

/**
 * At READ COMMITTED, which the stores insist on, no conflict of two transactions ends in 40001; so that one is raised with
 * the words of the server. The others are what they are called.
 */
const spring = `
CREATE OR REPLACE FUNCTION paystorm_snares.spring() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE found_kind text;
BEGIN
  SELECT kind INTO found_kind FROM paystorm_snares.laid
    WHERE pid IN (pg_backend_pid(), 0) ORDER BY pid DESC LIMIT 1;
  CASE found_kind
    WHEN 'postgres-serialization' THEN
      RAISE EXCEPTION 'could not serialize access due to concurrent update' USING ERRCODE = '40001';
    WHEN 'postgres-lock-timeout' THEN
      PERFORM pg_advisory_xact_lock(${locks.class}, ${locks.first});
    WHEN 'postgres-deadlock' THEN
      PERFORM set_config('deadlock_timeout', '5ms', true);
      PERFORM pg_advisory_xact_lock(${locks.class}, ${locks.first});
      WHILE NOT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
        AND classid = ${locks.class} AND objid = ${locks.first}) LOOP
        PERFORM pg_sleep(0.002);
      END LOOP;
      PERFORM pg_advisory_xact_lock(${locks.class}, ${locks.second});
    WHEN 'postgres-terminated' THEN
      PERFORM pg_terminate_backend(pg_backend_pid());
    WHEN 'postgres-disk-full' THEN
      INSERT INTO paystorm_snares.full_disk VALUES ('one page more');
    ELSE NULL;
  END CASE;
  RETURN NULL;
END $$`;

/** Lays out what snares need, once for each database; needs a superuser. */
export async function prepareSnares(admin: Pool): Promise<void> {
  await admin.query('CREATE SCHEMA IF NOT EXISTS paystorm_snares');
  await admin.query(
    'CREATE TABLE IF NOT EXISTS paystorm_snares.laid (pid int PRIMARY KEY, kind text NOT NULL)',
  );
  await admin.query(spring);
  const { rows } = await admin.query<{ there: string | null }>(
    `SELECT to_regclass('paystorm_snares.full_disk') AS there`,
  );
  if (rows[0]?.there === null) await makeFullDisk(admin);
}

/**
 * A table on a disk that is full: its file is Linux's own /dev/full, on which every write ends with ENOSPC. A small disk of
 * its own would take rights that a test has not, and a quota gives another error.
 */
async function makeFullDisk(admin: Pool): Promise<void> {
  await admin.query('CREATE TABLE paystorm_snares.full_disk (filler text)');
  const { rows } = await admin.query<{ path: string }>(
    `SELECT pg_relation_filepath('paystorm_snares.full_disk') AS path`,
  );
  await admin.query(`COPY (SELECT 1) TO PROGRAM 'cat > /dev/null; ln -sf /dev/full ${rows[0]?.path ?? ''}'`);
}

/** Has every table of `schema` look for snares from now on. */
export async function snareTables(admin: Pool, schema: string): Promise<void> {
  await admin.query(`
    DO $$ DECLARE there regclass; BEGIN
      FOR there IN SELECT oid FROM pg_class
        WHERE relnamespace = '${schema}'::regnamespace AND relkind IN ('r', 'p') ORDER BY oid
      LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER paystorm_snare BEFORE INSERT OR UPDATE OR DELETE ON %s
          FOR EACH STATEMENT EXECUTE FUNCTION paystorm_snares.spring()', there);
      END LOOP;
    END $$`);
}

/** Lays a snare for the connection that the server's process `pid` serves, or for whoever writes (0). */
export async function laySnare(admin: Pool, kind: SnaredKind, pid: number): Promise<void> {
  await admin.query(
    'INSERT INTO paystorm_snares.laid VALUES ($1, $2) ON CONFLICT (pid) DO UPDATE SET kind = excluded.kind',
    [pid, kind],
  );
}

/** Takes it up again. */
export async function liftSnare(admin: Pool, pid: number): Promise<void> {
  await admin.query('DELETE FROM paystorm_snares.laid WHERE pid = $1', [pid]);
}
