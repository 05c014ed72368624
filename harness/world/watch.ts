// Watches the guards of a process: each call on its way through a breaker or a limiter is recorded where it reaches
// the guard, where it is let through and where it is answered. The guard itself notices nothing.

import type { Call, Layer, Operation } from '../../src/resilience/operation.ts';
import type { GuardKind, Outcome, Passage } from '../history/history.ts';
import type { InsideRecorder } from '../history/inside-recorder.ts';
import type { Watch } from '../targets/target.ts';
import { currentActor } from './actor.ts';
import type { Life } from './crossing.ts';
import { seenError } from './seen-error.ts';
import type { World } from './world.ts';

/** A call that carries its passage past the guard. */
interface WatchedCall extends Call {
  readonly passage?: Passage;
}

/** Whose guards are watched. */
export interface WatchParts {
  readonly world: Pick<World, 'nowMs'> & {
    readonly history: Pick<InsideRecorder, 'arrived' | 'admitted' | 'settled' | 'answered'>;
  };
  readonly name: string;
  readonly life: Life;
}

/** The watch of one life of one process. What happens after a crash is not recorded: nobody was there. */
export function guardWatch({ world, name, life }: WatchParts): Watch {
  const { history } = world;

  /** Notes what `outcome` comes to before anybody who waits for it goes on. */
  function noted<T>(outcome: Promise<T>, passage: Passage, what: 'settled' | 'answered'): Promise<T> {
    const note = (seen: Outcome): void => {
      if (life.alive) history[what](passage, world.nowMs(), seen);
    };
    outcome.then(
      () => note(passed),
      (error: unknown) => note({ ok: false, error: seenError(error) }),
    );
    return outcome;
  }

  function inner<Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> {
    return (request, call?: WatchedCall) => {
      const passage = call?.passage;
      if (passage === undefined) return next(request, call);
      history.admitted(passage, world.nowMs());
      return noted(next(request, call), passage, 'settled');
    };
  }

  return <Request, Result>(guard: GuardKind, layer: Layer<Request, Result>): Layer<Request, Result> => {
    const wrap = (next: Operation<Request, Result>): Operation<Request, Result> => {
      const guarded = layer(inner(next));
      return (request, call) => {
        const actor = currentActor()?.id ?? `process:${name}`;
        const { incarnation } = life;
        const passage = history.arrived({ guard, actor, process: name, incarnation }, world.nowMs());
        const watched: WatchedCall = { ...call, passage };
        return noted(guarded(request, watched), passage, 'answered');
      };
    };
    return Object.assign(wrap, { kind: layer.kind });
  };
}

// To a guard a success is a success; its value is recorded at the boundary.
const passed: Outcome = { ok: true, value: null };
