// The worker processes of one thread, some of them warm: a fork takes a tenth of a second, and the place of a killed worker
// may be taken at once.

import { deaf, startWorker, type Worker } from './worker-process.ts';

/** See the file comment. */
export interface WorkerPool {
  /** A warm worker, or a new one. */
  take(): Worker;
  /** Takes a worker back that is awake and at rest. */
  giveBack(worker: Worker): void;
  /** Ends every worker. */
  close(): void;
}

/** Workers that are kept ready beyond those that are taken. */
const spares = 2;

/** More than these are not kept when they are given back. */
const mostWarm = 4;

/** A pool, which starts with its spares. */
export function workerPool(): WorkerPool {
  const warm: Worker[] = [];
  const all = new Set<Worker>();
  const stopped = new Set<number>();
  let isClosed = false;

  /** Whoever is awake knows who is stopped: see the order of that name. */
  const tellStopped = (): void => {
    const order = { kind: 'stopped', pids: [...stopped] } as const;
    for (const worker of all)
      if (!stopped.has(worker.pid)) worker.send({ life: 0, sequence: 0, nowMs: 0, wallMs: 0, order });
  };
  const setStopped = (pid: number, isStopped: boolean): void => {
    if (isStopped) stopped.add(pid);
    else if (!stopped.delete(pid)) return;
    tellStopped();
  };
  const start = (): Worker => {
    const worker = startWorker({
      stopped: (isStopped) => setStopped(worker.pid, isStopped),
      ended() {
        all.delete(worker);
        setStopped(worker.pid, false);
        const place = warm.indexOf(worker);
        if (place >= 0) warm.splice(place, 1);
      },
    });
    all.add(worker);
    return worker;
  };
  const fill = (): void => {
    while (!isClosed && warm.length < spares) warm.push(start());
  };
  fill();

  return {
    take() {
      const worker = warm.shift() ?? start();
      fill();
      return worker;
    },
    giveBack(worker) {
      worker.listen(deaf);
      if (warm.length < mostWarm && all.has(worker)) warm.unshift(worker);
      else worker.kill();
    },
    close() {
      isClosed = true;
      for (const worker of all) worker.kill();
    },
  };
}
