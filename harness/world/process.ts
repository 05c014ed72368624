// A simulated process: it can crash at any boundary, loses everything it had in memory, and starts again on
// the same durable stores.

import type { Runtime } from '../../src/kernel/runtime.ts';
import type { Watch } from '../targets/target.ts';
import type { Boundary } from './boundary.ts';
import { crossingMaker, type Life } from './crossing.ts';
import { processRuntime } from './process-runtime.ts';
import { guardWatch } from './watch.ts';
import type { World } from './world.ts';

/** What a process's program gets at every start. */
export interface Environment {
  readonly name: string;
  readonly runtime: Runtime;
  readonly boundary: Boundary;
  readonly watch: Watch;
  readonly life: Life;
  /** Calls `listener` if this life ends by a crash. */
  readonly onCrash: (listener: () => void) => void;
  /** Calls `listener` whenever this life is frozen, with the virtual time until which it is. */
  readonly onStall: (listener: (untilMs: number) => void) => void;
}

/** What a running program is to the harness. */
export interface SimulatedProcess<Program> {
  readonly name: string;
  /** The running program, or undefined while the process is down. */
  readonly program: () => Program | undefined;
  /** Its present life; a crash ends it for good. */
  readonly life: () => Life;
  /** Starts it if it is down. */
  start(): void;
  /** Ends its life now; it comes back after `restartAfterMs` milliseconds. */
  crash(restartAfterMs: number): void;
  /** Freezes it: nothing that it waits for reaches it for `ms` milliseconds. */
  stall(ms: number): void;
  /** Sets its wall clock forward or back. */
  jumpClock(ms: number): void;
  /** Calls `listener` if the present life ends by a crash. */
  onCrash(listener: () => void): void;
  /** Runs `act` now, or when the stall is over. */
  whenAwake(act: () => void): void;
}

/** Options of {@link simulatedProcess}. */
export interface ProcessOptions<Program> {
  readonly name: string;
  /** Error of the wall clock at the start, milliseconds. */
  readonly skewMs: number;
  readonly boot: (environment: Environment) => Program;
}

/** A process of `world`, not yet started. */
export function simulatedProcess<Program>(
  world: World,
  { name, skewMs, boot }: ProcessOptions<Program>,
): SimulatedProcess<Program> {
  let life: Life = { alive: false, incarnation: 0, asleepUntilMs: 0 };
  let program: Program | undefined;
  let listeners: (() => void)[] = [];
  let stallListeners: ((untilMs: number) => void)[] = [];
  const wallClock = { errorMs: skewMs };

  const process: SimulatedProcess<Program> = {
    name,
    program: () => program,
    life: () => life,
    start() {
      if (life.alive) return;
      life = { alive: true, incarnation: life.incarnation + 1, asleepUntilMs: 0 };
      listeners = [];
      stallListeners = [];
      world.history.incident({ kind: 'started', process: name }, world.nowMs());
      const cross = crossingMaker(world, process, life);
      const runtime = processRuntime({ world, name, life, wallClock, cross });
      const watch = guardWatch({ world, name, life });
      const { onCrash } = process;
      const onStall = (listener: (untilMs: number) => void): void => void stallListeners.push(listener);
      program = boot({ name, runtime, boundary: { cross }, watch, life, onCrash, onStall });
    },
    crash(restartAfterMs) {
      if (!life.alive) return;
      life.alive = false;
      program = undefined;
      world.history.incident({ kind: 'crashed', process: name }, world.nowMs());
      world.after(restartAfterMs, process.start);
      for (const listener of listeners) listener();
    },
    stall(ms) {
      life.asleepUntilMs = Math.max(life.asleepUntilMs, world.nowMs() + ms);
      world.history.incident({ kind: 'stalled', process: name, ms }, world.nowMs());
      for (const listener of stallListeners) listener(life.asleepUntilMs);
    },
    jumpClock(ms) {
      wallClock.errorMs += ms;
      world.history.incident({ kind: 'clock-jumped', process: name, ms }, world.nowMs());
    },
    onCrash: (listener) => void listeners.push(listener),
    whenAwake(act) {
      if (life.asleepUntilMs <= world.nowMs()) return act();
      // Asked again then, because the stall may have been prolonged meanwhile.
      world.after(life.asleepUntilMs - world.nowMs(), () => process.whenAwake(act));
    },
  };
  return process;
}
