// Convinces by what is left to refund at each turn of a dispute, and by which of several payments it meets.

import { expect, test } from 'vitest';
import { rig } from './twin-rig.ts';

function disputable() {
  const one = rig('none');
  let uses = 0;
  const refund = (amountMinor: number) => {
    uses += 1;
    const names = { idempotencyKey: `r${uses}`, merchantReference: `r${uses}` };
    return one.twin.refund({ ...names, chargeId: 'ch_1', amountMinor });
  };
  const disputes = () =>
    one.twin.books().charges.map((charge) => charge.disputes?.map((each) => [each.amountMinor, each.status]));
  return { ...one, refund, disputes };
}

test('while it is open or lost, its money cannot be refunded; once won, it can', () => {
  const { charge, twin, refund, disputes, far } = disputable();
  charge();
  twin.dispute('tok', { kind: 'opened', amountMinor: 200 });
  expect(refund(301)).toMatchObject({ code: 'amount_too_large' });
  twin.dispute('tok', { kind: 'lost' });
  expect(refund(301)).toMatchObject({ code: 'amount_too_large' });
  twin.dispute('tok', { kind: 'opened', amountMinor: 100 });
  expect(refund(201)).toMatchObject({ code: 'amount_too_large' });
  far.advance(5);
  twin.dispute('tok', { kind: 'won' });
  expect(refund(301)).toMatchObject({ code: 'amount_too_large' });
  expect(refund(300)).toMatchObject({ status: 200 });
  expect(disputes()).toEqual([
    [
      [200, 'lost'],
      [100, 'won'],
    ],
  ]);
  expect(twin.books().charges[0]?.disputes?.[1]).toMatchObject({ id: 'dp_2', changedAtMs: 5 });
});

test('without an amount it is over what the payer has not got back, and never over more than was captured', () => {
  const { charge, twin, refund, disputes } = disputable();
  charge();
  refund(300);
  twin.dispute('tok', { kind: 'opened' });
  twin.dispute('tok', { kind: 'opened', amountMinor: 1_000 });
  twin.dispute('tok', { kind: 'opened', amountMinor: 1 });
  expect(disputes()).toEqual([
    [
      [200, 'open'],
      [300, 'open'],
    ],
  ]);
});

test('a payment that was refunded in full can be disputed all the same', () => {
  const { charge, twin, refund, disputes } = disputable();
  charge();
  refund(500);
  twin.dispute('tok', { kind: 'opened' });
  expect(disputes()).toEqual([[[500, 'open']]]);
});

test('meets the first payment of the token that has something to dispute, and the oldest dispute ends first', () => {
  const { charge, twin, disputes } = disputable();
  charge({ capture: 'manual' });
  charge();
  charge({ paymentToken: 'other' });
  charge();
  for (let time = 0; time < 3; time++) twin.dispute('tok', { kind: 'opened' });
  twin.dispute('tok', { kind: 'won' });
  expect(disputes()).toEqual([undefined, [[500, 'won']], undefined, [[500, 'open']]]);
});

test('without anything to dispute nothing happens', () => {
  const { charge, twin, disputes } = disputable();
  twin.dispute('tok', { kind: 'opened' });
  charge({ capture: 'manual' });
  twin.dispute('tok', { kind: 'opened' });
  twin.dispute('tok', { kind: 'won' });
  expect(disputes()).toEqual([undefined]);
});
