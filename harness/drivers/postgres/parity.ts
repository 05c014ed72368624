// Holding a driver to its table: the same calls at the same instants, and every answer compared.

import type { Pool } from 'pg';
import { expect } from 'vitest';

/** One call, made after `afterMs` have passed. */
export interface ParityStep {
  readonly afterMs: number;
  readonly method: string;
  readonly argument: unknown;
}

/** Both sides of the comparison, over the clock that they are given. */
export interface ParitySides {
  table(nowMs: () => number): object;
  store(nowMs: () => number): object;
}

/** Makes the calls on both sides and expects equal answers, absent members included. */
export async function expectParity(sides: ParitySides, steps: readonly ParityStep[]): Promise<void> {
  let nowMs = 1_000;
  const table = sides.table(() => nowMs);
  const store = sides.store(() => nowMs);
  for (const [index, { afterMs, method, argument: drawn }] of steps.entries()) {
    nowMs += afterMs;
    // What is drawn may have no prototype, which no caller's argument lacks.
    const argument = structuredClone(drawn);
    const expected: unknown = Reflect.get(table, method)(argument);
    const answer: unknown = await Reflect.get(store, method)(argument);
    expect(answer, `answer ${index} of ${method}(${JSON.stringify(argument)})`).toStrictEqual(expected);
  }
}

/** Makes the tables as empty as the migrations left them. */
export async function emptySchema(pool: Pool, schema: string): Promise<void> {
  await pool.query(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename <> 'migrations' LOOP
      IF name LIKE '%\\_counters' THEN EXECUTE format('UPDATE ${schema}.%I SET issued = 0', name);
      ELSE EXECUTE format('TRUNCATE ${schema}.%I RESTART IDENTITY CASCADE', name); END IF;
    END LOOP; END $$`);
}
