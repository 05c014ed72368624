// What a target gets in a worker: the same ports as in the simulator, each of which asks the orchestrator. Only the
// gateway's adapter, the stores' drivers and the program itself are real here; time, chance and the world are not.

import { AsyncResource } from 'node:async_hooks';
import type { PaymentGateway } from '../../../src/gateway/port.ts';
import type { IdempotencyStore } from '../../../src/idempotency/store.ts';
import type { Runtime } from '../../../src/kernel/runtime.ts';
import { stripeClient, stripeGateway } from '../../../src/stripe.ts';
import type { Passage } from '../../history/history.ts';
import { sites } from '../../history/sites.ts';
import type { ShopEnv } from '../../targets/shop-env.ts';
import type { TargetEnv } from '../../targets/target.ts';
import { randomStreams } from '../../world/random.ts';
import { guardWatch } from '../../world/watch.ts';
import type { Exchanged } from '../exchange.ts';
import { failingResponse } from '../wire-response.ts';
import type { StartOrder } from './messages.ts';
import type { DeskMachinery } from './worker-desk.ts';

/** The environment, and the timers of it that the orchestrator rings. */
export interface WorkerEnv {
  readonly env: TargetEnv;
  fire(timer: number): void;
}

/** See the file comment. */
export function workerEnv(start: StartOrder, desk: DeskMachinery): WorkerEnv {
  const { process, incarnation, config, webhooks } = start;
  const timers = new Map<number, () => void>();
  const runtime = workerRuntime(start, desk, timers);
  const env: TargetEnv = {
    runtime,
    gateway: workerGateway(start, desk),
    stores: { idempotency: remoteStore<IdempotencyStore>('store', desk) },
    process,
    config,
    watch: guardWatch({
      world: { nowMs: desk.nowMs, history: passagesOver(desk) },
      name: process,
      life: { alive: true, incarnation, asleepUntilMs: 0 },
    }),
    ...(webhooks === undefined ? {} : { shop: remoteShop(webhooks, desk) }),
  };
  return {
    env,
    fire(timer) {
      const ring = timers.get(timer);
      timers.delete(timer);
      ring?.();
    },
  };
}

function workerRuntime(
  { process, incarnation, seed }: StartOrder,
  desk: DeskMachinery,
  timers: Map<number, () => void>,
): Runtime {
  const streams = randomStreams(seed);
  let issued = 0;
  let set = 0;
  return {
    wallMs: desk.wallMs,
    monotonicMs: desk.nowMs,
    async sleep(ms, signal) {
      await desk.ask({ port: 'runtime', method: 'sleep', values: [ms], signal });
    },
    after(ms, fire) {
      set += 1;
      const timer = set;
      timers.set(timer, AsyncResource.bind(fire));
      desk.say({ kind: 'timer', timer, ms });
      return () => {
        if (timers.delete(timer)) desk.say({ kind: 'clear', timer });
      };
    },
    random: (purpose) => streams(`${process}.${incarnation}:${purpose}`)(),
    id: (prefix) => `${prefix}-${process}.${incarnation}.${++issued}`,
    log: (record) => desk.say({ kind: 'log', record: structuredClone(record) }),
  };
}

function passagesOver(desk: DeskMachinery): Parameters<typeof guardWatch>[0]['world']['history'] {
  let passages = 0;
  return {
    arrived({ guard, actor, process, incarnation }, atMs) {
      passages += 1;
      desk.say({ kind: 'arrived', passage: passages, guard });
      const passage: Passage = {
        id: passages,
        guard,
        actor,
        process,
        incarnation,
        arrived: { atMs, order: 0 },
      };
      return passage;
    },
    admitted: ({ id }) => desk.say({ kind: 'admitted', passage: id }),
    settled: ({ id }, _, outcome) => desk.say({ kind: 'settled', passage: id, outcome }),
    answered: ({ id }, _, outcome) => desk.say({ kind: 'answered', passage: id, outcome }),
  };
}

/** Time that the SDK gives one exchange, real milliseconds: longer than any that is under way. */
const sdkTimeoutMs = 80_000;

/** Stripe's SDK, whose exchanges are announced first: what it hears of one is what the network makes of it. */
function workerGateway({ capabilities }: StartOrder, desk: DeskMachinery): PaymentGateway {
  const exchange = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const request = {
      method: init.method ?? 'GET',
      url: String(url),
      headers: [...new Headers(init.headers)],
      body: typeof init.body === 'string' ? init.body : '',
    };
    const signal = init.signal ?? undefined;
    const exchanged = await desk.ask({ port: 'gateway', method: 'exchange', values: [request], signal });
    return responseOf(exchanged as Exchanged, desk);
  };
  const stripe = stripeClient({ apiKey: 'sk_test_paystorm', timeoutMs: sdkTimeoutMs, fetch: exchange });
  return stripeGateway({ stripe, capabilities });
}

/** Reading a body takes turns of Node's loop of its own. */
function responseOf(exchanged: Exchanged, desk: DeskMachinery): Response {
  const { reply } = exchanged;
  const response =
    exchanged.failure === undefined
      ? new Response(exchanged.reply.body === '' ? null : exchanged.reply.body, exchanged.reply)
      : failingResponse(exchanged.failure, reply);
  const read = response.text.bind(response);
  return Object.defineProperty(response, 'text', { value: () => desk.busyWith(read()) });
}

/** A store or service whose every method asks the port of the same name. */
function remoteStore<Store>(port: string, desk: DeskMachinery): Store {
  const store: Record<string, (asked: unknown) => Promise<unknown>> = {};
  for (const site of sites) {
    const [family, method = ''] = site.split('.');
    if (family === port) store[method] = (asked) => desk.ask({ port, method, values: [asked] });
  }
  return store as Store;
}

function remoteShop(webhooks: ShopEnv['webhooks'], desk: DeskMachinery): ShopEnv {
  const shop = async (method: string, ...values: unknown[]): Promise<unknown> =>
    desk.ask({ port: 'shop', method, values });
  return {
    sagas: remoteStore('saga', desk),
    inbox: remoteStore('inbox', desk),
    ledger: remoteStore('ledger', desk),
    outbox: remoteStore('outbox', desk),
    velocity: remoteStore('velocity', desk),
    verdicts: remoteStore('verdicts', desk),
    tickets: remoteStore('tickets', desk),
    inventory: remoteStore('inventory', desk),
    shipping: remoteStore('shipping', desk),
    webhooks,
    report: (span) => shop('report', span) as ReturnType<ShopEnv['report']>,
    redeliver: async (object) => void (await shop('redeliver', { kind: object.kind, id: object.id })),
    page: async (about) => void (await shop('page', about)),
  };
}
