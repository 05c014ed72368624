// Starts each real service once for all of a test run's workers, and only when the first of them asks: a run of other tests
// never waits for a database. Workers ask over a socket, because only the process that started them lives as long as the run.

import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { BackendError, type BackendProblem, type ServiceName, serviceTitles } from './backend-error.ts';
import { enablingCommand } from './enabling.ts';
import { type Backend, checkBackend, findBackend, findOptions } from './find.ts';
import { postgresInstallation } from './postgres-server.ts';
import { redisInstallation } from './redis-server.ts';
import { shownUrl } from './service-url.ts';
import { dropSpaces, openSpace } from './test-space.ts';

/** What a worker asks for. */
export interface BrokerRequest {
  readonly service: ServiceName;
  /** Number of the worker: each has a space of its own in the service. */
  readonly worker: string;
  /** Which test file it is for. */
  readonly file: string;
  /** Whether the file starts servers of this machine itself, and only asks whether it can. */
  readonly local: boolean;
}

/** What a worker is told. */
export type BrokerReply = { readonly url: string; readonly space: string } | Lack;

/** Why a worker gets nothing. */
export interface Lack {
  readonly problem: BackendProblem;
  readonly message: string;
}

/** Hands services out until it is closed. */
export interface Broker {
  /** The same answer whenever it is asked for the same; a service that has died since is a problem, not a new service. */
  open(request: BrokerRequest): Promise<BrokerReply>;
  /** Ends what was started, and tells in lines which files went without what. */
  close(): Promise<readonly string[]>;
}

/** Makes a broker; `announce` hears which way was taken. */
export function broker(
  env: Readonly<Record<string, string | undefined>>,
  announce: (text: string) => void,
): Broker {
  const run = randomBytes(4).toString('hex');
  const opened = new Map<ServiceName, Promise<Backend>>();
  const spaces = new Map<string, Promise<string>>();
  const without = new Map<ServiceName, Set<string>>();

  const backendOf = (service: ServiceName): Promise<Backend> => {
    const found = opened.get(service) ?? findBackend(service, findOptions(env));
    if (!opened.has(service)) {
      opened.set(service, found);
      found.then(
        ({ way, version, url }) =>
          announce(`real ${serviceTitles[service]} ${version} at ${shownUrl(url)} (${way})`),
        () => {},
      );
    }
    return found;
  };

  return {
    async open({ service, worker, file, local }) {
      try {
        if (local) {
          await seeInstalled(service);
          return { url: '', space: '' };
        }
        const known = opened.has(service);
        const backend = await backendOf(service);
        if (known) await checkBackend(backend);
        const name = `paystorm_${run}_${worker}`;
        const space = spaces.get(`${service} ${name}`) ?? openSpace(backend, name);
        spaces.set(`${service} ${name}`, space);
        return { url: await space, space: name };
      } catch (error) {
        if (!(error instanceof BackendError)) throw error;
        if (error.problem === 'missing') without.set(service, (without.get(service) ?? new Set()).add(file));
        return { problem: error.problem, message: error.message };
      }
    },
    async close() {
      await Promise.all(
        [...opened.values()].map(async (found) => {
          const backend = await found.catch(() => undefined);
          if (backend === undefined) return;
          if (backend.way === 'urls')
            await dropSpaces(backend, `paystorm_${run}_`).catch((error: unknown) =>
              announce(`could not remove what the tests stored: ${String(error)}`),
            );
          await backend.stop();
        }),
      );
      return noticeOf(without, env);
    },
  };
}

async function seeInstalled(service: ServiceName): Promise<void> {
  try {
    await (service === 'redis' ? redisInstallation() : postgresInstallation());
  } catch (error) {
    if (!(error instanceof BackendError)) throw error;
    throw new BackendError('missing', `${error.message}; to have it: ${enablingCommand([service])}`);
  }
}

/** Serves a broker on a port of loopback. */
export async function serveBroker(served: Broker): Promise<{ port: number; close(): void }> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    createInterface(socket).once('line', (line) => {
      served.open(JSON.parse(line) as BrokerRequest).then(
        (reply) => socket.end(`${JSON.stringify(reply)}\n`),
        (error: unknown) =>
          socket.end(
            `${JSON.stringify({ problem: 'start', message: String(error) } satisfies BrokerReply)}\n`,
          ),
      );
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

function noticeOf(
  without: ReadonlyMap<ServiceName, ReadonlySet<string>>,
  env: Readonly<Record<string, string | undefined>>,
): string[] {
  if (without.size === 0) return [];
  const services = [...without.keys()].sort();
  const fate = env['PAYSTORM_REQUIRE_REAL'] === '1' ? 'failed' : 'skipped';
  return [
    ...services.map(
      (service) =>
        `${fate} without a real ${serviceTitles[service]}: ${[...(without.get(service) ?? [])].sort().join(', ')}`,
    ),
    `to run them: ${enablingCommand(services, findOptions(env))}`,
  ];
}
