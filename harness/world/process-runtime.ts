// The runtime that a simulated process hands to the code inside it: virtual clocks, timers and chance.

import { ValidationError } from '../../src/errors/payment-error.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { actAs, currentActor } from './actor.ts';
import type { Boundary } from './boundary.ts';
import { type Life, timerMs } from './crossing.ts';
import { startOfTimeMs, type World } from './world.ts';

/** What a runtime is made of. */
export interface RuntimeParts {
  readonly world: World;
  readonly name: string;
  readonly life: Life;
  readonly wallClock: { readonly errorMs: number };
  readonly cross: Boundary['cross'];
}

/** Builds the runtime of one life of one process. Its monotonic clock is virtual time itself. */
export function processRuntime({ world, name, life, wallClock, cross }: RuntimeParts): Runtime {
  let issued = 0;
  return {
    wallMs: () => startOfTimeMs + world.nowMs() + wallClock.errorMs,
    monotonicMs: () => world.nowMs(),
    sleep: (ms, signal) =>
      cross<undefined>({
        site: 'clock.sleep',
        request: { ms },
        signal,
        apply: () => undefined,
        fail: () => new ValidationError('a sleep has no wire that could fail'),
      }),
    after(ms, fire) {
      const who = currentActor();
      const wake = (): void => {
        if (!life.alive) return;
        if (life.asleepUntilMs > world.nowMs()) {
          event = world.schedule(life.asleepUntilMs - world.nowMs(), wake);
          return;
        }
        if (who === undefined) fire();
        else actAs(who, fire);
      };
      let event = world.schedule(timerMs(ms), wake);
      return () => {
        event.act = undefined;
      };
    },
    random: (purpose) => world.random(`${name}:${purpose}`)(),
    id: (prefix) => `${prefix}-${name}.${life.incarnation}.${++issued}`,
    log(record) {
      if (!life.alive) return;
      const who = currentActor()?.id ?? `process:${name}`;
      const { incarnation } = life;
      world.history.logged({ actor: who, process: name, incarnation, record }, world.nowMs());
    },
  };
}
