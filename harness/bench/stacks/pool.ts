// Threads that run errands: each takes the next one when it has finished its last. Answers come back in the order of
// the questions, so that the number of threads shows in nothing but the time.

import { Worker } from 'node:worker_threads';
import { type ErrandKind, type Errands, runErrand } from './errands.ts';

/** An errand on its way to a thread. */
export interface Assignment {
  readonly place: number;
  readonly kind: ErrandKind;
  readonly asked: Errands[ErrandKind]['asked'];
}

/** What a thread answers. */
export interface Reply {
  readonly place: number;
  readonly answer?: Errands[ErrandKind]['answer'];
  /** What the errand threw, as it would be printed. */
  readonly error?: string;
}

/** A thread could not be started, or ended in the middle of an errand. The message says what to do. */
export class PoolError extends Error {
  constructor(reason: string) {
    super(`a worker thread was lost (${reason}); take fewer, or --workers 1 to do without`);
    this.name = 'PoolError';
  }
}

/** Runs errands of one kind after the other. */
export interface Pool {
  /**
   * The answers, in the order of the questions; undefined for errands that were not begun before the pool was stopped.
   * `onAnswer` hears of each as it comes.
   *
   * Rejects with what an errand threw, or with PoolError.
   */
  run<Kind extends ErrandKind>(
    kind: Kind,
    questions: readonly Errands[Kind]['asked'][],
    onAnswer?: (done: number) => void,
  ): Promise<readonly (Errands[Kind]['answer'] | undefined)[]>;
  /** Ends the threads without waiting for them. */
  close(): void;
}

/** What a pool needs. */
export interface PoolOptions {
  /** Threads, from 1; a single one is the thread that asks. */
  readonly workers: number;
  /** No errand is begun any more once it is aborted, and threads leave off in the middle of theirs. */
  readonly stopSignal?: AbortSignal | undefined;
  /** The module that each thread runs, for tests. */
  readonly helper?: URL | undefined;
}

/** Opens a pool. Threads take some 100 ms to come up. */
export function openPool({ workers, stopSignal, helper }: PoolOptions): Pool {
  if (workers === 1) return { run: runHere(stopSignal), close: () => {} };
  const entry = helper ?? new URL('./pool-helper.ts', import.meta.url);
  const threads = Array.from({ length: workers }, (_, seat) => new Worker(entry, { name: `bench ${seat}` }));
  const close = (): void => {
    for (const thread of threads) void thread.terminate();
  };
  return {
    close,
    async run(kind, questions, onAnswer = () => {}) {
      const answers: (Errands[typeof kind]['answer'] | undefined)[] = questions.map(() => undefined);
      let next = 0;
      let done = 0;
      const take = (): Assignment | undefined => {
        const asked = questions[next];
        if (asked === undefined || stopSignal?.aborted === true) return undefined;
        return { place: next++, kind, asked };
      };
      const receive = ({ place, answer }: Reply): void => {
        answers[place] = answer as Errands[typeof kind]['answer'];
        done += 1;
        onAnswer(done);
      };
      await Promise.all(threads.map((thread) => serve(thread, { take, receive, stopSignal })));
      return answers;
    },
  };
}

function runHere(stopSignal: AbortSignal | undefined): Pool['run'] {
  return async (kind, questions, onAnswer = () => {}) => {
    const answers: (Errands[typeof kind]['answer'] | undefined)[] = questions.map(() => undefined);
    for (const [place, asked] of questions.entries()) {
      if (stopSignal?.aborted === true) break;
      answers[place] = await runErrand(kind, asked);
      onAnswer(place + 1);
    }
    return answers;
  };
}

interface Service {
  readonly take: () => Assignment | undefined;
  readonly receive: (reply: Reply) => void;
  readonly stopSignal: AbortSignal | undefined;
}

/** Keeps one thread busy until nothing is left to take. */
async function serve(thread: Worker, { take, receive, stopSignal }: Service): Promise<void> {
  for (let assignment = take(); assignment !== undefined; assignment = take()) {
    const reply = await answerOf(thread, assignment, stopSignal);
    if (reply === undefined) return;
    if (reply.error !== undefined) throw new Error(reply.error);
    receive(reply);
  }
}

/** What the thread answers; undefined when the pool was stopped first. */
function answerOf(
  thread: Worker,
  assignment: Assignment,
  stopSignal: AbortSignal | undefined,
): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      thread.off('message', onMessage);
      thread.off('error', onError);
      thread.off('exit', onExit);
      stopSignal?.removeEventListener('abort', onStop);
      act();
    };
    const onMessage = (reply: Reply): void => settle(() => resolve(reply));
    const onError = (cause: unknown): void => settle(() => reject(new PoolError(String(cause))));
    const onExit = (code: number): void => settle(() => reject(new PoolError(`exit code ${code}`)));
    const onStop = (): void => settle(() => resolve(undefined));
    thread.on('message', onMessage);
    thread.on('error', onError);
    thread.on('exit', onExit);
    stopSignal?.addEventListener('abort', onStop);
    thread.postMessage(assignment);
  });
}
