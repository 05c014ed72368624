// What the tests of the shop's world share: a shop that does the least that touches everything around it, and cases of it.

import { PaymentError } from '../../src/errors/payment-error.ts';
import { webhookVerifier } from '../../src/webhooks/verifier.ts';
import type { Case, CheckoutStep, Fault, Step } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import type { Answer, Crossing, History } from '../history/history.ts';
import type { DeliveryIntent, OrderIntent, RefundIntent } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { storm } from '../storm.ts';
import type { ShopEnv } from '../targets/shop-env.ts';
import type { Subject, Target, TargetEnv } from '../targets/target.ts';

/** Keeps no promise of its own: each request goes straight to the services and the gateway, under keys made of the order. */
export const plainShop: Target = {
  name: 'plain-shop',
  description: 'a shop that calls everything once and remembers nothing',
  capabilities: ['checkout', 'refund', 'webhook', 'reconcile', 'recover'],
  start(env) {
    const { shop } = env;
    if (shop === undefined) throw new Error('a shop gets what a shop needs');
    return {
      checkout: (intent) => checkOut(env, shop, intent),
      refund: (intent) => refundOrder(env, intent),
      webhook: webhookOf(env, shop),
      reconcile: ({ day }) => reconcileDay(shop, day),
      recover: () => workInbox(env, shop),
    };
  },
};

function told(kind: 'failed' | 'unknown' | 'rejected', code: string): Answer {
  const body = JSON.stringify({ code });
  return kind === 'failed' ? { kind, code, body, replayed: false } : { kind, code, body };
}

function toldBy(error: unknown): Answer {
  if (!(error instanceof PaymentError)) throw error;
  return told(error.effect === 'unknown' ? 'unknown' : 'failed', error.code);
}

async function checkOut({ gateway }: TargetEnv, shop: ShopEnv, intent: OrderIntent): Promise<Answer> {
  const { scope, key, amountMinor, currency, paymentToken } = intent;
  const order = `${scope}/${key}`;
  try {
    await shop.inventory.reserve({ idempotencyKey: `${order}:reserve`, order });
    const names = { idempotencyKey: order, merchantReference: order };
    const charge = await gateway.authorize({
      ...names,
      paymentToken,
      amountMinor,
      currency,
      capture: 'automatic',
    });
    await shop.shipping.ship({ idempotencyKey: `${order}:ship`, order });
    const body = JSON.stringify(charge);
    return { kind: 'ok', chargeId: charge.id, amountMinor, currency, body, replayed: false };
  } catch (error) {
    const answer = toldBy(error);
    if (answer.kind === 'failed')
      await shop.inventory
        .release({ idempotencyKey: `${order}:release`, order })
        .catch(() => shop.page(order));
    return answer;
  }
}

async function refundOrder({ gateway }: TargetEnv, intent: RefundIntent): Promise<Answer> {
  const { scope, key, order, amountMinor, currency } = intent;
  const found = await gateway.lookup({ by: 'reference', merchantReference: `${scope}/${order}` });
  if (found.kind !== 'found') return told('rejected', 'no_such_order');
  const { id: chargeId } = found.charge;
  const name = `${scope}/${order}:refund:${key}`;
  try {
    await gateway.refund({ chargeId, amountMinor, idempotencyKey: name, merchantReference: name });
    return { kind: 'ok', chargeId, amountMinor, currency, body: '{}', replayed: false };
  } catch (error) {
    return toldBy(error);
  }
}

function webhookOf({ runtime }: TargetEnv, shop: ShopEnv): NonNullable<Subject['webhook']> {
  const verifier = webhookVerifier({ runtime, ...shop.webhooks });
  return async (rawBody, headers) => {
    try {
      verifier.verify(rawBody, headers);
    } catch (error) {
      return { status: error instanceof PaymentError ? 400 : 500 };
    }
    const event = new TextDecoder().decode(rawBody);
    const { id, data } = JSON.parse(event) as {
      readonly id: string;
      readonly data: { readonly object: { readonly object: string; readonly id: string } };
    };
    await shop.inbox.receive({ id, object: `${data.object.object}:${data.object.id}`, event });
    return { status: 200 };
  };
}

