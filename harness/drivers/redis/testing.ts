// A Redis server for the tests of the drivers: the one that PAYSTORM_REDIS_URL names, or one of our own on a free port that
// ends with the tests. Where there is neither, the tests are skipped, unless PAYSTORM_REQUIRE_REAL asks for them.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { connectRedis } from '../../../src/redis.ts';

/** A server of our own. */
export interface OwnServer {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

const given = process.env['PAYSTORM_REDIS_URL'];
const required = process.env['PAYSTORM_REQUIRE_REAL'] === '1';
const binary = 'redis-server';
const installed = spawnSync(binary, ['--version']).status === 0;

/** Whether tests on a server that may be another's have to be skipped. */
export const noServer = given === undefined && !installed && !required;
/** Whether tests that restart, fill or reconfigure a server have to be skipped: they need one of our own. */
export const noOwnServer = !installed && !required;

/** The server that was given, else one of our own; a prefix of its own keeps a test apart from all others. */
export async function someServer(): Promise<Pick<OwnServer, 'url' | 'stop'>> {
  return given === undefined ? ownServer() : { url: given, stop: async () => {} };
}

/** Bounds of a client for tests that are about something else: a busy machine may need longer than ours. */
export const patience = { commandTimeout: 10_000, connectTimeout: 10_000, socketTimeout: 20_000 } as const;

/** A client with {@link patience}. */
export function patientRedis(url: string): Promise<Redis> {
  return connectRedis(url, { client: patience });
}

/** A prefix that nobody else uses. */
export function freshPrefix(): string {
  return `paystorm-test-${randomUUID()}`;
}

/** Starts a server with `settings` of its command line, its data in a new folder; both are gone after `stop`. */
export async function ownServer(settings: readonly string[] = [], port?: number): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'paystorm-redis-'));
  const at = port ?? (await freePort());
  const bounds = ['--port', String(at), '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
  const server = spawn(binary, [...bounds, ...settings], { stdio: 'ignore' });
  const url = `redis://127.0.0.1:${at}`;
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGKILL');
      await once(server, 'exit');
    }
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      (await patientRedis(url)).disconnect();
      return { url, process: server, stop };
    } catch (error) {
      // Whoever asks for a password, or is a replica, is up.
      if (!(error instanceof Error) || !/ECONNREFUSED|LOADING/.test(error.message)) {
        return { url, process: server, stop };
      }
      await sleep(20);
    }
  }
  await stop();
  throw new Error(`redis-server did not come up at ${url}`);
}

/** A port of loopback on which nobody listens. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port of loopback is free');
  return address.port;
}
