// The process that keeps one server for another process, and outlives it by the moment that it takes to end that server
// and remove its folder: whoever started the suite may be killed at any instant and can then no longer do so itself.
// The two are tied by a channel, which closes with either of them, however it ends.

import { type Kept, type KeptProcess, keptProcess } from './kept-process.ts';
import type { KeeperNews, KeeperRequest, RunningServer, ServerPlan } from './server-plan.ts';

let kept: Kept | undefined;
let server: KeptProcess | undefined;
let running: RunningServer = {};
let leaving = false;

process.on('disconnect', leave);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave);
process.on('uncaughtException', (error) => {
  tell({ news: 'failed', message: `the keeper failed: ${error.stack ?? error.message}` });
  leave();
});
process.on('message', (request: KeeperRequest) => void answer(request));
if (!process.connected) leave();

async function answer(request: KeeperRequest): Promise<void> {
  try {
    running = (await done(request)) ?? running;
    tell({ news: 'done', running });
  } catch (error) {
    tell({ news: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function done(request: KeeperRequest): Promise<RunningServer | undefined> {
  switch (request.ask) {
    case 'start':
      kept = await keptFor(request.plan);
      return kept.start();
    case 'restart':
      return server?.restart();
    case 'signal':
      await server?.signal(request.signal);
      return undefined;
  }
}

async function keptFor(plan: ServerPlan): Promise<Kept> {
  if (plan.kind === 'container') return (await import('./kept-container.ts')).keptContainer(plan);
  server = keptProcess(plan, (how) => tell({ news: 'ended', how }));
  return server;
}

function tell(news: KeeperNews): void {
  // Whoever asked may be gone; then nobody needs to know.
  if (process.connected) process.send?.(news, undefined, undefined, () => {});
}

function leave(): void {
  if (leaving) return;
  leaving = true;
  (kept?.end() ?? Promise.resolve()).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`paystorm: could not clean up after a server: ${String(error)}\n`);
      process.exit(1);
    },
  );
}
