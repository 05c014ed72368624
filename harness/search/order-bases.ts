// The small cases of orders that are searched systematically: one for each way in which an order goes on.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, CheckoutStep, Fault, Step } from '../cases/case.ts';
import { playedAs } from '../cases/tiers.ts';
import type { Focus } from '../checkers/focus.ts';
import type { Base } from './bases.ts';

const order: CheckoutStep = {
  id: 'a',
  at: 0,
  do: 'checkout',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
};
const settledMs = 60_000;
const again: Step = { ...order, id: 'b', process: 1 };
const refund: Step = { ...order, id: 'r', at: settledMs, do: 'refund', order: order.key, key: 'r1' };
const rest: Step = { ...refund, id: 's', at: 2 * settledMs, key: 'r2', amountMinor: 300 };
const part: Step = { ...refund, amountMinor: 300 };
const disputed: Step = { id: 'd', at: settledMs, do: 'dispute', key: order.key, act: 'opened' };
const books: Step = { id: 'o', at: settledMs, do: 'reconcile', process: 0 };
const answered: Step = { id: 'c', at: 9_000, do: 'step-up', key: order.key, outcome: 'authenticated' };
const note = 'card 4111-1111-1111-1111 cvv: 999';

const refused = (...faults: Fault[]): Step => ({ ...order, faults });
const noShipment: Fault = { site: 'shipping.ship', nth: 1, kind: 'service-refuses' };
const decline: Fault = { site: 'gateway.authorize', nth: 1, kind: 'hard-decline' };

interface Sketch extends Pick<Case, 'steps' | 'config'> {
  readonly name: string;
  readonly about: readonly Focus[];
}

const sketches: readonly Sketch[] = [
  { name: 'one order', about: ['saga', 'webhooks', 'checkout'], steps: [order] },
  { name: 'an order that is undone', about: ['saga', 'checkout'], steps: [refused(noShipment)] },
  { name: 'a refund', about: ['refunds', 'webhooks', 'checkout'], steps: [order, refund] },
  { name: 'a reconciliation', about: ['reconciliation', 'checkout'], steps: [order, books] },
  {
    name: 'two at once',
    about: ['saga', 'checkout'],
    config: { processes: 2 },
    steps: [order, again],
  },
  { name: 'an order that is declined', about: ['saga', 'checkout'], steps: [refused(decline)] },
  {
    name: 'a sweep after the lease',
    about: ['saga', 'webhooks', 'checkout'],
    config: { sweepEveryMs: 95_000 },
    steps: [order],
  },
  {
    name: 'two refunds',
    about: ['refunds', 'checkout'],
    config: { enforceLimits: false },
    steps: [order, part, rest],
  },
  { name: 'a dispute', about: ['refunds', 'webhooks', 'checkout'], steps: [order, disputed] },
  { name: 'a careless customer', about: ['redaction', 'checkout'], steps: [{ ...order, note }] },
  {
    name: 'a payer who is challenged',
    about: ['fraud', 'checkout'],
    steps: [{ ...order, risk: 'challenged', retries: [{ afterMs: 30_000 }] }, answered],
  },
];

/** The bases of the cases that are about `focus`; `seed` is that of the runs. */
export function orderBasesFor(
  { target, profile, ...played }: CaseOptions,
  focus: Exclude<Focus, 'charge'>,
  seed: number,
): readonly Base[] {
  const frame = { paystorm: 1, suite: 'checkout', target, profile, ...playedAs(played), seed } as const;
  return sketches
    .filter(({ about }) => about.includes(focus))
    .map(({ name, about: _about, ...rest }) => ({ name, case: { ...frame, ...rest } }));
}
