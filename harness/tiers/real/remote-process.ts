// One life of a process of the target, as the orchestrator sees it: a program whose methods are called in a worker, and
// whose every touch of the outside is asked for here, where it becomes a crossing like those of the simulator.

import type { Striking } from '../../faults/decide.ts';
import type { Subject, Target } from '../../targets/target.ts';
import { type Actor, actAs, currentActor } from '../../world/actor.ts';
import { neverApplied } from '../../world/boundary.ts';
import type { Environment } from '../../world/process.ts';
import type { World } from '../../world/world.ts';
import type { Assailant } from './assailant.ts';
import type { Ask, Batch, Note, Order, RemoteOutcome, StartOrder } from './messages.ts';
import { type Listened, passageBook } from './passage-book.ts';
import { packError, unpackError } from './remote-error.ts';
import type { RealTide } from './tide.ts';
import type { WorkerPool } from './worker-pool.ts';
import type { Worker } from './worker-process.ts';

/** What a worker can ask: methods by port. */
export type Ports = Readonly<Record<string, Readonly<Record<string, PortMethod>>>>;

/** A method of a port; `signal` is given where the caller may give up. */
export type PortMethod = (...values: readonly unknown[]) => Promise<unknown>;

/** What is needed for one life. */
export interface RemoteParts {
  readonly pool: WorkerPool;
  readonly tide: RealTide;
  readonly world: World;
  readonly target: Target;
  readonly environment: Environment;
  readonly start: StartOrder;
  /** Number of this life among all that the pool's workers have lived. */
  readonly number: number;
  readonly ports: (remote: RemoteProcess) => Ports;
  /** Brings faults about at what the worker does; absent where nothing can befall it. */
  readonly assail?: Assailant | undefined;
}

/** See the file comment. */
export interface RemoteProcess {
  readonly subject: Subject;
  /** Has the worker do something outside. Resolves when it is done, with {@link neverApplied} when nobody was left to do it. */
  perform(order: Performance, befalling?: readonly Striking[]): Promise<unknown>;
  /** Whether the worker is awake and has not come to rest. */
  isRunning(): boolean;
  /** How many performances cannot end, because the worker is stopped. */
  heldUp(): number;
  /** Lets the worker go at the end of a run. */
  release(): void;
}

/** What a worker can do outside. */
export type Performance =
  | Omit<Extract<Order, { readonly kind: 'operate' }>, 'id'>
  | {
      readonly kind: 'exchange';
      readonly request: Extract<Order, { readonly kind: 'exchange' }>['request'];
    };

/** Lets a worker live as the process that `parts` describe. */
export function remoteProcess(parts: RemoteParts): RemoteProcess {
  const { pool, world, environment, target } = parts;
  const worker = pool.take();
  const state: State = {
    parts,
    worker,
    actors: new Map(),
    calls: new Map(),
    performances: new Map(),
    aborts: new Map(),
    timers: new Map(),
    passages: passageBook(world, environment),
    sent: 0,
    seen: 0,
    ids: 0,
    alive: true,
    isStopped: false,
    isGone: false,
  };
  const process: RemoteProcess = {
    subject: subjectOf(target, (method, values) => call(state, method, values)),
    perform: (performance, befalling = []) => perform(state, performance, befalling),
    isRunning: () => state.alive && !state.isStopped && state.sent !== state.seen,
    heldUp: () => (state.isStopped && state.alive ? state.performances.size : 0),
    release() {
      if (!state.alive) return;
      state.alive = false;
      if (state.isStopped || state.sent !== state.seen) worker.kill();
      else pool.giveBack(worker);
    },
  };
  const ports = parts.ports(process);
  worker.listen({
    said: (batch) => hear(state, ports, batch),
    ended(why) {
      state.isGone = true;
      parts.tide.turn(world);
      for (const end of [...state.performances.values()]) end(neverApplied);
      if (why !== undefined && state.alive) parts.tide.fail(new Error(`${environment.name}: ${why}`));
    },
  });
  environment.onCrash(() => die(state));
  environment.onStall((untilMs) => stall(state, untilMs));
  order(state, { kind: 'start', start: parts.start });
  return process;
}

interface State {
  readonly parts: RemoteParts;
  readonly worker: Worker;
  /** Who has asked something of this life, by name. */
  readonly actors: Map<string, Actor>;
  readonly calls: Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>;
  readonly performances: Map<number, (outcome: RemoteOutcome | typeof neverApplied) => void>;
  readonly aborts: Map<number, AbortController>;
  readonly timers: Map<number, () => void>;
  readonly passages: Listened;
  sent: number;
  seen: number;
  ids: number;
  alive: boolean;
  isStopped: boolean;
  /** The worker process has ended. */
  isGone: boolean;
}

const methods = ['charge', 'checkout', 'refund', 'webhook', 'reconcile', 'recover'] as const;

/** Which methods there are is said by what the target declares. */
function subjectOf(
  { capabilities }: Target,
  act: (method: string, values: readonly unknown[]) => Promise<unknown>,
): Subject {
  const named = methods.filter((method) => capabilities.includes(method));
  return Object.fromEntries(
    named.map((method) => [method, (...values: readonly unknown[]) => act(method, values)]),
  ) as Subject;
}

