// A server of this machine that was started for a suite: found by its URL, hurt by signals, started again, and gone with us.

import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { BackendError, type ServiceName, serviceTitles } from './backend-error.ts';
import { type KeptService, keepService } from './kept-service.ts';
import type { ServerPlan } from './server-plan.ts';

/** A server that ends when this process ends, however this process ends. */
export interface LocalServer {
  readonly url: string;
  readonly port: number;
  readonly version: string;
  /** Number of its main process, of the one started last. */
  pid(): number;
  /** The folder that it keeps everything in; `data` inside is its data. */
  folder(): string;
  /** How it ended, while it is down; undefined while it runs. */
  ended(): string | undefined;
  /** Sends a signal to its main process. @throws BackendError when it is down. */
  signal(signal: NodeJS.Signals): Promise<void>;
  /** Waits until it is down. @throws BackendError when it still runs after 10 s. */
  untilEnded(): Promise<void>;
  /** Starts it again on the same port and data, and waits until it answers. @throws BackendError when it runs or fails. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** What a server is asked until it answers; it answers with its version and the number of its process, where it tells. */
export type Probe = (url: string) => Promise<{ readonly version: string; readonly pid?: number }>;

/** How to see that a server answers. */
export interface Answering {
  readonly service: ServiceName;
  readonly probe: Probe;
  /** Until it answers. */
  readonly timeoutMs: number;
}

/** What it takes to start one server. */
export interface LocalServerOptions extends Answering {
  readonly planAt: (port: number) => ServerPlan;
  readonly urlAt: (port: number) => string;
}

const ports = 3;
const endMs = 10_000;
const pollMs = 20;

/**
 * Starts a server on a free port of loopback and waits until it answers.
 *
 * @throws BackendError (`start`) when it does not, with the server's last words.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<LocalServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return await startAt(port, options);
    } catch (error) {
      // Between being found free and being taken, somebody else may take a port.
      const taken = error instanceof Error && /address already in use/i.test(error.message);
      if (!taken || attempt === ports) throw error;
    }
  }
}

async function startAt(port: number, options: LocalServerOptions): Promise<LocalServer> {
  const url = options.urlAt(port);
  const title = serviceTitles[options.service];
  let kept: KeptService;
  try {
    kept = await keepService(options.planAt(port), options.timeoutMs);
  } catch (error) {
    throw new BackendError('start', `${title} could not be started: ${messageOf(error)}`, { cause: error });
  }
  try {
    const version = await untilAnswering(kept, options, url);
    return {
      url,
      port,
      version,
      pid: () => kept.running().pid ?? 0,
      folder: () => kept.running().folder ?? '',
      ended: kept.ended,
      signal: kept.signal,
      untilEnded: () => untilEnded(kept, title),
      async restart() {
        await kept.restart();
        await untilAnswering(kept, options, url);
      },
      stop: kept.stop,
    };
  } catch (error) {
    await kept.stop();
    throw error;
  }
}

/**
 * Waits until a server that was started answers, and gives its version.
 *
 * @throws BackendError (`start`) when it ends instead, or does not answer in time.
 */
export async function untilAnswering(kept: KeptService, options: Answering, url: string): Promise<string> {
  const title = serviceTitles[options.service];
  const endMark = performance.now() + options.timeoutMs;
  for (;;) {
    const ended = kept.ended();
    if (ended !== undefined) throw new BackendError('start', `${title} could not be started: ${ended}`);
    try {
      const { version, pid } = await options.probe(url);
      // Somebody else's server may hold the port that ours could not have; ours is about to end then.
      const own = kept.running().pid;
      if (pid === undefined || own === undefined || pid === own) return version;
    } catch (error) {
      if (error instanceof BackendError && error.problem === 'missing') throw error;
      if (performance.now() > endMark)
        throw new BackendError(
          'start',
          `${title} did not answer within ${options.timeoutMs / 1000} s: ${messageOf(error)}`,
          { cause: error },
        );
    }
    await sleep(pollMs);
  }
}

async function untilEnded(kept: KeptService, title: string): Promise<void> {
  const endMark = performance.now() + endMs;
  while (kept.ended() === undefined) {
    if (performance.now() > endMark)
      throw new BackendError('start', `${title} still runs ${endMs / 1000} s after it was to end`);
    await sleep(pollMs);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
