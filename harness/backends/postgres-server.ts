// Starts a Postgres of this machine, or one that npm brought, for a suite: a cluster of its own, on loopback only. What is
// committed survives a crash of its processes, but not one of the machine.

import { randomBytes } from 'node:crypto';
import { BackendError } from './backend-error.ts';
import { besideServer, type Installation, installedPostgres, majorOf } from './installation.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { oldestPostgres, probePostgres } from './postgres-probe.ts';
import type { ServerCommand } from './server-plan.ts';
import { unprivilegedUser } from './system-user.ts';

/** How a Postgres is to be. */
export interface PostgresServerOptions {
  /** Its settings, such as `{ max_connections: '6' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server that this one is a streaming replica of, until it is promoted. */
  readonly replicaOf?: LocalServer;
  /** Which one (default: the newest on this machine). */
  readonly installation?: Installation;
  /** Until it answers (default 60 000). */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 60_000;
const userName = 'paystorm';

/**
 * Starts a Postgres of this machine, as another user where we are root.
 *
 * @throws BackendError: `missing` where none is installed, `version` where it is too old, `start` where it does not start.
 */
export async function startPostgres(options: PostgresServerOptions = {}): Promise<LocalServer> {
  const installation = options.installation ?? (await postgresInstallation());
  const user = await unprivilegedUser();
  // Whoever shares the machine may reach the port, and the superuser of a database runs programs.
  const password =
    options.replicaOf === undefined
      ? randomBytes(12).toString('hex')
      : decodeURIComponent(new URL(options.replicaOf.url).password);
  return startLocalServer({
    service: 'postgres',
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    urlAt: (port) => `postgres://${userName}:${password}@127.0.0.1:${port}/postgres`,
    planAt: (port) => ({
      kind: 'process',
      copies: installation.copy === undefined ? [] : [installation.copy],
      prepare: [clusterOf(installation, options.replicaOf)],
      serve: {
        file: installation.server,
        args: ['-D', '{folder}/data', ...settingsOf(port, options.settings)],
      },
      files: { password },
      env: {},
      user,
      // An immediate shutdown: nobody will read the data again.
      endSignal: 'SIGQUIT',
    }),
    probe: (url) => probePostgres(url, { replica: options.replicaOf !== undefined }),
  });
}

/**
 * The newest Postgres of this machine.
 *
 * @throws BackendError: `missing` where none is installed, `version` where it is too old.
 */
export async function postgresInstallation(): Promise<Installation> {
  const installation = await installedPostgres();
  if (installation === undefined)
    throw new BackendError(
      'missing',
      'there is no Postgres with initdb on the path or where packages put it',
    );
  if (majorOf(installation) < oldestPostgres)
    throw new BackendError(
      'version',
      `${installation.server} is version ${installation.version}, and paystorm needs ${oldestPostgres} or newer`,
    );
  return installation;
}

function clusterOf(installation: Installation, primary: LocalServer | undefined): ServerCommand {
  if (primary !== undefined)
    return {
      file: besideServer(installation, 'pg_basebackup'),
      args: ['-d', primary.url, '-D', '{folder}/data', '-R', '-X', 'stream', '-c', 'fast', '--no-sync'],
    };
  return {
    file: besideServer(installation, 'initdb'),
    args: [
      ...['-D', '{folder}/data', '-U', userName, '--pwfile={folder}/password', '--auth=scram-sha-256'],
      ...['-E', 'UTF8', '--locale=C', '--no-sync'],
    ],
  };
}

function settingsOf(port: number, settings: PostgresServerOptions['settings']): string[] {
  const all = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    // No socket file beside the port, and no shared memory that a killed server would leave behind.
    unix_socket_directories: '',
    dynamic_shared_memory_type: 'mmap',
    fsync: 'off',
    full_page_writes: 'off',
    ...settings,
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
