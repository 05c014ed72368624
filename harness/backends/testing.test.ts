// Convinces by using the services as other suites will: what a worker is handed can be written to, and nobody else writes
// there.

import { Redis } from 'ioredis';
import { Client } from 'pg';
import { expect, it } from 'vitest';
import { openTestPostgres, openTestRedis } from './testing.ts';

const redis = await openTestRedis();
redis.suite('a Redis for tests', () => {
  it('keeps what is written under a prefix of its own', async () => {
    const client = new Redis(redis.url);
    const [one, other] = [redis.keyPrefix(), redis.keyPrefix()];
    expect(one).not.toBe(other);
    await client.set(`${one}k`, 'v');
    expect([await client.get(`${one}k`), await client.get(`${other}k`)]).toEqual(['v', null]);
    client.disconnect();
  });
});

const postgres = await openTestPostgres();
postgres.suite('a Postgres for tests', () => {
  it('is a database of its own with schemas for the asking', async () => {
    const client = new Client(postgres.url);
    await client.connect();
    const [one, other] = [postgres.schema(), postgres.schema()];
    expect(one).not.toBe(other);
    await client.query(`create schema ${one}`);
    const { rows } = await client.query('select current_database() as name');
    expect(rows).toEqual([{ name: expect.stringMatching(/^paystorm_[0-9a-f]{8}_\d+$/) }]);
    await client.end();
  });
});
