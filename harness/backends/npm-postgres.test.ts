// Convinces by starting it, with nothing else of Postgres on the path.

import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { findBackend, findOptions } from './find.ts';
import { npmPostgres } from './npm-postgres.ts';
import { startPostgres } from './postgres-server.ts';
import { probeService } from './ways.ts';

afterEach(() => vi.unstubAllEnvs());

const brought = (() => {
  try {
    return npmPostgres();
  } catch {
    return undefined;
  }
})();

describe.runIf(brought)('the Postgres that npm brings', { timeout: 120_000 }, () => {
  it('is started where nothing else may be, and answers', async () => {
    const found = await findBackend('postgres', findOptions({ PAYSTORM_BACKENDS: 'npm' }));
    expect(found.way).toBe('npm');
    expect(brought?.version.startsWith(found.version)).toBe(true);
    expect(await probeService('postgres', found.url)).toBe(found.version);
    await found.stop();
  });

  it.runIf(process.getuid?.() === 0)('is copied for root, whose packages others may not reach', async () => {
    if (brought === undefined) throw new Error('it was there');
    expect(brought.copy?.links['lib/libpq.so.5']).toMatch(/^lib\/libpq\.so\.5\.\d+$/);
    const server = await startPostgres({ installation: brought });
    const folder = server.folder();
    expect(existsSync(`${folder}/native/lib/libpq.so.5`)).toBe(true);
    await server.stop();
    expect(existsSync(folder)).toBe(false);
  });
});
