// The stage that one run is played on: the world with its gateway, stores, clients and processes.

import { idempotencyTable } from '../src/stores/idempotency-table.ts';
import type { Case, Fault } from './cases/case.ts';
import { busyWith, insistOnDeadlock, movesInRealTime } from './escape.ts';
import { directGateway } from './gateway-twin/direct-adapter.ts';
import { behaviourOf, boundedEffectDelayMs, capabilitiesOf } from './gateway-twin/profiles.ts';
import { type GatewayTwin, gatewayTwin } from './gateway-twin/twin.ts';
import type { History, Terms } from './history/history.ts';
import { type Shop, shopOf } from './shop/shop.ts';
import type { Subject, Target } from './targets/target.ts';
import { targetConfig, termsOf } from './terms.ts';
import { startMswProcess } from './tiers/msw-process.ts';
import type { RealRun } from './tiers/real/real-tier.ts';
import { actAs, actor } from './world/actor.ts';
import { type Clients, clientsOf } from './world/client.ts';
import type { Life } from './world/crossing.ts';
import { type SimulatedProcess, simulatedProcess } from './world/process.ts';
import type { Drive } from './world/pump.ts';
import { simulatedStore } from './world/simulated-store.ts';
import { createWorld, type World } from './world/world.ts';

/** See the file comment. */
export interface Stage {
  readonly world: World;
  readonly clients: Clients;
  readonly processes: readonly SimulatedProcess<Subject>[];
  readonly terms: Terms;
  readonly books: () => History['books'];
  readonly stepUp: GatewayTwin['stepUp'];
  readonly dispute: GatewayTwin['dispute'];
  /** How many calls the store of idempotency records has not decided yet. */
  readonly undecided: () => number;
  /** Absent around a target that is none. */
  readonly shop: Shop | undefined;
  /** Sweeps on their way, and the life of the process that makes each. */
  readonly sweeps: Map<string, Life>;
  /** Present in tier real. */
  readonly real: RealRun | undefined;
  /** What Node was busy with before the first event. */
  readonly before: readonly string[];
  /** Calls that are known to wait for ever. */
  readonly deadlocked: Set<string>;
}

/** Carries out everything that is scheduled, and makes sure that what is unfinished then is so in virtual time. */
export async function runToRest(stage: Stage): Promise<void> {
  const { world, clients, before, deadlocked, real } = stage;
  // Setting the machinery going costs as much as several events, and often there is none.
  if (world.scheduled() > 0) await world.run();
  await real?.refresh();
  const unfinished = (): readonly string[] => [...clients.unfinished(), ...unfinishedSweeps(stage)];
  const left = unfinished();
  if (left.length === 0) return;
  const hung = new Set([...world.hung].map(({ actor }) => actor));
  const calls = left.filter((id) => !(hung.has(id) || deadlocked.has(id)));
  if (calls.length === 0) return;
  const moved = (): boolean => world.scheduled() > 0 || unfinished().length !== left.length;
  if (real === undefined) await insistOnDeadlock({ calls, before, moved });
  else if (await movesInRealTime(moved)) return runToRest(stage);
  for (const id of calls) deadlocked.add(id);
}

/** Sweeps that a living process began and never ended. */
export function unfinishedSweeps({ sweeps }: Stage): readonly string[] {
  const ids: string[] = [];
  for (const [id, life] of sweeps) if (life.alive) ids.push(id);
  return ids;
}

/** What a run may be played with instead of what is usual. */
export interface Machinery {
  readonly drive?: Drive | undefined;
  /** The real tier, opened for this run. */
  readonly real?: RealRun | undefined;
}

/** Sets the stage for a case; no process is started yet. */
export function setUp(subject: Case, target: Target, { drive, real }: Machinery = {}): Stage {
  const before = busyWith();
  const capabilities = capabilitiesOf(subject.profile, subject.config);
  const { seed, episodes, config: { enforceLimits } = {} } = subject;
  const world = createWorld({
    seed,
    latestMs: boundedEffectDelayMs,
    episodes,
    drive: real?.tide.drive ?? drive,
    tide: real?.tide,
    canBefall: real?.canBefall,
  });
  const behaviour = behaviourOf(subject.profile);
  const twin = gatewayTwin({ far: world, capabilities, behaviour, enforceLimits });
  const table = (target.table ?? idempotencyTable)(world.nowMs);
  const config = targetConfig(subject);
  const count = subject.config?.processes ?? 1;
  const clients = clientsOf(world);
  real?.begin(world);
  const { stores } = real ?? {};
  const shop = shopOf({ world, twin, clients, target, subject, stores, processes: () => processes });
  const processes: readonly SimulatedProcess<Subject>[] = Array.from({ length: count }, (_, index) =>
    simulatedProcess<Subject>(world, {
      name: `p${index}`,
      skewMs: subject.config?.skewMs?.[index] ?? 0,
      boot: (environment) => {
        const { name, runtime, boundary, watch, onCrash } = environment;
        const env = {
          runtime,
          stores: { idempotency: real?.stores?.idempotency(boundary) ?? simulatedStore(table, boundary) },
          process: name,
          config,
          watch,
          ...(shop === undefined ? {} : { shop: shop.env(boundary, name) }),
        };
        if (real !== undefined) return real.boot({ target, environment, env, twin, capabilities });
        if (subject.tier !== 'msw')
          return target.start({ ...env, gateway: directGateway({ twin, boundary, capabilities }) });
        const { outside } = world;
        return startMswProcess({ target, env, twin, boundary, capabilities, outside, onCrash });
      },
    }),
  );
  const terms = termsOf(subject, { target, config, capabilities });
  return {
    world,
    clients,
    processes,
    terms,
    books: () => (shop === undefined ? twin.books() : { ...twin.books(), shop: shop.books() }),
    stepUp: twin.stepUp,
    dispute: twin.dispute,
    undecided: () => real?.stores?.undecided() ?? table.list({ limit: Number.MAX_SAFE_INTEGER }).length,
    shop,
    sweeps: new Map(),
    before,
    real,
    deadlocked: new Set(),
  };
}

/** The intended purchase behind a scoped key: what the gateway's books attribute charges by. */
export function paymentTokenOf(scope: string, key: string): string {
  return `tok:${scope}:${key}`;
}

/** One sweep to make, and the faults that it carries. */
export interface Sweep {
  readonly id: string;
  readonly faults?: readonly Fault[] | undefined;
}

/** Lets `process` sweep as the background actor `id`, when it is up. */
export function sweep(
  { sweeps }: Stage,
  process: SimulatedProcess<Subject> | undefined,
  { id, faults }: Sweep,
): void {
  process?.whenAwake(() => {
    const program = process.program();
    if (program?.recover === undefined) return;
    sweeps.set(id, process.life());
    // A sweep that fails is repeated by the next one; what it left undone shows in the books.
    const ended = (): void => void sweeps.delete(id);
    actAs(actor(id, faults), () => program.recover?.())?.then(ended, ended);
  });
}
