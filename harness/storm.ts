// The life of one run: build the world, let the steps fire and the faults strike, heal, settle, and ask every
// client's question once more.

import { tracePaymentErrors } from '../src/errors/payment-error.ts';
import type { GatewayCapabilities } from '../src/gateway/port.ts';
import { idempotencyTable } from '../src/stores/idempotency-table.ts';
import { type Case, type ChargeStep, everyFault, type Fault } from './cases/case.ts';
import { busyWith, insistOnDeadlock, type Resources } from './escape.ts';
import { brokenAssumptions } from './faults/assumptions.ts';
import { directGateway } from './gateway-twin/direct-adapter.ts';
import { behaviourOf, boundedEffectDelayMs, capabilitiesOf } from './gateway-twin/profiles.ts';
import { gatewayTwin } from './gateway-twin/twin.ts';
import type { ChargeIntent, History, Terms } from './history/history.ts';
import type { Subject, Target, TargetConfig } from './targets/target.ts';
import { captureGlobals } from './tiers/capture-globals.ts';
import { startMswProcess } from './tiers/msw-process.ts';
import { actAs, actor } from './world/actor.ts';
import { type Clients, clientsOf } from './world/client.ts';
import type { Life } from './world/crossing.ts';
import { type SimulatedProcess, simulatedProcess } from './world/process.ts';
import type { Drive } from './world/pump.ts';
import { simulatedStore } from './world/simulated-store.ts';
import { createWorld, type World } from './world/world.ts';

/** Runs a case to its settled end and returns its history. See `runCase`; benches try other ways to drive the world. */
export async function storm(subject: Case, target: Target, drive?: Drive): Promise<History> {
  const traced = tracePaymentErrors(false);
  const releaseGlobals = subject.tier === 'msw' ? captureGlobals() : () => {};
  try {
    return await stormed(setUp(subject, target, drive), subject);
  } finally {
    releaseGlobals();
    tracePaymentErrors(traced);
  }
}

async function stormed(stage: Stage, subject: Case): Promise<History> {
  const { world, clients } = stage;
  for (const process of stage.processes) process.start();
  scheduleSteps(stage, subject);
  scheduleSweeps(stage, subject);
  await runToRest(stage);

  world.heal();
  for (const process of stage.processes) process.start();
  await settle(stage);
  askAgain(stage);
  await runToRest(stage);
  world.releaseLate();
  await runToRest(stage);
  world.history.incident({ kind: 'settled' }, world.nowMs());
  return world.history.close({ terms: stage.terms, books: stage.books(), deadlocked: clients.unfinished() });
}

interface Stage {
  readonly world: World;
  readonly clients: Clients;
  readonly processes: readonly SimulatedProcess<Subject>[];
  readonly terms: Terms;
  readonly books: () => History['books'];
  /** Sweeps on their way, and the life of the process that makes each. */
  readonly sweeps: Map<string, Life>;
  /** What Node was busy with before the first event. */
  readonly before: Resources;
  /** Calls that are known to wait for ever. */
  readonly deadlocked: Set<string>;
}

/** Carries out everything that is scheduled, and makes sure that what is unfinished then is so in virtual time. */
async function runToRest({ world, clients, sweeps, before, deadlocked }: Stage): Promise<void> {
  await world.run();
  const unfinished = (): readonly string[] => [
    ...clients.unfinished(),
    ...[...sweeps].filter(([, life]) => life.alive).map(([id]) => id),
  ];
  const hung = new Set([...world.hung].map(({ actor }) => actor));
  const left = unfinished();
  const calls = left.filter((id) => !(hung.has(id) || deadlocked.has(id)));
  if (calls.length === 0) return;
  const moved = (): boolean => world.scheduled() > 0 || unfinished().length !== left.length;
  await insistOnDeadlock({ calls, before, moved });
  for (const id of calls) deadlocked.add(id);
}

function setUp(subject: Case, target: Target, drive?: Drive): Stage {
  const before = busyWith();
  const capabilities = capabilitiesOf(subject.profile, { effectDelay: subject.config?.effectDelay });
  const world = createWorld(subject.seed, boundedEffectDelayMs, drive);
  const twin = gatewayTwin({ far: world, capabilities, behaviour: behaviourOf(subject.profile) });
  const table = idempotencyTable(world.nowMs);
  const config = targetConfig(subject);
  const count = subject.config?.processes ?? 1;
  const processes = Array.from({ length: count }, (_, index) =>
    simulatedProcess<Subject>(world, {
      name: `p${index}`,
      skewMs: subject.config?.skewMs?.[index] ?? 0,
      boot: ({ name, runtime, boundary, onCrash }) => {
        const env = {
          runtime,
          stores: { idempotency: simulatedStore(table, boundary) },
          process: name,
          config,
        };
        if (subject.tier !== 'msw')
          return target.start({ ...env, gateway: directGateway({ twin, boundary, capabilities }) });
        const { outside } = world;
        return startMswProcess({ target, env, twin, boundary, capabilities, outside, onCrash });
      },
    }),
  );
  const terms = termsOf(subject, target, capabilities);
  return {
    world,
    clients: clientsOf(world),
    processes,
    terms,
    books: twin.books,
    sweeps: new Map(),
    before,
    deadlocked: new Set(),
  };
}

