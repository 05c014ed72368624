// Convinces against a real server: an event's end, its effects and what they mean elsewhere become true together or not at all, whatever
// fails in between.

import { Pool } from 'pg';
import { expect, test } from 'vitest';
import { StoreUnavailableError, ValidationError } from '../../../src/errors/payment-error.ts';
import { postgresInboxStore } from '../../../src/stores/postgres/inbox-store.ts';
import type { InboxRecord } from '../../../src/webhooks/inbox-store.ts';
import { postgresLane } from './testing.ts';

const server = await postgresLane();

server.suite('an inbox in Postgres with finishWith', () => {
  const lease = { leaseMs: 60_000 };
  const effect = (key: string) => ({ key, payload: `"${key}"` });

  async function shop(finish?: (key: string) => Promise<void>) {
    const { pool, schema } = await server.fresh();
    await pool.query(`CREATE TABLE ${schema}.goods (effect text PRIMARY KEY)`);
    const store = postgresInboxStore({
      pool,
      schema,
      async finishWith(effects, transaction) {
        for (const { key } of effects) {
          await transaction.query({ text: `INSERT INTO ${schema}.goods VALUES ($1)`, values: [key] });
          await finish?.(key);
        }
      },
    });
    const goods = async () =>
      (await pool.query(`SELECT effect FROM ${schema}.goods ORDER BY effect`)).rows.map(
        ({ effect: one }) => one,
      );
    const receive = async (name: string) =>
      held(
        await store.receive({
          id: name,
          object: name,
          event: '{}',
          claim: { attemptId: name, ...lease },
        }),
      );
    return { pool, schema, store, goods, receive };
  }

  test('writes what the new effects mean in the transaction that ends the event', async () => {
    const { store, goods, receive } = await shop();
    const done = { dedupTtlMs: 1e6 };
    await store.finish({ ...(await receive('1')), effects: [effect('a'), effect('b')], ...done });
    const second = { ...(await receive('2')), effects: [effect('b'), effect('c')], ...done };
    expect(await store.finish(second)).toMatchObject({ written: true, record: { state: 'DONE' } });
    expect(await store.finish(second)).toMatchObject({ written: false, why: 'lost' });
    expect(await goods()).toEqual(['a', 'b', 'c']);
  });

  test('leaves nothing of an event when it throws, and passes on what it threw', async () => {
    const { store, goods, receive } = await shop(async (key) => {
      if (key === 'bad') throw new ValidationError('no such goods');
    });
    const event = await receive('1');
    const finish = store.finish({ ...event, effects: [effect('good'), effect('bad')], dedupTtlMs: 5 });
    await expect(finish).rejects.toThrow(ValidationError);
    expect(await goods()).toEqual([]);
    expect(await store.effect('good')).toBeNull();
    expect(await store.list({ state: 'CLAIMED', limit: 9 })).toHaveLength(1);
    expect(await store.finish({ ...event, effects: [effect('good')], dedupTtlMs: 5 })).toMatchObject({
      written: true,
    });
    expect(await goods()).toEqual(['good']);
  });

  test('commits nothing when a statement failed and nobody minded', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresInboxStore({
      pool,
      schema,
      finishWith: (_, transaction) =>
        transaction.query({ text: 'SELECT 1 / 0' }).then(
          () => {},
          () => {},
        ),
    });
    const receipt = await store.receive({
      id: '1',
      object: 'o',
      event: '{}',
      claim: { attemptId: 'x', ...lease },
    });
    const finish = store.finish({ ...held(receipt), effects: [effect('e')], dedupTtlMs: 5 });
    await expect(finish).rejects.toThrow(StoreUnavailableError);
    expect(await store.effect('e')).toBeNull();
  });

  test('survives a connection that is ended in the middle, with nothing of the event written', async () => {
    const { pool, schema } = await server.fresh();
    // As somebody makes one who knows nothing of broken connections.
    const plain = new Pool({ connectionString: server.url, max: 2 });
    let ends = true;
    const store = postgresInboxStore({
      pool: plain,
      schema,
      async finishWith(_, transaction) {
        if (!ends) return;
        const { rows } = await transaction.query({ text: 'SELECT pg_backend_pid() AS pid' });
        await pool.query('SELECT pg_terminate_backend($1, 5000)', [rows[0]?.['pid']]);
        // Long enough for the end to be heard of before the next statement.
        await pool.query('SELECT pg_sleep(0.05)');
      },
    });
    const receipt = await store.receive({
      id: '1',
      object: 'o',
      event: '{}',
      claim: { attemptId: 'x', ...lease },
    });
    const write = { ...held(receipt), effects: [effect('e')], dedupTtlMs: 5 };
    await expect(store.finish(write)).rejects.toThrow(StoreUnavailableError);
    expect(await store.effect('e')).toBeNull();
    ends = false;
    expect(await store.finish(write)).toMatchObject({ written: true });
    await plain.end();
  });
});

function held({ record: { id, token } }: { readonly record: InboxRecord }) {
  return { id, token };
}
