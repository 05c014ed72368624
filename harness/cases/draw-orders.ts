// Draws the steps of a case of orders: a few orders, requests for them, and what befalls them later: refunds, disputes,
// reconciliations.

import type { Random } from 'fast-check';
import type { CheckoutStep, DisputeStep, ReconcileStep, RefundStep, Retry, Step } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import type { Bias } from './draw-bias.ts';
import type { ShopBearer } from './draw-shop-faults.ts';

const retryCounts = [0, 0, 0, 1, 1, 2] as const;
const amounts = [1, 100, 435, 500, 500, 1_999, 5_000, 123_456] as const;
const currencies = ['USD', 'USD', 'USD', 'EUR', 'JPY', 'KWD'] as const;
const retryAfterMs = [0, 10, 1_000, 35_000, 100_000] as const;
// From the next order to within a call, between its retries, and beyond leases.
const apartMs = [0, 0, 1, 21, 45, 90, 600, 9_000, 100_000] as const;
// Before the money is there, while it is on its way, when everything is done, and long after.
const laterMs = [0, 30, 65, 90, 500, 2_000, 9_000, 35_000, 100_000, 700_000] as const;
const risks = ['challenged', 'challenged', 'blocked'] as const;
/** What customers write where it has no business: numbers of cards that exist for tests, spelled in several ways. */
const notes = [
  'please leave it at the door',
  'card 4111-1111-1111-1111 cvv: 999',
  'my card is 5555 5555 5555 4444, cvv: 123',
  'pan=378282246310005&cvv: 1234',
] as const;

/** What steps are drawn for; whoever may carry faults is added to `bearers`. */
export interface ShopStage {
  readonly processes: number;
  readonly bearers: ShopBearer[];
  /** See {@link ShopBearer}. */
  readonly weathered: ShopBearer['weathered'];
  readonly bias: Bias;
}

/** Draws orders and what befalls them, in the order of time. */
export function drawOrders(dice: Random, stage: ShopStage): Step[] {
  const steps: Step[] = [];
  const { bias } = stage;
  const count = pick(dice, bias.orders);
  let at = 0;
  for (let index = 1; index <= count; index++) {
    const order = drawOrder(dice, stage, { id: `o${index}`, at, key: `k${index}` });
    steps.push(order);
    // The same order asked for once more, perhaps at another process.
    if (often(dice, bias.again)) {
      const { faults: _, retries: __, ...again } = order;
      const process = drawProcess(dice, stage);
      const faults = bear(stage, 'checkout');
      steps.push({ ...again, id: `o${index}-more`, at: at + pick(dice, apartMs), process, faults });
    }
    steps.push(...drawRefunds(dice, stage, order), ...drawDisputes(dice, bias, order));
    at += pick(dice, apartMs);
  }
  if (often(dice, bias.reconciled)) steps.push(drawReconcile(dice, stage));
  return steps.sort((a, b) => a.at - b.at);
}

function drawOrder(
  dice: Random,
  stage: ShopStage,
  { id, at, key }: { readonly id: string; readonly at: number; readonly key: string },
): CheckoutStep {
  const order: CheckoutStep = {
    id,
    at,
    do: 'checkout',
    key,
    amountMinor: pick(dice, amounts),
    currency: pick(dice, currencies),
    process: drawProcess(dice, stage),
    faults: bear(stage, 'checkout'),
  };
  if (often(dice, stage.bias.risky)) order.risk = pick(dice, risks);
  if (often(dice, stage.bias.noted)) order.note = pick(dice, notes);
  order.retries = drawRetries(dice, stage, 'checkout');
  if (often(dice, 5)) {
    const changed = pickFrom(dice, order.retries);
    if (changed !== undefined) changed.amountMinor = order.amountMinor + 1;
  }
  return order;
}

function drawRefunds(dice: Random, stage: ShopStage, order: CheckoutStep): RefundStep[] {
  const refunds: RefundStep[] = [];
  const { amountMinor: paidMinor, currency, key } = order;
  for (let left: number = pick(dice, stage.bias.refunds); left > 0; left--) {
    const number = refunds.length + 1;
    refunds.push({
      id: `${order.id}-back-${number}`,
      at: order.at + pick(dice, laterMs),
      do: 'refund',
      order: key,
      // Sometimes the same refund once more.
      key: often(dice, 20) ? `${key}-r1` : `${key}-r${number}`,
      amountMinor: pick(dice, [paidMinor, paidMinor, Math.ceil(paidMinor / 2), 1, paidMinor + 1]),
      currency,
      process: drawProcess(dice, stage),
      faults: bear(stage, 'refund'),
      retries: drawRetries(dice, stage, 'refund'),
    });
  }
  return refunds;
}

function drawDisputes(
  dice: Random,
  { disputed }: Bias,
  { id, key, at, amountMinor }: CheckoutStep,
): DisputeStep[] {
  if (!often(dice, disputed)) return [];
  const openedAt = at + pick(dice, laterMs);
  const opened: DisputeStep = { id: `${id}-lost`, at: openedAt, do: 'dispute', key, act: 'opened' };
  if (often(dice, 30)) opened.amountMinor = Math.ceil(amountMinor / 2);
  if (often(dice, 40)) return [opened];
  const act = often(dice, 50) ? 'won' : 'lost';
  return [opened, { id: `${id}-end`, at: openedAt + pick(dice, laterMs), do: 'dispute', key, act }];
}

function drawReconcile(dice: Random, stage: ShopStage): ReconcileStep {
  const at = pick(dice, laterMs);
  const faults = bear(stage, 'reconcile');
  return { id: 'books', at, do: 'reconcile', process: drawProcess(dice, stage), faults };
}

function drawRetries(dice: Random, stage: ShopStage, carrier: 'checkout' | 'refund'): Retry[] {
  const retries: Retry[] = [];
  for (let left: number = pick(dice, retryCounts); left > 0; left--) {
    const retry: Retry = { afterMs: pick(dice, retryAfterMs), faults: bear(stage, carrier) };
    if (stage.processes > 1 && often(dice, 50)) retry.process = drawProcess(dice, stage);
    retries.push(retry);
  }
  return retries;
}

function drawProcess(dice: Random, { processes }: ShopStage): number {
  return processes > 1 ? dice.nextInt(0, processes - 1) : 0;
}

function bear({ bearers, weathered }: ShopStage, carrier: ShopBearer['carrier']): ShopBearer['faults'] {
  const bearer: ShopBearer = { carrier, faults: [], weathered };
  bearers.push(bearer);
  return bearer.faults;
}
