// What the tests of the textbook's shop share: processes of it around one gateway, whose books are the truth, with stores and
// services that outlive them, and mishaps at places that a test names.

import type { DayReport, DaySpan } from '../../src/checkout/reconciliation.ts';
import type { ServiceRequest } from '../../src/checkout/services.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { manualRuntime } from '../../src/kernel/testing.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { SagaJournal, SagaName } from '../../src/saga/journal.ts';
import { decodeProgress } from '../../src/saga/progress.ts';
import { memoryIdempotencyStore } from '../../src/stores/memory-idempotency-store.ts';
import { memoryInboxStore } from '../../src/stores/memory-inbox-store.ts';
import { memoryLedgerStore } from '../../src/stores/memory-ledger-store.ts';
import { memorySagaJournal } from '../../src/stores/memory-saga-journal.ts';
import { memoryTicketStore } from '../../src/stores/memory-ticket-store.ts';
import { memoryVelocityStore } from '../../src/stores/memory-velocity-store.ts';
import { memoryVerdictLog } from '../../src/stores/memory-verdict-log.ts';
import type { Injection, Striking } from '../faults/decide.ts';
import { deliveries } from '../gateway-twin/deliveries.ts';
import { directGateway } from '../gateway-twin/direct-adapter.ts';
import { behaviourOf, capabilitiesOf } from '../gateway-twin/profiles.ts';
import { gatewayTwin } from '../gateway-twin/twin.ts';
import { wireError } from '../gateway-twin/wire-error.ts';
import type { OrderIntent, RefundIntent } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { type Boundary, type Crossable, type FarSide, Outside, Slow } from '../world/boundary.ts';
import { startOfTimeMs } from '../world/world.ts';
import { asWritten } from './as-written.ts';
import type { ShopEnv } from './shop-env.ts';
import type { Subject, TargetConfig } from './target.ts';

/** What becomes of one call: carried out unheard, never answered, the end of its process, or another act of the gateway. */
type Mishap = 'refused' | 'reply lost' | 'no reply' | 'crash before' | 'crash after' | Injection;

/** When virtual time begins, as a day. */
export const today = '2026-01-01';

/** An order of $5.00 under `k1`. */
export function order(changed: Partial<OrderIntent> = {}): OrderIntent {
  const what = { paymentToken: 'tok', scope: 's', key: 'k1', amountMinor: 500, currency: 'USD' };
  return { ...what, risk: 'none', ...changed };
}

/** A refund of that order, whole unless told otherwise. */
export function refund(changed: Partial<RefundIntent> = {}): RefundIntent {
  const what = { paymentToken: 'tok', scope: 's', order: 'k1', key: 'r1', amountMinor: 500, currency: 'USD' };
  return { ...what, ...changed };
}

/** A shop with one order that was paid, shipped and announced. */
export async function soldShop(faults?: Faults) {
  const shop = textbookShop(faults);
  const process = shop.start();
  const answer = await shop.runtime.settle(process.checkout(order()));
  await shop.runtime.advance(1_000);
  return { ...shop, process, answer };
}

/** What strikes the deliveries, by actor. */
type Faults = Readonly<Record<string, readonly Striking[]>>;

/** The gateway itself lets pass what exceeds a payment, so that the shop's own limits can be judged. */
export function textbookShop(faults: Faults = {}, changed: Partial<TargetConfig> = {}) {
  const runtime = manualRuntime();
  runtime.setWall(startOfTimeMs);
  const far = farOf(runtime);
  const capabilities = capabilitiesOf('stripe');
  const twin = gatewayTwin({ far, capabilities, behaviour: behaviourOf('stripe'), enforceLimits: false });
  const mishaps = new Map<string, Mishap[]>();
  const stores = durable(runtime);
  const log = sagaLog(runtime);
  const beside = services();
  const secrets = { current: 'whsec_bmV3' };
  const running: Required<Subject>[] = [];
  const answers: string[] = [];
  const crossed: Site[] = [];

  const postman = deliveries({
    far,
    epochMs: startOfTimeMs,
    scheme: 'stripe',
    secrets,
    policy: { firstAfterMs: 100, timeoutMs: 1_000, backoffMs: [5_000, 60_000] },
    faultsOn: (actor) => faults[actor] ?? [],
    deliver({ eventId, rawBody, headers }, answered) {
      const end = (status: number): void => {
        answers.push(`${eventId} ${status}`);
        answered(status);
      };
      running
        .at(-1)
        ?.webhook(rawBody, headers)
        .then(
          ({ status }) => end(status),
          () => end(500),
        );
    },
  });
  twin.events.listen(postman.send);

  return {
    runtime,
    twin,
    stores,
    done: beside.done,
    answers,
    /** Sites in the order in which something was done there. */
    crossed,
    /** What happens to the next calls at a site. */
    mishap: (site: Site, ...next: readonly Mishap[]) => void mishaps.set(site, [...next]),
    charges: () => twin.books().charges,
    entries: () => stores.ledger.entries({ after: 0, limit: 100 }),
    sagas: log.rows,
    /** Starts a process; deliveries go to the latest. */
    start(): Required<Subject> {
      const life = { isOver: false };
      const boundary = crossings({ mishaps, crossed, life, runtime });
      const through = <Port extends object>(group: string, port: Port): Port => behind(boundary, group, port);
      const report = async (span: DaySpan) => [reportOf(twin, span)];
      const shop: ShopEnv = {
        ...stores,
        sagas: through('saga', log.journal),
        ledger: through('ledger', stores.ledger),
        inbox: through('inbox', stores.inbox),
        inventory: through('inventory', beside.inventory),
        shipping: through('shipping', beside.shipping),
        webhooks: { scheme: 'stripe', secrets: [secrets.current] },
        report: through('gateway', { report }).report,
        redeliver: async () => {},
        page: async () => {},
      };
      const gateway = directGateway({ twin, capabilities, boundary });
      const env = { runtime: ownRuntime(runtime, life), gateway, stores, shop, process: 'p' };
      const config = { ...usual, ...changed };
      const subject = asWritten.start({ ...env, config, watch: (_, layer) => layer }) as Required<Subject>;
      running.push(subject);
      return subject;
    },
  };
}

