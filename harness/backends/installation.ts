// Which servers are installed on this machine. Debian keeps those of Postgres off the path, and macOS's package managers
// keep older majors beside the current one.

import { execFile } from 'node:child_process';
import { globSync, realpathSync } from 'node:fs';
import { access, constants } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { TreeCopy } from './server-plan.ts';

/** A server that could be started. */
export interface Installation {
  /** The server's executable. */
  readonly server: string;
  /** Such as `15.18`. */
  readonly version: string;
  /** What has to be copied for it to run, where it cannot as it lies; `server` then lies in the copy. */
  readonly copy?: TreeCopy;
}

const postgresFolders = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql*/bin',
  '/usr/local/opt/postgresql*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** The redis-server on the path; undefined without one. */
export async function installedRedis(): Promise<Installation | undefined> {
  const found = await Promise.all(
    pathFolders().map((folder) => installationAt(join(folder, 'redis-server'))),
  );
  return found.find((installation) => installation !== undefined);
}

/** The newest Postgres of this machine that can also make a database cluster; undefined without one. */
export async function installedPostgres(): Promise<Installation | undefined> {
  const folders = [...pathFolders(), ...globSync([...postgresFolders])];
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await executable(join(folder, 'initdb'))) ? installationAt(join(folder, 'postgres')) : undefined,
    ),
  );
  return found
    .filter((installation) => installation !== undefined)
    .sort((a, b) => majorOf(b) - majorOf(a))
    .at(0);
}

/** The first number of a version; 0 when it has none. */
export function majorOf({ version }: Installation): number {
  return Number.parseInt(version, 10) || 0;
}

/** A program that comes with a server, such as `initdb`. */
export function besideServer({ server, copy }: Installation, program: string): string {
  if (copy !== undefined) return join(dirname(server), program);
  // Behind a link lies the folder with the programs that came with it.
  return join(dirname(realpathSync(server)), program);
}

/** What an executable says that it is; undefined when there is none that runs. */
async function installationAt(server: string): Promise<Installation | undefined> {
  if (!(await executable(server))) return undefined;
  try {
    const { stdout } = await promisify(execFile)(server, ['--version'], { timeout: 5000 });
    return { server, version: /\b\d+(\.\d+)+/.exec(stdout)?.[0] ?? '' };
  } catch {
    return undefined;
  }
}

async function executable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function pathFolders(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