function targetConfig({ config = {} }: Case): TargetConfig {
  return {
    leaseMs: config.leaseMs ?? 90_000,
    ttlMs: config.ttlMs ?? 86_400_000,
    waitMs: config.waitMs ?? 0,
    jitter: config.jitter ?? 'none',
  };
}

function termsOf(subject: Case, target: Target, capabilities: GatewayCapabilities): Terms {
  const config = targetConfig(subject);
  return {
    tier: subject.tier ?? 'sim',
    target: target.name,
    profile: subject.profile,
    broken: brokenAssumptions(everyFault(subject), capabilities),
    maxEffectDelayMs: capabilities.maxEffectDelayMs,
    consistentAfterMs: capabilities.lookup.consistentAfterMs,
    keyRetentionMs: capabilities.keyRetentionMs,
    leaseMs: target.leaseMs ?? config.leaseMs,
    ttlMs: config.ttlMs,
    ...(target.retry === undefined ? {} : { retry: { ...target.retry, jitter: config.jitter } }),
    recovers: target.capabilities.includes('recover'),
    trace: true,
  };
}

function scheduleSteps(stage: Stage, subject: Case): void {
  for (const step of subject.steps) {
    if (step.do === 'charge') stage.world.after(step.at, () => charge(stage, step));
    else stage.world.after(step.at, () => stage.processes[step.process]?.jumpClock(step.jumpMs));
  }
}

/** The intended purchase behind a scoped key: what the gateway's books attribute charges by. */
function paymentTokenOf(scope: string, key: string): string {
  return `tok:${scope}:${key}`;
}

function charge({ world, clients, processes }: Stage, step: ChargeStep): void {
  const scope = step.scope ?? 'shop';
  const { key, currency } = step;
  const attempts = [
    { afterMs: 0, faults: step.faults, amountMinor: undefined, process: undefined },
    ...(step.retries ?? []),
  ];
  const send = (index: number): void => {
    const attempt = attempts[index];
    const process = processes[attempt?.process ?? step.process] ?? processes[0];
    if (attempt === undefined || process === undefined) return;
    const amountMinor = attempt.amountMinor ?? step.amountMinor;
    const intent: ChargeIntent = {
      paymentToken: paymentTokenOf(scope, key),
      scope,
      key,
      amountMinor,
      currency,
    };
    const who = actor(index === 0 ? step.id : `${step.id}/${index}`, attempt.faults);
    const next = attempts[index + 1];
    const ended = (): void => {
      if (next !== undefined) world.after(next.afterMs, () => send(index + 1));
    };
    clients.send({ who, process, intent, ended });
  };
  send(0);
}

function scheduleSweeps(stage: Stage, { config, background }: Case): void {
  const everyMs = config?.sweepEveryMs;
  if (everyMs === undefined) return;
  for (let index = 1; index <= (config?.sweeps ?? 1); index++) {
    const process = stage.processes[(index - 1) % stage.processes.length];
    const name = `sweep:${index}`;
    stage.world.after(index * everyMs, () => sweep(stage, process, { id: name, faults: background?.[name] }));
  }
}

interface Sweep {
  readonly id: string;
  readonly faults?: readonly Fault[] | undefined;
}

function sweep(
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

/**
 * Heals time itself: first past every lease, so that the first sweep may take over everything, then past the
 * gateway's horizon, so that the second may conclude what the first could not.
 */
async function settle(stage: Stage): Promise<void> {
  const { world, processes, terms } = stage;
  const horizonMs = boundedHorizonMs(terms);
  const first = processes[0];
  const pauses = [terms.leaseMs * 5 + 1, horizonMs + 1];
  for (const [index, pauseMs] of pauses.entries()) {
    world.after(pauseMs, () => sweep(stage, first, { id: `settle:${index + 1}` }));
    await runToRest(stage);
  }
}

function boundedHorizonMs({ maxEffectDelayMs, consistentAfterMs }: Terms): number {
  return Math.min(maxEffectDelayMs, boundedEffectDelayMs) + consistentAfterMs;
}

function purchaseId({ paymentToken, amountMinor, currency }: ChargeIntent): string {
  return `${amountMinor} ${currency} ${paymentToken}`;
}

/** Every client asks for its payment once more, in the order in which the payments first reached a service. */
function askAgain({ world, clients, processes }: Stage): void {
  const [process] = processes;
  if (process === undefined) return;
  const asked = new Map<string, ChargeIntent>();
  for (const intent of clients.arrived()) asked.set(purchaseId(intent), intent);
  let index = 0;
  for (const intent of asked.values()) {
    index += 1;
    const who = actor(`ask:${index}`);
    world.after((index - 1) * 1_000, () => clients.send({ who, process, intent, ended: () => {} }));
  }
}