const usual: TargetConfig = {
  leaseMs: 90_000,
  ttlMs: 86_400_000,
  waitMs: 0,
  jitter: 'none',
  breaker: { failureThreshold: 5, windowMs: 10_000, recoveryTimeoutMs: 30_000, halfOpenProbes: 1 },
  limit: { maxCalls: 100, periodMs: 1_000, mode: 'reject' },
};

function farOf(runtime: Runtime): FarSide {
  let issued = 0;
  return {
    nowMs: () => runtime.monotonicMs(),
    instant: () => ({ atMs: runtime.monotonicMs(), order: ++issued }),
    after: (ms, act) => void runtime.after(ms, act),
  };
}

function durable(runtime: Runtime) {
  const ledger = memoryLedgerStore(runtime);
  return {
    idempotency: memoryIdempotencyStore(runtime),
    inbox: memoryInboxStore(runtime),
    ledger,
    outbox: ledger,
    velocity: memoryVelocityStore(runtime),
    verdicts: memoryVerdictLog({ monotonicMs: () => 0 }),
    tickets: memoryTicketStore(runtime),
  };
}

/** The saga log, and its rows in the order in which they were begun: states, and names and states of their steps. */
function sagaLog(runtime: Runtime) {
  const journal = memorySagaJournal(runtime);
  const begun: SagaName[] = [];
  const open: SagaJournal['open'] = (opening) => {
    begun.push(opening);
    return journal.open(opening);
  };
  return {
    journal: { ...journal, open },
    async rows() {
      const records = await Promise.all(begun.map(journal.read));
      return records.map((record) => ({
        state: record?.state,
        steps: decodeProgress(record?.progress ?? '').steps.map(({ name, state }) => [name, state]),
      }));
    },
  };
}

/** Inventory and carrier; each does a thing once per key. */
function services() {
  const done: string[] = [];
  const keys = new Set<string>();
  const act = (what: string) => async (request: ServiceRequest) => {
    if (!keys.has(request.idempotencyKey)) done.push(`${what} ${request.order}`);
    keys.add(request.idempotencyKey);
  };
  const ship = act('ship');
  return {
    done,
    inventory: { reserve: act('reserve'), release: act('release') },
    shipping: { ship: async (request: ServiceRequest) => ({ shipment: `${await ship(request)}` }) },
  };
}

interface Life {
  isOver: boolean;
}

interface Crossings {
  readonly mishaps: ReadonlyMap<string, Mishap[]>;
  readonly crossed: Site[];
  readonly life: Life;
  readonly runtime: Runtime;
}

/** A process that is over asks for nothing, hears nothing and wakes up for nothing. */
function crossings({ mishaps, crossed, life, runtime }: Crossings): Boundary {
  const dead = <T>(): Promise<T> => new Promise(() => {});
  return {
    async cross<Reply>({ site, apply, fail }: Crossable<Reply>): Promise<Reply> {
      if (life.isOver) return dead();
      const mishap = mishaps.get(site)?.shift();
      if (mishap === 'refused') throw fail('refused');
      life.isOver = mishap === 'crash before';
      if (life.isOver) return dead();
      crossed.push(site);
      const reply: unknown = await apply(typeof mishap === 'object' ? mishap : undefined);
      if (reply instanceof Slow || reply instanceof Outside) throw new Error('nothing here takes time');
      life.isOver = mishap === 'crash after';
      if (life.isOver || mishap === 'no reply') return dead();
      await runtime.sleep(1);
      if (life.isOver) return dead();
      if (mishap === 'reply lost') throw fail('reset');
      return reply as Reply;
    },
  };
}

function behind<Port extends object>({ cross }: Boundary, group: string, port: Port): Port {
  return new Proxy(port, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      const site = `${group}.${String(name)}` as Site;
      return (...args: unknown[]) =>
        cross({
          site,
          request: args,
          apply: () => Reflect.apply(method as () => unknown, target, args) as unknown,
          fail: wireError,
        });
    },
  });
}

function ownRuntime(runtime: Runtime, life: Life): Runtime {
  return {
    ...runtime,
    after: (ms, fire) => runtime.after(ms, () => life.isOver || fire()),
  };
}

function reportOf({ settlement }: ReturnType<typeof gatewayTwin>, { fromDay: day }: DaySpan): DayReport {
  return { day, rows: settlement(day).flatMap(rowOf) };
}

function rowOf(row: ReturnType<ReturnType<typeof gatewayTwin>['settlement']>[number]): TransactionRecord[] {
  if (row.kind !== 'charge' && row.kind !== 'refund') return [];
  const { kind, gatewayId, merchantReference = gatewayId, grossMinor, currency, occurredAtMs } = row;
  const status = kind === 'charge' ? 'captured' : 'succeeded';
  return [
    { kind, gatewayId, merchantReference, amountMinor: grossMinor, currency, status, atMs: occurredAtMs },
  ];
}
