// Postgres refuses to run as root, as containers and build machines often do, so that somebody else has to run it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { BackendError } from './backend-error.ts';
import type { SystemUser } from './server-plan.ts';

/**
 * Who runs a server that refuses to be run by root: `postgres` or `nobody` when we are root, else we ourselves (undefined).
 *
 * @throws BackendError (`start`) on a system that has neither.
 */
export async function unprivilegedUser(): Promise<SystemUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = await Promise.all([idOf('-u', name), idOf('-g', name)]);
    if (uid !== undefined && gid !== undefined && uid > 0) return { uid, gid };
  }
  throw new BackendError(
    'start',
    'Postgres does not run as root, and there is neither a user postgres nor nobody to run it; add one, or be another user',
  );
}

async function idOf(flag: '-u' | '-g', name: string): Promise<number | undefined> {
  try {
    const { stdout } = await promisify(execFile)('id', [flag, name]);
    return Number(stdout);
  } catch {
    return undefined;
  }
}
