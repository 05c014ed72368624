// A worker: an operating-system process that is one process of the target, and may be killed at any instant. It ends when
// its channel closes, so that none outlives the orchestrator, however that ends.

import { flushCompileCache } from 'node:module';
import process from 'node:process';
import { tracePaymentErrors } from '../../../src/errors/payment-error.ts';
import { findTarget } from '../../targets/registry.ts';
import type { Subject } from '../../targets/target.ts';
import type { Batch, Order, OrderMessage, StartOrder } from './messages.ts';
import { packError } from './remote-error.ts';
import { type DeskMachinery, workerDesk } from './worker-desk.ts';
import { type WorkerEnv, workerEnv } from './worker-env.ts';
import { type WorkerStores, workerStores } from './worker-stores.ts';

const post = (batch: Batch): void => {
  // The orchestrator may be gone, which the end of the channel will say.
  if (process.connected) process.send?.(batch, undefined, undefined, () => {});
};

/** What the worker is at present. */
interface Life {
  readonly number: number;
  readonly desk: DeskMachinery;
  work?: WorkerEnv;
  stores?: WorkerStores;
  subject?: Subject;
}

let life: Life = newLife(0);
let stopped: readonly number[] = [];

function newLife(number: number): Life {
  return {
    number,
    // What an earlier life left behind has nobody to say it to.
    desk: workerDesk((batch) => {
      if (life.number === number) post(batch);
    }),
  };
}

tracePaymentErrors(false);
// Node writes what it has compiled when a process ends by itself, which a worker hardly ever does.
flushCompileCache();

process.on('message', (message: OrderMessage) => {
  const { order } = message;
  if (order.kind === 'stopped') {
    stopped = order.pids;
    return;
  }
  if (message.life !== life.number) {
    life.stores?.close();
    life = newLife(message.life);
  }
  life.desk.take(message);
  carryOut(life, order);
});

// Whoever is stopped cannot see that the orchestrator is gone.
process.on('disconnect', () => {
  for (const pid of stopped) killed(pid);
  process.exit(0);
});

// Ctrl-C reaches the whole group of a terminal; when to end is for the orchestrator to say.
process.on('SIGINT', () => {});

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone already.
  }
}

function carryOut(present: Life, order: Exclude<Order, { readonly kind: 'stopped' }>): void {
  const { desk } = present;
  switch (order.kind) {
    case 'start':
      return begin(present, order.start);
    case 'call': {
      const { id, actor, method, values } = order;
      return desk.carryOut(
        () => called(present, method, values),
        (outcome) => ({ kind: 'called', id, outcome }),
        actor,
      );
    }
    case 'answer':
      return desk.answered(order.id, order.outcome);
    case 'fire':
      return present.work?.fire(order.timer);
    case 'operate': {
      const { id } = order;
      return desk.carryOut(
        () => operated(present, order),
        (outcome) => ({ kind: 'performed', id, outcome }),
      );
    }
    case 'exchange': {
      const { id } = order;
      return desk.carryOut(
        () => exchanged(order.request),
        (outcome) => ({ kind: 'performed', id, outcome }),
      );
    }
  }
}

function begin(present: Life, start: StartOrder): void {
  try {
    const target = findTarget(start.target);
    if (target === undefined) throw new RangeError(`no target is called ${start.target}`);
    if (start.stores !== undefined) present.stores = workerStores(start.stores, present.desk);
    present.work = workerEnv(start, present.desk);
    present.subject = target.start(present.work.env);
  } catch (error) {
    present.desk.say({ kind: 'failed', error: packError(error) });
  }
}

async function called({ subject }: Life, method: string, values: readonly unknown[]): Promise<unknown> {
  const act = subject?.[method as keyof Subject] as
    | ((...given: readonly unknown[]) => Promise<unknown>)
    | undefined;
  if (subject === undefined || act === undefined) throw new Error(`the target has no method ${method}`);
  return act.apply(subject, [...values]);
}

async function operated(
  { stores }: Life,
  operation: Extract<Order, { readonly kind: 'operate' }>,
): Promise<unknown> {
  if (stores === undefined) throw new Error(`this worker has no store for ${operation.family}`);
  return stores.operate(operation);
}

/** The exchange as it goes over the network: the answer is read to its end before anybody hears of it. */
async function exchanged({
  method,
  url,
  headers,
  body,
}: Extract<Order, { readonly kind: 'exchange' }>['request']): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
    ...(body === '' ? {} : { body }),
  });
  return { status: response.status, headers: [...response.headers], body: await response.text() };
}
