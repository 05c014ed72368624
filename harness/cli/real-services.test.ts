// Convinces by starting the real command where there is no service, or one that is of no use: one line, before any case is run;
// and by a service that is there at first and then no longer.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis } from '../../src/redis.ts';
import { startRedis } from '../backends/redis-server.ts';
import { openLocalServers } from '../backends/testing.ts';

const bin = fileURLToPath(new URL('./paystorm.js', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'paystorm-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('paystorm run on real stores', { timeout: 60_000 }, () => {
  it.each([
    {
      about: 'there is none',
      env: { PAYSTORM_BACKENDS: 'urls', PAYSTORM_REDIS_URL: '' },
      words: [],
      says: '--stores redis cannot be had (PAYSTORM_REDIS_URL is not set); to have them: export PAYSTORM_REDIS_URL=',
    },
    {
      about: 'the one that was named is elsewhere',
      env: { PAYSTORM_REDIS_URL: 'redis://0.0.0.0:1' },
      words: [],
      says: 'PAYSTORM_REDIS_URL leads to 0.0.0.0, which is not this machine',
    },
    {
      about: 'the one that is allowed to be elsewhere does not answer',
      env: { PAYSTORM_REDIS_URL: 'redis://0.0.0.0:1' },
      words: ['--allow-host'],
      says: 'Redis at redis://0.0.0.0:1 does not answer',
    },
    {
      about: 'the way to it is none',
      env: { PAYSTORM_BACKENDS: 'podman' },
      words: [],
      says: 'PAYSTORM_BACKENDS must be one of',
    },
  ])('says once that $about, and runs nothing', ({ env, words, says }) => {
    const {
      FORCE_COLOR: _forced,
      PAYSTORM_BACKENDS: _way,
      PAYSTORM_ALLOW_HOST: _host,
      ...rest
    } = process.env;
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [bin, 'run', '--tier', 'real', '--stores', 'redis', '--runs', '2', ...words],
      { encoding: 'utf8', cwd: folder, env: { ...rest, NO_COLOR: '1', ...env } },
    );
    expect(stderr.split('\n')).toEqual([expect.stringContaining(`paystorm: ${says}`), '']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

const local = await openLocalServers('redis');

local.suite('a server that dies in the middle', () => {
  it('ends the campaign, which says so in one line and leaves nothing running', async () => {
    const server = await startRedis();
    const campaign = spawn(
      process.execPath,
      [
        bin,
        'run',
        '--tier',
        'real',
        '--stores',
        'redis',
        '--runs',
        '10000',
        '--suite',
        'charge',
        '--seed',
        '1',
      ],
      {
        cwd: folder,
        env: { ...process.env, NO_COLOR: '1', PAYSTORM_BACKENDS: 'urls', PAYSTORM_REDIS_URL: server.url },
      },
    );
    let said = '';
    campaign.stderr.on('data', (chunk) => {
      said += String(chunk);
    });
    const ended = once(campaign, 'exit');
    const looking = await connectRedis(server.url);
    await expect.poll(() => looking.dbsize(), { timeout: 30_000 }).toBeGreaterThan(0);
    looking.disconnect();
    await server.stop();
    expect(await ended).toEqual([2, null]);
    expect(said).toContain(`paystorm: Redis at ${server.url} answered before and no longer does`);
  }, 60_000);
});
