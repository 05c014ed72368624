// Holding a driver to its table: the same generated calls at the same instants, and every answer compared.

import fc from 'fast-check';
import type { Pool } from 'pg';
import { expect } from 'vitest';
import type { PostgresStoreOptions } from '../../../src/postgres.ts';
import type { PostgresLane } from './testing.ts';

/** One call, made after `afterMs` have passed. */
export interface ParityStep {
  readonly afterMs: number;
  readonly method: string;
  readonly argument: unknown;
}

/** A driver and the table that it is held to. */
export interface Pair {
  table(nowMs: () => number): object;
  store(options: PostgresStoreOptions & { readonly pool: Pool }): object;
  readonly calls: fc.Arbitrary<ParityStep>;
  /** Most calls in a sequence. */
  readonly maxLength: number;
}

/** Expects that both agree on forty generated sequences, in one schema that is emptied before each. */
export async function agree({ table, store, calls, maxLength }: Pair, server: PostgresLane): Promise<void> {
  const { pool, schema } = await server.fresh();
  await fc.assert(
    fc.asyncProperty(fc.array(calls, { minLength: 5, maxLength }), async (steps) => {
      await emptySchema(pool, schema);
      let now = 1_000;
      const nowMs = (): number => now;
      const specified = table(nowMs);
      const driven = store({ pool, schema, nowMs });
      for (const [index, { afterMs, method, argument: drawn }] of steps.entries()) {
        now += afterMs;
        // What is drawn may have no prototype, which no caller's argument lacks.
        const argument = structuredClone(drawn);
        const expected: unknown = Reflect.get(specified, method)(argument);
        const answer: unknown = await Reflect.get(driven, method)(argument);
        expect(answer, `answer ${index} of ${method}(${JSON.stringify(argument)})`).toStrictEqual(expected);
      }
    }),
    { numRuns: 40 },
  );
}

/** Makes the tables as empty as the migrations left them. */
async function emptySchema(pool: Pool, schema: string): Promise<void> {
  await pool.query(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = '${schema}' AND tablename <> 'migrations' LOOP
      IF name LIKE '%\\_counters' THEN EXECUTE format('UPDATE ${schema}.%I SET issued = 0', name);
      ELSE EXECUTE format('TRUNCATE ${schema}.%I RESTART IDENTITY CASCADE', name); END IF;
    END LOOP; END $$`);
}