async function workInbox({ runtime }: TargetEnv, { inbox, ledger }: ShopEnv): Promise<void> {
  for (;;) {
    const claim = await inbox.claim({ attemptId: runtime.id('work'), leaseMs: 1_000 });
    if (claim === null) return;
    const { id, token, event } = claim.record;
    const { type } = JSON.parse(event) as { readonly type: string };
    await ledger.commit([{ effect: `${claim.record.object} ${type}`, entries: [], events: [] }]);
    await inbox.finish({ id, token, effects: [], dedupTtlMs: 1_000_000_000 });
  }
}

/** Asks for the news of every charge that it has not heard of, and calls somebody when there was any. */
async function reconcileDay(shop: ShopEnv, day: string) {
  const rows = (await shop.report({ fromDay: day, toDay: day })).flatMap((report) => report.rows);
  const known = await shop.inbox.list({ state: 'DONE', limit: 100 });
  const missing = rows.filter(
    ({ kind, gatewayId }) =>
      kind === 'charge' && !known.some(({ object }) => object === `payment:${gatewayId}`),
  );
  for (const { kind, gatewayId = '' } of missing) await shop.redeliver({ kind, id: gatewayId });
  if (missing.length > 0) await shop.page(`${missing.length} unheard of on ${day}`);
  const discrepancies = missing.map(({ gatewayId = '' }) => ({ type: 'MISSING_INTERNAL', id: gatewayId }));
  const gateway = rows.length;
  return {
    matched: gateway - missing.length,
    internal: known.length,
    gateway,
    discrepancies,
    repaired: missing.length,
  };
}

/** An order of $5.00 under `k1`. */
export function order(id: string, changed: Partial<CheckoutStep> = {}): CheckoutStep {
  return { id, at: 0, do: 'checkout', key: 'k1', amountMinor: 500, currency: 'USD', process: 0, ...changed };
}

/** A dispute over the order `k1`. */
export const dispute = (id: string, atMs: number, act: 'opened' | 'won' | 'lost'): Step => ({
  id,
  at: atMs,
  do: 'dispute',
  key: 'k1',
  act,
});
/** A refund of $2.00 of the order `k1`. */
export const refund: Step = {
  id: 'r',
  at: 2_000,
  do: 'refund',
  order: 'k1',
  key: 'r1',
  amountMinor: 200,
  currency: 'USD',
  process: 0,
};
/** An operator who reconciles the present day. */
export const reconcile: Step = { id: 'books', at: 4_000, do: 'reconcile', process: 0 };

/** A case of the shop with one order, checked as a file would be. */
export function shopCase(changed: Partial<Case> = {}): Case {
  return checkCase({
    paystorm: 1,
    suite: 'checkout',
    target: plainShop.name,
    profile: 'stripe',
    seed: 7,
    steps: [order('a')],
    ...changed,
  });
}

/** The run of such a case. */
export const run = (changed: Partial<Case> = {}, target: Target = plainShop): Promise<History> =>
  storm(shopCase(changed), target);

/** A fault at the first crossing of `site`. */
export function first(site: Site, kind: Fault['kind'], ms?: number): Fault {
  return ms === undefined ? { site, nth: 1, kind } : { site, nth: 1, kind, ms };
}

/** The crossings of a site, in order. */
export function at({ crossings }: History, site: Site): readonly Crossing[] {
  return crossings.filter((crossing) => crossing.site === site);
}

/** What was delivered, and what was answered: `twin:deliver:evt_1#1 200`. */
export function posted(history: History): readonly string[] {
  return at(history, 'webhook.deliver').map(({ actor, request, reply }) => {
    const { attempt } = request as DeliveryIntent;
    const seen =
      reply?.ok === true ? (reply.value as { readonly status: number }).status : reply?.error.message;
    return `${actor}#${attempt} ${seen ?? 'no answer'}`;
  });
}

/** The plain shop, which has never heard of something. */
export function without(name: 'webhook' | 'reconcile'): Target {
  return {
    ...plainShop,
    capabilities: plainShop.capabilities.filter((capability) => capability !== name),
    start(env) {
      const { [name]: _, ...subject } = plainShop.start(env);
      return subject;
    },
  };
}
