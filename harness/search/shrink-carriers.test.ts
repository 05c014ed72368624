// Convinces by rules about orders that are broken late and by chance: shrinking must end at the first event, at the row of
// the payment, and at a payer who is blocked instead of a fault.

import { expect, it } from 'vitest';
import { everyFault, type Fault } from '../cases/case.ts';
import { drawing, minimaOf, plainCharge, type Rule } from './minima.ts';

const order = { ...plainCharge, do: 'checkout' } as const;
const shrinkOrders = minimaOf({ ...drawing, suite: 'checkout' });
const alone = { suite: 'checkout', seed: 0, steps: [{ id: 'a', at: 0, ...order }] };

/** Breaks where `kind` befalls a background actor whose number the case reaches: every step of it comes to one more. */
const carries =
  (kind: string): Rule =>
  ({ background = {}, steps }) =>
    Object.entries(background).some(([name, faults]) => {
      const [, sort, number] = /_?(evt|ch|re)_(\d)/.exec(name) ?? [];
      const needed = sort === 're' ? 2 : Number(number);
      const isOrdered = steps.some((step) => step.do === 'checkout');
      return isOrdered && faults.some((fault) => fault.kind === kind) && steps.length >= needed;
    });

it('gives what befalls a later event to the first one, and drops what made it come about', async () => {
  const faults: Fault[] = [{ site: 'webhook.deliver', nth: 1, kind: 'webhook-unsigned' }];
  const { left, shrunk } = await shrinkOrders(carries('webhook-unsigned'), 40, (subject, index) => {
    subject.background = { [`twin:deliver:evt_${2 + (index % 3)}`]: faults };
  });
  expect(shrunk).toBeGreaterThan(5);
  expect(left).toEqual([{ ...alone, background: { 'twin:deliver:evt_1': faults } }]);
});

it('gives what a report says of another row to the row of the payment', async () => {
  const faults: Fault[] = [{ site: 'gateway.report', nth: 1, kind: 'row-missing' }];
  const { left, shrunk } = await shrinkOrders(carries('row-missing'), 40, (subject, index) => {
    subject.background = { [`twin:row:txn_${index % 2 === 0 ? 're_1' : 'ch_2'}_1`]: faults };
  });
  expect(shrunk).toBeGreaterThan(5);
  expect(left).toEqual([{ ...alone, background: { 'twin:row:txn_ch_1_1': faults } }]);
});

it('blocks the payer of an order where any refusal will do', async () => {
  const refused: Rule = ({ steps, ...rest }) =>
    steps.some(
      (step) =>
        step.do === 'checkout' &&
        (step.risk === 'blocked' ||
          everyFault({ ...rest, steps: [step] }).some(({ kind }) => kind === 'service-refuses')),
    );
  const { left, shrunk } = await shrinkOrders(refused, 100);
  expect(shrunk).toBeGreaterThan(5);
  expect(left).toEqual([{ ...alone, steps: [{ id: 'a', at: 0, ...order, risk: 'blocked' }] }]);
});
