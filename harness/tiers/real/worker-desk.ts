// The worker's side of the channel: what its program asks of the outside goes out in one batch when the program has come
// to rest, and what comes back lets it go on. Its clock is what it was told last, so time stands still while it runs.

import { type Actor, actAs, actor, currentActor } from '../../world/actor.ts';
import type { Batch, Note, OrderMessage, RemoteOutcome } from './messages.ts';
import { packError, unpackError } from './remote-error.ts';

/** Omits from each member of a union. */
type Without<Union, Name extends string> = Union extends unknown ? Omit<Union, Name> : never;

/** What a worker's program reaches the orchestrator through. */
export interface Desk {
  /** Asks a port; rejects with the signal's reason as soon as that is aborted. */
  ask(asking: Asking): Promise<unknown>;
  /** Says something on behalf of the actor that acts now. */
  say(note: Without<Note, 'actor'>): void;
  /** Virtual milliseconds since the run began. */
  nowMs(): number;
  /** Milliseconds since the epoch by the clock of this process. */
  wallMs(): number;
}

/** One question to a port of the orchestrator. */
export interface Asking {
  readonly port: string;
  readonly method: string;
  readonly values: readonly unknown[];
  readonly signal?: AbortSignal | undefined;
}

/** The part of a desk that the channel drives. */
export interface DeskMachinery extends Desk {
  /** Takes an order in: the clock, and that it is to be reported as seen. */
  take(message: Omit<OrderMessage, 'order'>): void;
  answered(id: number, outcome: RemoteOutcome): void;
  /** Runs `work` as the actor `who`, if one is named; it ends as the note that `note` makes of its outcome. */
  carryOut(
    work: () => Promise<unknown>,
    note: (outcome: RemoteOutcome) => Without<Note, 'actor'>,
    who?: string,
  ): void;
  /** Keeps the program from being at rest while `work` is under way. */
  busyWith<T>(work: Promise<T>): Promise<T>;
}

/** A desk that sends its batches through `send`. */
export function workerDesk(send: (batch: Batch) => void): DeskMachinery {
  const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>();
  let notes: Note[] = [];
  let told: Omit<OrderMessage, 'order'> = { life: 0, sequence: 0, nowMs: 0, wallMs: 0 };
  let asked = 0;
  let busy = 0;
  let flushing = false;

  const flush = (): void => {
    flushing = false;
    if (busy > 0) return;
    const batch: Batch = { life: told.life, seen: told.sequence, notes };
    notes = [];
    send(batch);
  };
  // Between two phases of Node's loop every promise job has run, so that by then the program waits for an answer.
  const flushSoon = (): void => {
    if (flushing) return;
    flushing = true;
    setImmediate(flush);
  };
  const say = (note: Without<Note, 'actor'>): void => {
    notes.push({ ...note, actor: currentActor()?.id } as Note);
    flushSoon();
  };

  return {
    say,
    nowMs: () => told.nowMs,
    wallMs: () => told.wallMs,
    ask({ port, method, values, signal }) {
      asked += 1;
      const id = asked;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        say({ kind: 'ask', id, port, method, values, abortable: signal !== undefined });
        if (signal === undefined) return;
        const giveUp = (): void => {
          if (!waiting.delete(id)) return;
          say({ kind: 'abort', id });
          reject(signal.reason);
        };
        if (signal.aborted) giveUp();
        else signal.addEventListener('abort', giveUp, { once: true });
      });
    },
    take(message) {
      told = { ...message, nowMs: Math.max(message.nowMs, message.life === told.life ? told.nowMs : 0) };
      flushSoon();
    },
    answered(id, outcome) {
      const caller = waiting.get(id);
      waiting.delete(id);
      if (outcome.ok) caller?.resolve(outcome.value);
      else caller?.reject(unpackError(outcome.error));
    },
    carryOut(work, note, who) {
      const run = (): void => {
        const end = (outcome: RemoteOutcome): void => say(note(outcome));
        work().then(
          (value) => end({ ok: true, value }),
          (error: unknown) => end({ ok: false, error: packError(error) }),
        );
      };
      if (who === undefined) run();
      else actAs(named(who), run);
    },
    async busyWith(work) {
      busy += 1;
      try {
        return await work;
      } finally {
        busy -= 1;
        flushSoon();
      }
    },
  };
}

/** Only the name matters here: occurrences are counted, and faults carried, where the world is. */
function named(id: string): Actor {
  return actor(id);
}
