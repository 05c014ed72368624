// Starts a Redis of this machine for a suite: in memory alone unless settings say otherwise, on loopback only.

import { BackendError } from './backend-error.ts';
import { type Installation, installedRedis, majorOf } from './installation.ts';
import { type LocalServer, startLocalServer } from './local-server.ts';
import { oldestRedis, probeRedis } from './redis-probe.ts';

/** How a Redis is to be. */
export interface RedisServerOptions {
  /** Its directives, such as `{ maxmemory: '3mb', 'maxmemory-policy': 'noeviction' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The server that this one is a replica of, until told otherwise; it is then ready when it has caught up once. */
  readonly replicaOf?: LocalServer;
  /** Until it answers (default 20 000). */
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 20_000;

/**
 * Starts a redis-server of this machine.
 *
 * @throws BackendError: `missing` where none is installed, `version` where it is too old, `start` where it does not start.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<LocalServer> {
  const installation = await redisInstallation();
  const { requirepass } = options.settings ?? {};
  const password = requirepass === undefined ? '' : `:${encodeURIComponent(requirepass)}@`;
  const settings = {
    save: '',
    appendonly: 'no',
    // The faults of a store are made with DEBUG, which is closed otherwise.
    'enable-debug-command': 'local',
    'repl-diskless-sync-delay': '0',
    ...options.settings,
  };
  return startLocalServer({
    service: 'redis',
    timeoutMs: options.timeoutMs ?? defaultTimeoutMs,
    urlAt: (port) => `redis://${password}127.0.0.1:${port}`,
    planAt: (port) => ({
      kind: 'process',
      copies: [],
      prepare: [],
      serve: {
        file: installation.server,
        args: [
          ...['--bind', '127.0.0.1', '--port', String(port), '--dir', '{folder}/data', '--daemonize', 'no'],
          ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
          ...(options.replicaOf === undefined
            ? []
            : ['--replicaof', '127.0.0.1', String(options.replicaOf.port)]),
        ],
      },
      files: {},
      env: {},
      user: undefined,
      // It has nothing to save that anybody will read.
      endSignal: 'SIGKILL',
    }),
    probe: (url) => probeRedis(url, { replica: options.replicaOf !== undefined }),
  });
}

/**
 * The redis-server of this machine.
 *
 * @throws BackendError: `missing` where none is installed, `version` where it is too old.
 */
export async function redisInstallation(): Promise<Installation> {
  const installation = await installedRedis();
  if (installation === undefined) throw new BackendError('missing', 'there is no redis-server on the path');
  if (majorOf(installation) < oldestRedis)
    throw new BackendError(
      'version',
      `${installation.server} is version ${installation.version}, and paystorm needs ${oldestRedis} or newer`,
    );
  return installation;
}
