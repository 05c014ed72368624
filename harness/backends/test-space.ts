// What one test worker has of a service for itself: a database in Postgres, a prefix of keys in Redis.

import { BackendError } from './backend-error.ts';
import type { Backend } from './find.ts';
import { pgPackage } from './postgres-probe.ts';
import { ioredis } from './redis-probe.ts';
import { shownUrl } from './service-url.ts';

/**
 * Opens a space by its name (of letters, digits and underscores) and gives the URL to reach it by.
 *
 * @throws BackendError (`privilege`) where the user may not create databases.
 */
export async function openSpace({ service, url }: Backend, name: string): Promise<string> {
  if (service === 'redis') return url;
  try {
    await query(url, `create database ${name}`);
  } catch (cause) {
    throw new BackendError(
      'privilege',
      `no database of its own could be created for a test worker in Postgres at ${shownUrl(url)} (${cause instanceof Error ? cause.message : String(cause)}); grant its user CREATEDB`,
      { cause },
    );
  }
  const own = new URL(url);
  own.pathname = `/${name}`;
  return own.href;
}

/** Removes every space whose name starts so, from a service that goes on without us. */
export async function dropSpaces({ service, url }: Backend, start: string): Promise<void> {
  if (service === 'postgres') {
    const names = await query(url, `select datname from pg_database where starts_with(datname, '${start}')`);
    for (const name of names) await query(url, `drop database ${name} with (force)`);
    return;
  }
  const { Redis } = await ioredis();
  const redis = new Redis(url, { retryStrategy: null, commandTimeout: 5000 });
  redis.on('error', () => {});
  try {
    for await (const keys of redis.scanStream({ match: `${start}*`, count: 1000 }))
      if (keys.length > 0) await redis.unlink(...(keys as string[]));
  } finally {
    redis.disconnect();
  }
}

async function query(url: string, sql: string): Promise<string[]> {
  const { Client } = await pgPackage();
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5000, query_timeout: 20_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ datname: string }>(sql);
    return rows.map(({ datname }) => datname);
  } finally {
    await client.end();
  }
}
