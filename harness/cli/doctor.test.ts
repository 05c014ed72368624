// Convinces by starting the real command, on this machine and where it seems to have nothing: what is reachable, which way would
// be taken, and what to install.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { installedRedis } from '../backends/installation.ts';
import type { DoctorReport } from './doctor.ts';

const bin = fileURLToPath(new URL('./paystorm.js', import.meta.url));

const redis = await installedRedis();

function doctor(env: Record<string, string>, ...words: string[]) {
  const {
    FORCE_COLOR: _forced,
    PAYSTORM_REQUIRE_REAL: _required,
    PAYSTORM_BACKENDS: _way,
    PAYSTORM_ALLOW_HOST: _host,
    ...rest
  } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, 'doctor', ...words], {
    encoding: 'utf8',
    env: { ...rest, NO_COLOR: '1', ...env },
  });
  return { code: status, out: stdout, err: stderr };
}

describe('paystorm doctor', { timeout: 30_000 }, () => {
  it('tells of a machine with nothing what to install, and that the simulator runs all the same', () => {
    const { code, out } = doctor({ PAYSTORM_BACKENDS: 'binaries', PATH: '/nowhere' }, '--json');
    const report: DoctorReport = JSON.parse(out);
    expect(report.services.at(0)).toEqual({
      service: 'redis',
      way: null,
      looks: [{ way: 'binaries', open: false, says: 'there is no redis-server on the path' }],
      problem: null,
    });
    expect(report.tiers.slice(0, 2)).toEqual(['sim', 'msw']);
    expect(report.install?.debian).toContain('sudo apt-get install -y redis-server');
    expect(report.install?.macos).toContain('brew install redis');
    expect(code).toBe(0);
  });

  it.runIf(redis)('tells which way would be taken', () => {
    const { code, out } = doctor({ PAYSTORM_BACKENDS: 'binaries' });
    expect(out).toMatch(/^Redis: by way of binaries\n {2}✓ binaries \S+redis-server 7[\d.]+$/m);
    expect(out).toMatch(/^tiers that can run: sim, msw, real$/m);
    expect(code).toBe(0);
  });

  it('fails where a service is required and missing', () => {
    const { code, out } = doctor({ PAYSTORM_BACKENDS: 'urls', PAYSTORM_REQUIRE_REAL: '1' });
    expect(out).toMatch(/^Redis: none that can be used$/m);
    expect(code).toBe(2);
  });

  it('fails where an address that was given is of no use, and takes nothing in its place', () => {
    const elsewhere = { PAYSTORM_REDIS_URL: 'redis://:secret@cache.example.com:1' };
    const { code, out } = doctor(elsewhere);
    expect(out).toMatch(
      /^Redis: none that can be used\n {2}✗ urls {5}PAYSTORM_REDIS_URL leads to cache\.example\.com/m,
    );
    expect(out).not.toContain('secret');
    expect(code).toBe(2);
  });

  it('lets an address lead elsewhere when told to', () => {
    const nobody = { PAYSTORM_REDIS_URL: 'redis://0.0.0.0:1' };
    expect(doctor(nobody).out).toContain('which is not this machine');
    expect(doctor(nobody, '--allow-host').out).toContain('Redis at redis://0.0.0.0:1 does not answer');
  });

  it('answers a way that is none in one line', () => {
    expect(doctor({ PAYSTORM_BACKENDS: 'podman' })).toEqual({
      code: 2,
      out: '',
      err: 'paystorm: PAYSTORM_BACKENDS must be one of urls, docker, binaries, npm, or unset\n',
    });
  });
});
