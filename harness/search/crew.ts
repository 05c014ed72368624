// The helper threads of a campaign. Each runs the same code on blocks that it takes from the board; what it finds comes
// back as parts. A thread that ends before its time loses nothing: what it had not handed in is told, to be run again.

import { Worker } from 'node:worker_threads';
import type { Block, Board } from './board.ts';
import { type CasesOptions, messageOf, type Part } from './part.ts';

/** What a helper thread is started with. */
export interface HelperData {
  readonly options: CasesOptions;
  readonly memory: SharedArrayBuffer;
  readonly seat: number;
}

/** What a helper thread says: a part, or that there is nothing left to do. */
export type HelperMessage = Part | 'done';

/** Cases that a thread took with it. */
export interface Loss {
  /** What it had taken and not handed in; may be empty. */
  readonly block: Block;
  /** The case that it began last. */
  readonly index: number;
  /** Why it ended, in one line. */
  readonly reason: string;
}

/** A helper thread ended before it came to a case: it could not be started, or not load what it needs. */
export class HelperError extends Error {
  constructor(reason: string) {
    super(`a worker thread could not be started (${reason}); take fewer, or --workers 1 to do without`);
    this.name = 'HelperError';
  }
}

/** Helper threads at work. */
export interface Crew {
  isWorking(): boolean;
  /** Settles when a part has come in or a thread has ended since the last call. */
  news(): Promise<void>;
  /** What was lost since the last call. @throws HelperError when a thread could not be started. */
  takeLosses(): readonly Loss[];
  /** Ends what still runs, without waiting for it. */
  dismiss(): void;
}

/** What helpers are given. */
export interface CrewOptions {
  readonly options: CasesOptions;
  readonly memory: SharedArrayBuffer;
  readonly board: Pick<Board, 'whereabouts'>;
  /** Seats of the helpers. */
  readonly seats: readonly number[];
  readonly receive: (part: Part) => void;
  /** The module that each thread runs. */
  readonly module?: URL | undefined;
}

/** Starts one thread for each seat. They take their time (some 100 ms) to come up; nothing waits for them. */
export function startCrew({ options, memory, board, seats, receive, module }: CrewOptions): Crew {
  const entry = module ?? new URL('./crew-helper.ts', import.meta.url);
  const news = bell();
  const working = new Set<number>();
  let losses: Loss[] = [];
  let failure: HelperError | undefined;

  const lose = (seat: number, handedIn: number, reason: string): void => {
    const at = board.whereabouts(seat);
    if (at === undefined) {
      failure ??= new HelperError(reason);
      return;
    }
    const block = { from: Math.max(at.from, handedIn), until: at.until };
    losses.push({ block, index: at.index, reason });
  };

  const threads = seats.map((seat) => {
    const data: HelperData = { options, memory, seat };
    const thread = new Worker(entry, { workerData: data, name: `paystorm ${seat}` });
    let handedIn = 0;
    let error: unknown;
    working.add(seat);
    thread.on('message', (message: HelperMessage) => {
      if (message === 'done') {
        working.delete(seat);
        thread.unref();
      } else {
        handedIn = message.to;
        receive(message);
      }
      news.ring();
    });
    thread.on('error', (cause) => {
      error = cause;
    });
    thread.on('exit', (code) => {
      if (working.delete(seat))
        lose(seat, handedIn, error === undefined ? `exit code ${code}` : messageOf(error));
      news.ring();
    });
    return thread;
  });

  return {
    isWorking: () => working.size > 0,
    news: news.rung,
    takeLosses() {
      if (failure !== undefined) throw failure;
      const taken = losses;
      losses = [];
      return taken;
    },
    dismiss() {
      working.clear();
      for (const thread of threads) void thread.terminate();
    },
  };
}

interface Bell {
  ring(): void;
  /** Settles at once when the bell has rung since the last call. */
  rung(): Promise<void>;
}

function bell(): Bell {
  let hasRung = false;
  let wake: () => void = () => {};
  return {
    ring() {
      hasRung = true;
      wake();
    },
    async rung() {
      if (!hasRung) await new Promise<void>((resolve) => (wake = resolve));
      hasRung = false;
    },
  };
}
