// Convinces by killing whoever started real servers, in each way that a process can end, and by looking whether anything of
// them is left: a process, a port that is taken, a folder.

import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { Redis } from 'ioredis';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { startPostgres } from './postgres-server.ts';
import { startRedis } from './redis-server.ts';
import { openLocalServers } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

/** What is left of servers that were started in the folder for temporary files. */
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'paystorm-test-'));
  // Whoever runs Postgres in root's stead has to get in.
  chmodSync(temporary, 0o755);
  vi.stubEnv('TMPDIR', temporary);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

interface Sighting {
  readonly pid: number;
  readonly port: number;
}

/** Starts both servers in a process of its own, which tells where they are and then waits. */
async function starter(): Promise<{ readonly pid: number; readonly servers: readonly Sighting[] }> {
  const from = (file: string): string => JSON.stringify(pathToFileURL(join(import.meta.dirname, file)).href);
  const code = `
    import { startRedis } from ${from('redis-server.ts')};
    import { startPostgres } from ${from('postgres-server.ts')};
    const servers = await Promise.all([startRedis(), startPostgres()]);
    console.log(JSON.stringify(servers.map((server) => ({ pid: server.pid(), port: server.port }))));
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // A group of its own, as a terminal gives each command.
    detached: true,
  });
  const servers = await new Promise<Sighting[]>((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve(JSON.parse(line)));
    child.once('exit', () => reject(new Error('it ended before its servers answered')));
  });
  return { pid: child.pid ?? 0, servers };
}

function alive(pid: number): boolean {
  try {
    // Whoever is dead and not yet buried, as where the first process buries nobody, is gone all the same.
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

function listening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function expectGone(servers: readonly Sighting[]): Promise<void> {
  await vi.waitFor(
    async () => {
      const left = {
        processes: servers.map(({ pid }) => pid).filter(alive),
        folders: readdirSync(temporary),
      };
      expect(left).toEqual({ processes: [], folders: [] });
      expect(await Promise.all(servers.map(({ port }) => listening(port)))).toEqual(servers.map(() => false));
    },
    { timeout: 10_000, interval: 50 },
  );
}

const servers = {
  both: await openLocalServers('redis', 'postgres'),
  redis: await openLocalServers('redis'),
  postgres: await openLocalServers('postgres'),
};

servers.both.suite('servers that were started', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'are gone, with their files and ports, after whoever started them, and what belongs to it, got %s',
    async (signal) => {
      const { pid, servers } = await starter();
      expect(servers.map(({ pid: server }) => alive(server))).toEqual([true, true]);
      expect(readdirSync(temporary)).toHaveLength(2);
      process.kill(-pid, signal);
      await expectGone(servers);
    },
  );

  it('are gone when whoever started them is killed while they start', async () => {
    const child = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        `import { startPostgres } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, 'postgres-server.ts')).href)};
         await startPostgres();`,
      ],
      { stdio: 'ignore' },
    );
    await vi.waitFor(() => expect(readdirSync(temporary)).toHaveLength(1), { timeout: 10_000, interval: 5 });
    const [folder = ''] = readdirSync(temporary);
    // In the middle of making its cluster: the last file of that is written at its end.
    await vi.waitFor(() => expect(existsSync(join(temporary, folder, 'data/base'))).toBe(true), {
      timeout: 10_000,
      interval: 5,
    });
    child.kill('SIGKILL');
    await expectGone([]);
  });

  it('are gone after they were stopped, even one that a signal has halted', async () => {
    const servers = await Promise.all([startRedis(), startPostgres()]);
    const seen = servers.map((server) => ({ pid: server.pid(), port: server.port }));
    await servers[1].signal('SIGSTOP');
    await Promise.all(servers.map((server) => server.stop()));
    await expectGone(seen);
  });

  it('are gone after they were stopped when what keeps them was killed', async () => {
    const redis = await startRedis();
    const seen = { pid: redis.pid(), port: redis.port };
    process.kill(parentOf(redis.pid()), 'SIGKILL');
    await vi.waitFor(() => expect(redis.ended()).toBe('the process that keeps it has ended'), {
      timeout: 10_000,
    });
    await redis.stop();
    await expectGone([seen]);
  });
});

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }));
}

async function withServer(server: LocalServer, use: () => Promise<void>): Promise<void> {
  try {
    await use();
  } finally {
    await server.stop();
  }
}

servers.redis.suite('a Redis that was started', () => {
  it('is as it was asked for, and starts again after a crash with what it had written down', async () => {
    const redis = await startRedis({
      settings: { appendonly: 'yes', appendfsync: 'always', maxmemory: '9mb' },
    });
    await withServer(redis, async () => {
      const before = new Redis(redis.url, { retryStrategy: null });
      before.on('error', () => {});
      expect(await before.config('GET', 'maxmemory')).toEqual(['maxmemory', String(9 * 1024 ** 2)]);
      await before.set('k', 'v');
      const pid = redis.pid();
      await redis.signal('SIGKILL');
      await redis.untilEnded();
      expect(redis.ended()).toMatch(/redis-server ended by SIGKILL/);
      await expect(redis.signal('SIGTERM')).rejects.toThrow('it is not running');
      await redis.restart();
      expect(redis.ended()).toBeUndefined();
      expect(redis.pid()).not.toBe(pid);
      await expect(redis.restart()).rejects.toThrow('it is still running');
      const after = new Redis(redis.url);
      expect(await after.get('k')).toBe('v');
      after.disconnect();
    });
  });

  it('is refused with its own words when it cannot be as asked, and leaves nothing', async () => {
    await expect(startRedis({ settings: { maxmemory: 'plenty' } })).rejects.toMatchObject({
      problem: 'start',
      message: expect.stringMatching(
        /^Redis could not be started: .*redis-server ended with exit code 1; .*plenty/,
      ),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is refused where it is too old', async () => {
    writeFileSync(
      join(temporary, 'redis-server'),
      '#!/bin/sh\necho "Redis server v=6.0.16 sha=00000000:0"\n',
      {
        mode: 0o755,
      },
    );
    vi.stubEnv('PATH', temporary);
    await expect(startRedis()).rejects.toMatchObject({
      problem: 'version',
      message: `${temporary}/redis-server is version 6.0.16, and paystorm needs 7 or newer`,
    });
  });

  it('is missing where none is on the path', async () => {
    vi.stubEnv('PATH', '');
    await expect(startRedis()).rejects.toMatchObject({ problem: 'missing' });
  });
});

servers.postgres.suite('a Postgres that was started', () => {
  it('is as it was asked for, and starts again after an immediate shutdown with what was committed', async () => {
    const postgres = await startPostgres({ settings: { max_connections: '7' } });
    await withServer(postgres, async () => {
      const query = async (sql: string): Promise<unknown[]> => {
        const client = new Client(postgres.url);
        client.on('error', () => {});
        await client.connect();
        const { rows } = await client.query(sql).finally(() => client.end());
        return rows;
      };
      expect(await query('show max_connections')).toEqual([{ max_connections: '7' }]);
      await query('create table t as select 1 as a');
      await postgres.signal('SIGQUIT');
      await postgres.untilEnded();
      await postgres.restart();
      expect(await query('select * from t')).toEqual([{ a: 1 }]);
    });
  });

  it.runIf(process.getuid?.() === 0)('lies where its user can reach it, though we are root', async () => {
    chmodSync(temporary, 0o700);
    const postgres = await startPostgres();
    expect(postgres.folder().startsWith(temporary)).toBe(false);
    const folder = postgres.folder();
    await postgres.stop();
    expect(existsSync(folder)).toBe(false);
  });

  it('is refused with its own words when it cannot be as asked, and leaves nothing', async () => {
    await expect(startPostgres({ settings: { max_connections: 'plenty' } })).rejects.toMatchObject({
      problem: 'start',
      message: expect.stringMatching(/^Postgres could not be started: .*invalid value for parameter/),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });
});

describe('a port that was free and is taken before the server has it', () => {
  /** Starts servers of which the first few find their port taken, while somebody else answers there. */
  const startAfter = async (
    taken: number,
  ): Promise<{ readonly version: string; readonly starts: number }> => {
    let starts = 0;
    const server = await startLocalServer({
      service: 'redis',
      timeoutMs: 20_000,
      urlAt: (port) => `redis://127.0.0.1:${port}`,
      planAt: () => {
        starts += 1;
        const words =
          starts <= taken ? 'sleep 0.3; echo bind: Address already in use; exit 1' : 'exec sleep 600';
        return {
          kind: 'process',
          copies: [],
          prepare: [],
          serve: { file: '/bin/sh', args: ['-c', words] },
          files: {},
          env: {},
          user: undefined,
          endSignal: 'SIGTERM',
        };
      },
      probe: async () => (starts <= taken ? { version: 'of somebody else', pid: 1 } : { version: 'ours' }),
    });
    await server.stop();
    return { version: server.version, starts };
  };

  it('is left to whoever has it', async () => {
    expect(await startAfter(2)).toEqual({ version: 'ours', starts: 3 });
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('is told when it happens again and again', async () => {
    await expect(startAfter(3)).rejects.toMatchObject({
      problem: 'start',
      message: expect.stringMatching(/^Redis could not be started: .*Address already in use/),
    });
    expect(readdirSync(temporary)).toEqual([]);
  });
});
