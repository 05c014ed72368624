// The parts of a shop: the reference checkout system over whatever the world gives it, so that a target can be it with some
// of them replaced.

import { bookkeepingGateway } from '../../src/checkout/bookkeeping-gateway.ts';
import type { OrderName } from '../../src/checkout/order-id.ts';
import type { CheckoutParts } from '../../src/checkout/parts.ts';
import { ledgerNewsTypes, type PaymentBooks, paymentBooks } from '../../src/checkout/payment-books.ts';
import type { DayReconciled } from '../../src/checkout/reconciliation.ts';
import { type CheckedOut, type CheckoutSystem, checkoutSystem } from '../../src/checkout/system.ts';
import { PaymentError } from '../../src/errors/payment-error.ts';
import { blocklistRule } from '../../src/fraud/blocklist-rule.ts';
import { countryMismatchRule } from '../../src/fraud/country-mismatch-rule.ts';
import { fraudEngine } from '../../src/fraud/engine.ts';
import { velocityRule } from '../../src/fraud/velocity-rule.ts';
import type { Runtime } from '../../src/kernel/runtime.ts';
import { eventBus } from '../../src/ledger/event-bus.ts';
import { ledger } from '../../src/ledger/ledger.ts';
import { redact } from '../../src/redaction/redact.ts';
import { circuitBreaker } from '../../src/resilience/circuit-breaker.ts';
import type { AnyLayer, Layer } from '../../src/resilience/operation.ts';
import { rateLimit } from '../../src/resilience/rate-limit.ts';
import { retry } from '../../src/resilience/retry.ts';
import { webhookVerifier } from '../../src/webhooks/verifier.ts';
import type { Answer, GuardKind } from '../history/history.ts';
import type { OrderIntent, Reconciled } from '../history/shop.ts';
import { failedAnswer } from './answer.ts';
import { chargeService, retryPolicy } from './charge-stack.ts';
import type { ShopEnv } from './shop-env.ts';
import { type ProviderBody, providerMapping } from './shop-webhooks.ts';
import type { Subject, TargetEnv } from './target.ts';

/** Replaces parts of the shop, so that a target can be the shop with one of them planted. */
export type ShopParts = (parts: CheckoutParts<ProviderBody>, env: TargetEnv) => CheckoutParts<ProviderBody>;

/** Builds a shop; `change` may replace parts of it. */
export function shopService(given: TargetEnv, change: ShopParts = (parts) => parts): Subject {
  const env = { ...given, runtime: discreet(given.runtime) };
  const { runtime } = env;
  const world = worldOf(env);
  const charges = chargeService(env, { gateway: () => booking(env, world) });
  // Single charges share the store with orders, and are swept with them.
  const alsoSwept = [{ owns: (key: string) => !key.startsWith('$'), sweep: charges.recover }];
  const system = checkoutSystem({ ...change(partsOf(env, world), env), alsoSwept });
  return {
    charge: charges.charge,
    checkout(intent) {
      const { key, note } = intent;
      if (note !== undefined) runtime.log({ notice: 'order.note', about: key, note });
      return checkoutAnswer(system, intent);
    },
    refund: (intent) =>
      answered(async (onReplay) => {
        const { scope, order, key, amountMinor, currency } = intent;
        const refund = await system.refund({ scope, order, key, amountMinor, currency }, onReplay);
        return { ...refund, body: JSON.stringify(refund) };
      }),
    webhook: async (rawBody, headers) => ({ status: (await system.webhook(rawBody, headers)).status }),
    async reconcile({ day }) {
      await repairStuck(system, world);
      return reconciled(await system.reconcile(day));
    },
    recover: () => system.recover(),
  };
}

/** Whoever reads a log must not find card data there, whatever customers write and errors repeat (PCI DSS 3.3.1 and 3.4.1). */
function discreet(runtime: Runtime): Runtime {
  return { ...runtime, log: (record) => runtime.log(redact(record) as typeof record) };
}

function worldOf({ shop: world }: TargetEnv): ShopEnv {
  if (world === undefined) throw new TypeError('the shop needs a world with stores and services of a shop');
  return world;
}

