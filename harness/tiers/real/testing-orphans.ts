// An orchestrator with workers, one of which is stopped; it says their ids and waits to be killed.

import process from 'node:process';
import { workerPool } from './worker-pool.ts';
import { startWorker, type Worker } from './worker-process.ts';

const pool = workerPool();
const workers: readonly Worker[] = [pool.take(), pool.take()];
const alone = startWorker({ stopped: () => {}, ended: () => {} });
const [first] = workers;
// A worker that has begun to listen knows its peers' fate; before that its channel is only a pipe that fills.
setTimeout(() => {
  first?.stop();
  setTimeout(() => {
    process.stdout.write(`${JSON.stringify([...workers, alone].map(({ pid }) => pid))}\n`);
  }, 500);
}, 4_000);
setInterval(() => {}, 1_000);
