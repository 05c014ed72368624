// Convinces by every state in which the step that authorises can be journalled, with and without its payment.

import { describe, expect, it } from 'vitest';
import { encodeProgress, type SagaProgress, type StepState } from '../saga/progress.ts';
import { paymentStanding } from './late-payments.ts';
import { order } from './testing.ts';

/** A journal in which the authorisation came as far as `state`. */
function journalled(state: StepState | undefined, change: Partial<SagaProgress> = {}) {
  const names = state === undefined ? ['reserve_inventory'] : ['reserve_inventory', 'authorize_payment'];
  const steps = names.map((name, index) => ({
    name,
    state: index === 1 && state ? state : 'started',
    tries: 0,
  }));
  const progress = encodeProgress({
    context: { ...order },
    steps,
    notes: {},
    idle: 0,
    ...change,
  } as SagaProgress);
  const at = { token: 1, version: 1, startedAtMs: 0, fingerprint: 'f' };
  return { saga: 'checkout', id: 'shop/order-1', state: 'COMPENSATING', progress, ...at } as const;
}

describe('the payment of an order', () => {
  it.each([
    [undefined, 'open'],
    ['started', 'open'],
    ['not-done', 'unseen'],
    ['undoing', 'seen'],
    ['undone', 'unseen'],
    ['done', 'seen'],
  ] as const)('whose authorisation is %s is %s', (state, standing) => {
    expect(paymentStanding(journalled(state))).toBe(standing);
  });

  it('is seen where the order has it, or has refunded it', () => {
    const charge = { id: 'ch_1', merchantReference: 'r' };
    expect(paymentStanding(journalled('undone', { context: { ...order, charge } }))).toBe('seen');
    const undone = (refunds: readonly unknown[]) =>
      paymentStanding(
        journalled('undone', { notes: { 'undo $authorize/shop%2Forder-1/authorize/0': { refunds } } }),
      );
    expect(undone([{}])).toBe('seen');
    expect(undone([])).toBe('unseen');
  });
});
