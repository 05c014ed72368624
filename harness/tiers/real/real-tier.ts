// The real tier of one run: worker processes in place of simulated ones, the twin behind HTTP, and time that flows while
// something is under way outside. The world around them, its faults and its history are those of the simulator.

import type { GatewayCapabilities } from '../../../src/gateway/port.ts';
import type { Case } from '../../cases/case.ts';
import type { GatewayTwin } from '../../gateway-twin/twin.ts';
import type { ShopEnv } from '../../targets/shop-env.ts';
import type { Subject, Target, TargetEnv } from '../../targets/target.ts';
import { neverApplied } from '../../world/boundary.ts';
import type { Environment } from '../../world/process.ts';
import type { World } from '../../world/world.ts';
import { exchangeOver } from '../exchange.ts';
import { routeOver } from '../msw-route.ts';
import type { HttpRequest } from './messages.ts';
import { type PortMethod, type Ports, type RemoteProcess, remoteProcess } from './remote-process.ts';
import { type RealTide, realTide } from './tide.ts';
import { startTwinServer, type TwinServer } from './twin-server.ts';
import { type WorkerPool, workerPool } from './worker-pool.ts';

/** What outlives a run: worker processes and the twin's server, one of each in a thread. */
interface Machinery {
  readonly pool: WorkerPool;
  readonly server: TwinServer;
}

/** The tier of one run. */
export interface RealRun {
  readonly tide: RealTide;
  /** Starts a life of a process of `target`. */
  boot(boot: RealBoot): Subject;
  /** Reads the stores anew; what is asked of them synchronously is answered from there. */
  refresh(): Promise<void>;
  /** Ends the run. */
  close(): Promise<void>;
}

/** What a life is started from. */
export interface RealBoot {
  readonly world: World;
  readonly target: Target;
  readonly environment: Environment;
  readonly env: Omit<TargetEnv, 'gateway'>;
  readonly twin: GatewayTwin;
  readonly capabilities: GatewayCapabilities;
}

let machinery: Promise<Machinery> | undefined;
let lives = 0;

async function startMachinery(): Promise<Machinery> {
  return { server: await startTwinServer(), pool: workerPool() };
}

/** Opens the tier for a run of `subject`. */
export async function openRealRun(subject: Case): Promise<RealRun> {
  machinery ??= startMachinery();
  const { pool, server } = await machinery;
  const remotes: RemoteProcess[] = [];
  let world: World | undefined;
  const count = (of: (remote: RemoteProcess) => number): number =>
    remotes.reduce((sum, remote) => sum + of(remote), 0);
  const tide = realTide({
    running: () => count((remote) => (remote.isRunning() ? 1 : 0)),
    outside: () => Math.max(0, (world?.outside.entered ?? 0) - count((remote) => remote.heldUp())),
  });
  return {
    tide,
    boot(boot) {
      world = boot.world;
      lives += 1;
      const { environment, env, target, capabilities } = boot;
      const remote = remoteProcess({
        pool,
        tide,
        target,
        environment,
        world,
        number: lives,
        start: {
          target: target.name,
          process: env.process,
          incarnation: environment.life.incarnation,
          seed: subject.seed,
          config: env.config,
          capabilities,
          gatewayUrl: server.url,
          webhooks: env.shop?.webhooks,
          stores: undefined,
        },
        ports: (self) => portsOf(boot, self, server.url),
      });
      remotes.push(remote);
      return remote.subject;
    },
    refresh: async () => {},
    async close() {
      for (const remote of remotes) remote.release();
    },
  };
}

function portsOf({ env, environment, twin }: RealBoot, self: RemoteProcess, gatewayUrl: string): Ports {
  const { boundary, runtime } = environment;
  const exchange = exchangeOver({ twin, boundary, route: routeThrough(self, gatewayUrl) });
  return {
    runtime: {
      sleep: (ms, signal) => runtime.sleep(ms as number, signal as AbortSignal | undefined),
    },
    gateway: {
      exchange(asked, signal) {
        const { method, url, headers, body } = asked as HttpRequest;
        const fields = new Headers(headers.map(([name, value]): [string, string] => [name, value]));
        return exchange({ method, url, headers: fields, body, signal: signal as AbortSignal | undefined });
      },
    },
    store: methodsOf(env.stores.idempotency),
    ...(env.shop === undefined ? {} : shopPorts(env.shop)),
  };
}

function shopPorts(shop: ShopEnv): Ports {
  const { sagas, inbox, ledger, outbox, velocity, verdicts, tickets, inventory, shipping } = shop;
  return {
    saga: methodsOf(sagas),
    inbox: methodsOf(inbox),
    ledger: methodsOf(ledger),
    outbox: methodsOf(outbox),
    velocity: methodsOf(velocity),
    verdicts: methodsOf(verdicts),
    tickets: methodsOf(tickets),
    inventory: methodsOf(inventory),
    shipping: methodsOf(shipping),
    shop: methodsOf({ report: shop.report, redeliver: shop.redeliver, page: shop.page }),
  };
}

function methodsOf(port: object): Readonly<Record<string, PortMethod>> {
  return port as Readonly<Record<string, PortMethod>>;
}

/** The route of a worker: its own HTTP client, to the server in front of the handlers. */
function routeThrough(self: RemoteProcess, gatewayUrl: string): ReturnType<typeof routeOver> {
  return routeOver(async (request) => {
    const { pathname, search } = new URL(request.url);
    const performed = await self.perform({
      kind: 'exchange',
      request: {
        method: request.method,
        url: `${gatewayUrl}${pathname}${search}`,
        headers: [...request.headers],
        body: await request.text(),
      },
    });
    if (performed === neverApplied) return neverApplied;
    const { status, headers, body } = performed as {
      readonly status: number;
      readonly headers: [string, string][];
      readonly body: string;
    };
    return new Response(body === '' ? null : body, { status, headers });
  });
}
