// Convinces by running this very tool over a suite that needs services, on a machine that seems to have none, and with a
// service that ends in the middle: what a person then reads is one line that says what and why.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openLocalServers } from './testing.ts';

vi.setConfig({ testTimeout: 60_000 });

const root = join(import.meta.dirname, '../..');
let folder: string;
beforeEach(() => {
  // In the tree, where the packages are found.
  folder = mkdtempSync(join(import.meta.dirname, 'suite-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function suite(body: string, env: Record<string, string>): { code: number | null; out: string } {
  const file = join(folder, 'some.test.ts');
  writeFileSync(
    file,
    `import { expect, it } from 'vitest';
     import { openTestRedis } from '../testing.ts';
     const redis = await openTestRedis();
     redis.suite('a suite', () => { ${body} });`,
  );
  const { VITEST: _vitest, FORCE_COLOR: _colour, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', file],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...rest, NO_COLOR: '1', PAYSTORM_REQUIRE_REAL: '', PAYSTORM_BACKENDS: '', ...env },
    },
  );
  return { code: status, out: `${stdout}${stderr}` };
}

const nothing = { PAYSTORM_BACKENDS: 'urls', PAYSTORM_REDIS_URL: '' };
const trivial = "it('runs', () => expect(redis.url).toMatch(/^redis:/));";

describe('a suite on a machine without the service', () => {
  it('is skipped and listed, with the command that would enable it', () => {
    const { code, out } = suite(trivial, nothing);
    expect(out).toMatch(/Tests\s+1 skipped/);
    expect(out).toMatch(
      /^paystorm: skipped without a real Redis: harness\/backends\/suite-.+\/some\.test\.ts$/m,
    );
    expect(out).toMatch(/^paystorm: to run them: export PAYSTORM_REDIS_URL=redis:\/\/127\.0\.0\.1:6379$/m);
    expect(code).toBe(0);
  });

  it('fails where real services are required', () => {
    const { code, out } = suite(trivial, { ...nothing, PAYSTORM_REQUIRE_REAL: '1' });
    expect(out).toMatch(/BackendError: no Redis was found \(PAYSTORM_REDIS_URL is not set\); to have one: /);
    expect(code).toBe(1);
  });

  it('fails where the address that was given is of no use', () => {
    const { code, out } = suite(trivial, { PAYSTORM_REDIS_URL: 'redis://cache.example.com' });
    expect(out).toContain('PAYSTORM_REDIS_URL leads to cache.example.com, which is not this machine');
    expect(code).toBe(1);
  });
});

const local = await openLocalServers('redis');

local.suite('a suite on a machine with the service', () => {
  it('is told when the service ends in the middle', () => {
    const body = `it('ends it', async () => {
      const { Redis } = await import('ioredis');
      const client = new Redis(redis.url, { retryStrategy: null });
      client.on('error', () => {});
      await client.shutdown('NOSAVE').catch(() => {});
    });`;
    const { code, out } = suite(body, { PAYSTORM_BACKENDS: 'binaries' });
    expect(out).toMatch(/^paystorm: real Redis [\d.]+ at redis:\S+ \(binaries\)$/m);
    expect(out).toMatch(/Tests\s+1 passed/);
    expect(out).toMatch(/BackendError: Redis at redis:\S+ answered before and no longer does/);
    expect(code).toBe(1);
  });
});
