// The near side of a keeper: starts it, asks it, and hears when the server that it keeps has ended.

import { type ChildProcess, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { BackendError } from './backend-error.ts';
import type { KeeperNews, KeeperRequest, RunningServer, ServerPlan } from './server-plan.ts';

/** A server that ends when this process does, however this process ends. */
export interface KeptService {
  /** What was started last. */
  running(): RunningServer;
  /** How it ended, once it has; a restart makes it undefined again. */
  ended(): string | undefined;
  /** Sends a signal to the server. @throws BackendError (`died`) when it is not running. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Starts it again on what it had stored. @throws BackendError (`start`) while it runs. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** An engine takes its time to end a container. */
const stopMs = 30_000;

/**
 * Has a server kept, and waits until it was started (which is before it answers).
 *
 * @throws BackendError (`start`) when it could not be, or not within `timeoutMs`; nothing is left then.
 */
export async function keepService(plan: ServerPlan, timeoutMs: number): Promise<KeptService> {
  const keeper = fork(fileURLToPath(new URL('./keeper.ts', import.meta.url)), {
    // Out of the terminal's process group, so that Ctrl-C reaches us alone; options of our own Node are not for it.
    detached: true,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const line = keeperLine(keeper);
  try {
    await line.ask({ ask: 'start', plan }, timeoutMs);
  } catch (error) {
    await line.stop();
    throw error;
  }
  return {
    running: line.running,
    ended: line.ended,
    signal: (signal) => line.ask({ ask: 'signal', signal }, timeoutMs),
    restart: () => line.ask({ ask: 'restart' }, timeoutMs),
    stop: line.stop,
  };
}

interface KeeperLine {
  running(): RunningServer;
  ended(): string | undefined;
  ask(request: KeeperRequest, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

function keeperLine(keeper: ChildProcess): KeeperLine {
  let running: RunningServer = {};
  let ended: string | undefined;
  let settle: ((problem?: string) => void) | undefined;
  const gone = new Promise<void>((resolve) => {
    keeper.once('error', () => resolve());
    keeper.once('exit', () => resolve());
  });
  keeper.on('message', (news: KeeperNews) => {
    if (news.news === 'ended') ended = news.how;
    else if (news.news === 'failed') settle?.(news.message);
    else {
      running = news.running;
      settle?.();
    }
  });
  void gone.then(() => {
    settle?.('the process that keeps it has ended');
    ended ??= 'the process that keeps it has ended';
  });
  // A command that has nothing else to do may end; the keeper notices.
  hold(keeper, false);

  return {
    running: () => running,
    ended: () => ended,
    async ask(request, timeoutMs) {
      if (!keeper.connected) throw new BackendError('died', ended ?? 'the process that keeps it has ended');
      const before = ended;
      if (request.ask !== 'signal') ended = undefined;
      hold(keeper, true);
      const problem = await new Promise<string | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(`it was not done within ${timeoutMs / 1000} s`), timeoutMs);
        settle = (message) => {
          clearTimeout(timer);
          resolve(message);
        };
        keeper.send(request, (error) => error !== null && settle?.(error.message));
      });
      settle = undefined;
      hold(keeper, false);
      if (problem === undefined) return;
      ended ??= before;
      throw new BackendError('start', problem);
    },
    async stop() {
      hold(keeper, true);
      if (keeper.connected) keeper.disconnect();
      const timer = setTimeout(() => keeper.kill('SIGKILL'), stopMs);
      await gone;
      clearTimeout(timer);
      if (keeper.exitCode !== 0) await clearAway(running);
    },
  };
}

/** What a keeper that was killed could not do itself. */
async function clearAway({ pid, folder }: RunningServer): Promise<void> {
  if (pid !== undefined)
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It had ended.
    }
  if (folder !== undefined)
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

function hold(keeper: ChildProcess, on: boolean): void {
  if (on) {
    keeper.ref();
    keeper.channel?.ref();
  } else {
    keeper.unref();
    keeper.channel?.unref();
  }
}