function partsOf(env: TargetEnv, world: ShopEnv): CheckoutParts<ProviderBody> {
  const { runtime, gateway, stores, config, watch } = env;
  const { sagas, inbox, ledger: book, outbox, tickets, inventory, shipping } = world;
  const { slowCallMs, ...breaker } = config.breaker;
  const slow = slowCallMs === undefined ? {} : { slowCallMs };
  const watched = (kind: GuardKind, guard: AnyLayer): AnyLayer =>
    watch(kind, guard as Layer<unknown, unknown>) as unknown as AnyLayer;
  const bus = eventBus({ runtime });
  for (const type of ledgerNewsTypes)
    bus.subscribe(type, 'shop', ({ id }) => runtime.log({ notice: type, about: id }));
  return {
    runtime,
    stores: { idempotency: stores.idempotency, sagas, inbox, ledger: book, outbox, tickets },
    services: {
      gateway,
      inventory,
      shipping,
      page: world.page,
      report: world.report,
      redeliver: world.redeliver,
    },
    fraud: fraudEngine({ runtime, verdicts: world.verdicts, rules: rulesOf(world) }),
    guards: [
      watched('circuit-breaker', circuitBreaker({ runtime, ...breaker, ...slow })),
      retry({ runtime, ...retryPolicy, jitter: config.jitter }),
      watched('rate-limit', rateLimit({ runtime, ...config.limit })),
    ],
    webhooks: { ...providerMapping, verifier: webhookVerifier({ runtime, ...world.webhooks }) },
    bus,
    leaseMs: config.leaseMs,
  };
}

const blockedEmail = 'blocked@example.test';

/** One card may pay a hundred times in an hour, and in these cases whoever orders in a scope has one card. */
function rulesOf({ velocity }: ShopEnv) {
  return [
    blocklistRule({ name: 'email', subject: ({ email }) => email, listed: [blockedEmail] }),
    countryMismatchRule(),
    velocityRule({
      name: 'card',
      store: velocity,
      subject: ({ cardFingerprint }) => cardFingerprint,
      windowMs: 3_600_000,
      maxCount: 100,
    }),
  ];
}

const payers: Readonly<Record<OrderIntent['risk'], CheckoutPayer>> = {
  none: {},
  challenged: { cardCountry: 'DE', ipCountry: 'US' },
  blocked: { email: blockedEmail },
};

type CheckoutPayer = NonNullable<Parameters<CheckoutSystem['checkout']>[0]['payer']>;

/** The customer's note is no part of an order: it has nothing to do with its payment, and may hold anything. It is only logged. */
function checkoutAnswer(system: CheckoutSystem, intent: OrderIntent): Promise<Answer> {
  const { scope, key, amountMinor, currency, paymentToken, risk } = intent;
  const payer = { ...payers[risk], cardFingerprint: scope };
  const order = { scope, key, amountMinor, currency, paymentToken, payer };
  return answered(async (onReplay) => {
    const done: CheckedOut = await system.checkout(order, onReplay);
    const { id: chargeId, capturedMinor } = done.charge;
    return {
      chargeId,
      amountMinor: capturedMinor,
      currency: done.charge.currency,
      body: JSON.stringify(done),
    };
  });
}

/** Operators who close a day have another go at what is stuck: people are called for each matter once. */
async function repairStuck(system: CheckoutSystem, { sagas }: ShopEnv): Promise<void> {
  const stuck = await sagas.list({ sagas: ['checkout', 'late_payment'], queue: 'repair', limit: 100 });
  for (const record of stuck) {
    // A late payment has the name of its order, whose journal says how its client calls it.
    const order = record.saga === 'checkout' ? record : await sagas.read({ saga: 'checkout', id: record.id });
    if (order === null) continue;
    const { context } = JSON.parse(order.progress) as { readonly context: OrderName };
    await system.repair({ scope: context.scope, key: context.key }).catch((error: unknown) => {
      if (!(error instanceof PaymentError)) throw error;
    });
  }
}

/** Words the outcome of a call as an answer. */
async function answered(
  call: (
    onReplay: () => void,
  ) => Promise<Omit<Extract<Answer, { readonly kind: 'ok' }>, 'kind' | 'replayed'>>,
): Promise<Answer> {
  let replayed = false;
  try {
    const { chargeId, amountMinor, currency, body } = await call(() => {
      replayed = true;
    });
    return { kind: 'ok', chargeId, amountMinor, currency, body, replayed };
  } catch (error) {
    return failedAnswer(error, replayed);
  }
}

function reconciled({ report, repairs }: DayReconciled): Reconciled {
  const { matched, discrepancies } = report;
  const only = (side: 'internal' | 'gateway'): number =>
    discrepancies.filter((found) => found[side] !== null).length;
  return {
    matched,
    internal: matched + only('internal'),
    gateway: matched + only('gateway'),
    discrepancies: discrepancies.map(({ type, id }) => ({ type, id })),
    repaired: repairs.repaired.length,
    summary: report.summary(),
  };
}

/** What single charges take is booked as well. */
function booking({ runtime, gateway }: TargetEnv, { ledger: store }: ShopEnv) {
  const books: PaymentBooks = paymentBooks({ runtime, ledger: ledger({ store }), store });
  return bookkeepingGateway(gateway, { books, refunded: (news) => books.refunded(news) });
}
