// The real tier of one run: worker processes in place of simulated ones, the twin behind HTTP, and time that flows while
// something is under way outside. The world around them, its faults and its history are those of the simulator.

import type { GatewayCapabilities } from '../../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../../src/idempotency/store.ts';
import type { ArmedConnection } from '../../backends/arming.ts';
import type { Case } from '../../cases/case.ts';
import type { FaultKind } from '../../faults/kinds.ts';
import type { GatewayTwin } from '../../gateway-twin/twin.ts';
import type { ShopStores } from '../../shop/stores.ts';
import type { ShopEnv } from '../../targets/shop-env.ts';
import type { Subject, Target, TargetEnv } from '../../targets/target.ts';
import { type Boundary, neverApplied } from '../../world/boundary.ts';
import type { Environment } from '../../world/process.ts';
import type { World } from '../../world/world.ts';
import { exchangeOver } from '../exchange.ts';
import { routeOver } from '../msw-route.ts';
import { type Assailant, assailant } from './assailant.ts';
import { crossingStores, type StoreHands } from './crossing-stores.ts';
import type { Drivers } from './drivers.ts';
import { lanes } from './lanes.ts';
import type { HttpRequest } from './messages.ts';
import { type PortMethod, type Ports, type RemoteProcess, remoteProcess } from './remote-process.ts';
import { type CaseStores, type StoreServer, startStoreServer } from './store-server.ts';
import { type StoreView, storeView } from './store-view.ts';
import type { ServerKind } from './stores-address.ts';
import { type RealTide, realTide } from './tide.ts';
import { startTwinServer, type TwinServer } from './twin-server.ts';
import { type WorkerPool, workerPool } from './worker-pool.ts';

/** What outlives a run: worker processes and the twin's server, one of each in a thread. */
interface Machinery {
  readonly pool: WorkerPool;
  readonly server: TwinServer;
  /** Servers of stores, once a case has asked for them. */
  readonly stores: Map<ServerKind, Promise<StoreServer>>;
}

/** The tier of one run. */
export interface RealRun {
  readonly tide: RealTide;
  /** Stores that are kept in a server; absent where they are tables of the world. */
  readonly stores: RealStores | undefined;
  /** Whether a kind of fault can be brought about: those of a server only at one that was started to be hurt. */
  canBefall(kind: FaultKind): boolean;
  /** To be told of the world before anything is started in it. */
  begin(world: World): void;
  /** Starts a life of a process of `target`. */
  boot(boot: RealBoot): Subject;
  /** Reads the stores anew; what is asked of them synchronously is answered from there. */
  refresh(): Promise<void>;
  /** Ends the run. */
  close(): Promise<void>;
}

/** The stores of a run, as the stage has them. */
export interface RealStores extends ShopStores {
  /** The store of idempotency records, as the process of `boundary` has it. */
  idempotency(boundary: Boundary): IdempotencyStore;
  /** How many calls it has not decided yet. */
  undecided(): number;
}

/** What a life is started from. */
export interface RealBoot {
  readonly target: Target;
  readonly environment: Environment;
  readonly env: Omit<TargetEnv, 'gateway'>;
  readonly twin: GatewayTwin;
  readonly capabilities: GatewayCapabilities;
}

let machinery: Promise<Machinery> | undefined;

/** Ends what runs of this thread have started. A later run starts it anew. */
export async function closeRealTier(): Promise<void> {
  const present = await machinery?.catch(() => undefined);
  machinery = undefined;
  if (present === undefined) return;
  present.pool.close();
  present.server.close();
  for (const server of present.stores.values()) await server.then(({ close }) => close()).catch(() => {});
}

let lives = 0;

async function startMachinery(): Promise<Machinery> {
  return { server: await startTwinServer(), pool: workerPool(), stores: new Map() };
}

/** Finds or starts the server, once. What went wrong with that goes wrong for every case. */
function storeServer({ stores }: Machinery, kind: ServerKind): Promise<StoreServer> {
  const known = stores.get(kind) ?? startStoreServer(kind);
  stores.set(kind, known);
  return known;
}