function order(state: State, what: Order): void {
  const { parts, worker } = state;
  const { runtime } = parts.environment;
  state.sent += 1;
  worker.send({
    life: parts.number,
    sequence: state.sent,
    nowMs: runtime.monotonicMs(),
    wallMs: runtime.wallMs(),
    order: what,
  });
}

function call(state: State, method: string, values: readonly unknown[]): Promise<unknown> {
  const who = currentActor();
  if (who !== undefined) state.actors.set(who.id, who);
  state.ids += 1;
  const id = state.ids;
  return new Promise((resolve, reject) => {
    state.calls.set(id, { resolve, reject });
    order(state, { kind: 'call', id, actor: who?.id, method, values });
  });
}

async function perform(
  state: State,
  performance: Performance,
  befalling: readonly Striking[],
): Promise<unknown> {
  if (state.isGone || !state.alive) return neverApplied;
  state.ids += 1;
  const id = state.ids;
  if (befalling.length > 0) state.parts.assail?.expect(id, befalling);
  const outcome = await new Promise<RemoteOutcome | typeof neverApplied>((resolve) => {
    state.performances.set(id, (ended) => {
      state.performances.delete(id);
      resolve(ended);
    });
    order(state, { ...performance, id });
  });
  if (befalling.length > 0) await state.parts.assail?.end(id);
  if (outcome === neverApplied) return neverApplied;
  if (!outcome.ok) throw unpackError(outcome.error);
  return outcome.value;
}

/**
 * A crash is a SIGKILL. What is under way outside is let end before, so that it is known whether it was done; what the
 * program itself does meanwhile reaches nobody.
 */
function die(state: State): void {
  const { worker } = state;
  state.alive = false;
  for (const cancel of state.timers.values()) cancel();
  if (state.performances.size === 0) worker.kill();
  else if (state.isStopped) worker.resume();
}

function stall(state: State, untilMs: number): void {
  const { world } = state.parts;
  if (!state.isStopped) state.worker.stop();
  state.isStopped = true;
  const wake = (): void => {
    if (!state.alive || !state.isStopped) return;
    const { asleepUntilMs } = state.parts.environment.life;
    if (asleepUntilMs > world.nowMs()) return world.after(asleepUntilMs - world.nowMs(), wake);
    state.isStopped = false;
    state.worker.resume();
  };
  world.after(untilMs - world.nowMs(), wake);
}

function hear(state: State, ports: Ports, batch: Batch): void {
  const { parts } = state;
  if (batch.life !== parts.number) return;
  parts.tide.turn(parts.world);
  state.seen = Math.max(state.seen, batch.seen);
  for (const note of batch.notes) {
    // A life that is over is heard only for what it had begun outside.
    if (!state.alive && note.kind !== 'performed') continue;
    const who = note.actor === undefined ? undefined : state.actors.get(note.actor);
    if (who === undefined) take(state, ports, note);
    else actAs(who, () => take(state, ports, note));
  }
  if (!state.alive && state.performances.size === 0) state.worker.kill();
}

function take(state: State, ports: Ports, note: Note): void {
  const { runtime } = state.parts.environment;
  switch (note.kind) {
    case 'ask':
      return answer(state, ports, note);
    case 'abort':
      return state.aborts.get(note.id)?.abort(new Error('the caller gave up'));
    case 'called': {
      const caller = state.calls.get(note.id);
      state.calls.delete(note.id);
      if (note.outcome.ok) return caller?.resolve(note.outcome.value);
      return caller?.reject(unpackError(note.outcome.error));
    }
    case 'performed':
      return state.performances.get(note.id)?.(note.outcome);
    case 'timer': {
      const ring = (): void => {
        state.timers.delete(note.timer);
        order(state, { kind: 'fire', timer: note.timer });
      };
      state.timers.set(note.timer, runtime.after(note.ms, ring));
      return;
    }
    case 'clear':
      state.timers.get(note.timer)?.();
      state.timers.delete(note.timer);
      return;
    case 'log':
      return runtime.log(note.record);
    case 'failed':
      return state.parts.tide.fail(unpackError(note.error));
    default:
      return state.passages(note);
  }
}

function answer(state: State, ports: Ports, { id, port, method, values, abortable }: Ask): void {
  const signals: AbortSignal[] = [];
  if (abortable) {
    const controller = new AbortController();
    state.aborts.set(id, controller);
    signals.push(controller.signal);
  }
  const reply = (outcome: RemoteOutcome): void => {
    state.aborts.delete(id);
    if (state.alive) order(state, { kind: 'answer', id, outcome });
  };
  const act = ports[port]?.[method];
  if (act === undefined)
    return reply({ ok: false, error: packError(new Error(`there is no ${port}.${method}`)) });
  act(...values, ...signals).then(
    (value) => reply({ ok: true, value }),
    (error: unknown) => reply({ ok: false, error: packError(error) }),
  );
}
