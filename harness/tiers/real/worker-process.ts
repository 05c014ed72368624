// One worker process: forked, spoken to over its channel, and ended, stopped and resumed by signals to its id.

import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import type { Batch, OrderMessage } from './messages.ts';

/** One worker process. */
export interface Worker {
  readonly pid: number;
  send(message: OrderMessage): void;
  /** SIGKILL. */
  kill(): void;
  /** SIGSTOP and SIGCONT. */
  stop(): void;
  resume(): void;
  /** Who hears what it says, and that it ended; one at a time. */
  listen(listener: WorkerListener): void;
}

/** See {@link Worker.listen}. */
export interface WorkerListener {
  said(batch: Batch): void;
  /** The process is gone; `why` says how, for one that nobody had killed. */
  ended(why: string | undefined): void;
}

/** Nobody. */
export const deaf: WorkerListener = { said: () => {}, ended: () => {} };

/** What those who start it are told. */
export interface WorkerEvents {
  stopped(isStopped: boolean): void;
  ended(): void;
}

const program = new URL('./worker.ts', import.meta.url);

/** Where Node keeps what it has compiled of a worker's program: starting without it takes twice as long. */
const compiled = fileURLToPath(new URL('../../../node_modules/.cache/paystorm', import.meta.url));

/** How much of what a worker says before it ends is repeated, characters. */
const lastWords = 2_000;

/**
 * Forks a worker.
 *
 * @throws Error when the machine has no room for another process.
 */
export function startWorker(events: WorkerEvents): Worker {
  const child = fork(program, {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    serialization: 'advanced',
    execArgv: [],
    env: { ...process.env, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? compiled },
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('a worker process could not be started: there is no room for it');
  let listener = deaf;
  let wasKilled = false;
  let words = '';
  child.on('message', (batch) => listener.said(batch as Batch));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    words = (words + text).slice(-lastWords);
  });
  // What cannot be sent or killed is gone, and its end is told below.
  child.on('error', () => {});
  child.on('exit', (code, signal) => {
    events.ended();
    listener.ended(wasKilled ? undefined : `worker ${pid} ended by itself (${signal ?? code}). ${words}`);
  });
  leaveAlone(child);
  return {
    pid,
    send(message) {
      if (child.connected) child.send(message, () => {});
    },
    kill() {
      if (wasKilled) return;
      wasKilled = true;
      child.kill('SIGKILL');
    },
    stop() {
      events.stopped(true);
      child.kill('SIGSTOP');
    },
    resume() {
      child.kill('SIGCONT');
      events.stopped(false);
    },
    listen(next) {
      listener = next;
    },
  };
}

/** A worker alone keeps no program running; the run that waits for one does that itself. */
function leaveAlone(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
  const { stderr } = child;
  if (stderr !== null && 'unref' in stderr && typeof stderr.unref === 'function') stderr.unref();
}