/** Opens the tier for a run of `subject`. */
export async function openRealRun(subject: Case): Promise<RealRun> {
  machinery ??= startMachinery();
  const ready = await machinery;
  const { pool, server } = ready;
  const remotes = new Map<Boundary, RemoteProcess>();
  let world: World | undefined;
  const kind = subject.stores ?? 'memory';
  const kept =
    kind === 'memory' ? undefined : await (await storeServer(ready, kind)).open(() => world?.nowMs() ?? 0);
  let view: StoreView | undefined;
  const count = (of: (remote: RemoteProcess) => number): number => {
    let sum = 0;
    for (const remote of remotes.values()) sum += of(remote);
    return sum;
  };
  const tide = realTide({
    running: () => count((remote) => (remote.isRunning() ? 1 : 0)),
    outside: () => Math.max(0, (world?.outside.entered ?? 0) - count((remote) => remote.heldUp())),
  });
  return {
    tide,
    stores:
      kept &&
      storesOf(
        {
          remotes,
          drivers: kept.drivers,
          nowMs: () => world?.nowMs() ?? 0,
          turn: lanes(),
          unexpected: () => void kept.insistAlive().catch(tide.fail),
        },
        () => view,
      ),
    canBefall: kept?.canBefall ?? (() => true),
    begin(present) {
      world = present;
      if (kept !== undefined) view = storeView(kept.drivers, present.history.crossings);
    },
    boot(boot) {
      if (world === undefined) throw new Error('a life begins in a world: call begin first');
      lives += 1;
      const { environment, env, target, capabilities } = boot;
      const assail = kept && assailant(kept.strike);
      const remote = remoteProcess({
        pool,
        tide,
        target,
        environment,
        world,
        number: lives,
        assail,
        start: {
          target: target.name,
          process: env.process,
          incarnation: environment.life.incarnation,
          seed: subject.seed,
          config: env.config,
          capabilities,
          webhooks: env.shop?.webhooks,
          stores: kept?.address,
        },
        ports: (self) => ({ ...portsOf(boot, self, server.url), ...(assail && faultPorts(assail)) }),
      });
      remotes.set(environment.boundary, remote);
      return remote.subject;
    },
    refresh: () => whileAlive(kept, async () => await view?.refresh()),
    async close() {
      for (const remote of remotes.values()) remote.release();
    },
  };
}

const lookEveryMs = 500;

/** Reads what is read patiently, but not for longer than the server is there. */
async function whileAlive(kept: CaseStores | undefined, read: () => Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const gone = new Promise<never>((_, reject) => {
    timer = setInterval(() => void kept?.insistAlive().catch(reject), lookEveryMs);
  });
  try {
    await Promise.race([read(), gone]);
  } finally {
    clearInterval(timer);
  }
}

interface Hands extends Omit<StoreHands, 'self'> {
  readonly remotes: ReadonlyMap<Boundary, RemoteProcess>;
}

function storesOf({ remotes, ...rest }: Hands, present: () => StoreView | undefined): RealStores {
  const view = (): StoreView => {
    const known = present();
    if (known === undefined)
      throw new Error('the stores of a run are looked at in its world: call begin first');
    return known;
  };
  const self = (boundary: Boundary) => (): RemoteProcess => {
    const remote = remotes.get(boundary);
    if (remote === undefined) throw new Error('an operation of a process that was never started');
    return remote;
  };
  const connected = (boundary: Boundary): Drivers =>
    crossingStores(boundary, { ...rest, self: self(boundary) });
  return {
    idempotency: (boundary) => connected(boundary).store,
    connect(boundary) {
      const { store: _, saga: sagas, ...others } = connected(boundary);
      return { sagas, ...others };
    },
    sagas: () => view().sagas(),
    entries: () => view().entries(),
    inbox: () => view().inbox(),
    untold: () => view().untold(),
    undecided: () => view().undecided(),
  };
}

function faultPorts(assail: Assailant): Ports {
  return {
    faults: { arm: (operation, on) => assail.arm(operation as number, on as ArmedConnection) },
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
