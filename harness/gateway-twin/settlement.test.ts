// Convinces by reports that were worked out by hand, at the midnights between which they lie, and by what each fault of a
// row does to the report of its day and the next. That all rows add up to the books is checked beside the model.

import { describe, expect, test } from 'vitest';
import type { Striking } from '../faults/decide.ts';
import { injection, rig, severalCaptures } from './twin-rig.ts';

const dayMs = 86_400_000;
const on = (key: string) => ({ idempotencyKey: key, merchantReference: key, chargeId: 'ch_1' });

describe('a report', () => {
  test('has a row for every movement of money, gross, fee and net', () => {
    const { twin, charge } = rig('stripe', severalCaptures);
    charge({ capture: 'manual', amountMinor: 10_000 });
    twin.capture({ ...on('c1'), amountMinor: 4_000 });
    twin.capture({ ...on('c2'), amountMinor: 3_050 });
    twin.void(on('v'));
    twin.refund({ ...on('r'), amountMinor: 1_000 });
    twin.dispute('tok', { kind: 'opened', amountMinor: 2_000 });
    const charged = { kind: 'charge', gatewayId: 'ch_1' };
    const moved = { chargeId: 'ch_1', currency: 'USD', occurredAtMs: Date.UTC(2026, 0, 1) };
    expect(twin.settlement('2026-01-01')).toEqual([
      // 2.9 % of 40.00 and 0.30.
      {
        id: 'txn_ch_1_1',
        ...charged,
        ...moved,
        merchantReference: 'c1',
        grossMinor: 4_000,
        feeMinor: 146,
        netMinor: 3_854,
      },
      // 2.9 % of 30.50 is 0.8845.
      {
        id: 'txn_ch_1_2',
        ...charged,
        ...moved,
        merchantReference: 'c2',
        grossMinor: 3_050,
        feeMinor: 118,
        netMinor: 2_932,
      },
      {
        id: 'txn_re_1_1',
        kind: 'refund',
        gatewayId: 're_1',
        ...moved,
        merchantReference: 'r',
        grossMinor: -1_000,
        feeMinor: 0,
        netMinor: -1_000,
      },
      {
        id: 'txn_dp_1_1',
        kind: 'dispute',
        gatewayId: 'dp_1',
        ...moved,
        grossMinor: -2_000,
        feeMinor: 0,
        netMinor: -2_000,
      },
      {
        id: 'txn_dp_1_2',
        kind: 'fee',
        gatewayId: 'dp_1',
        ...moved,
        grossMinor: 0,
        feeMinor: 1_500,
        netMinor: -1_500,
      },
    ]);
  });

  test('books back what a failed refund or a won dispute had taken, when that happens', () => {
    const { twin, charge, far } = rig('stripe');
    charge();
    twin.refund({ ...on('r1'), amountMinor: 100 }, injection('refund-bounces', dayMs));
    twin.refund({ ...on('r2'), amountMinor: 100 }, injection('refund-fails-later', dayMs));
    twin.dispute('tok', { kind: 'opened', amountMinor: 50 });
    far.advance(dayMs);
    twin.dispute('tok', { kind: 'won' });
    const kinds = (day: string) => twin.settlement(day).map(({ kind, grossMinor }) => [kind, grossMinor]);
    expect(kinds('2026-01-01')).toEqual([
      ['charge', 500],
      ['refund', -100],
      ['dispute', -50],
      ['fee', 0],
    ]);
    expect(kinds('2026-01-02')).toEqual([
      ['refund-failure', 100],
      ['dispute-reversal', 50],
    ]);
  });

  test('has what happened since it was asked for last', () => {
    const { twin, charge } = rig('stripe');
    const rows = () => twin.settlement('2026-01-01').length;
    expect(rows()).toBe(0);
    charge();
    expect(rows()).toBe(1);
    twin.refund({ ...on('r'), amountMinor: 100 });
    expect(rows()).toBe(2);
    twin.dispute('tok', { kind: 'opened', amountMinor: 50 });
    expect(rows()).toBe(4);
    twin.dispute('tok', { kind: 'won' });
    expect(rows()).toBe(5);
  });

  test('of a payment that took no money is empty', () => {
    const { twin, charge, far } = rig('none');
    charge({ capture: 'manual' });
    charge({}, injection('pending', 1_000));
    charge({}, injection('3ds-abandoned', 10));
    far.advance(999);
    expect(twin.settlement('2026-01-01')).toEqual([]);
    far.advance(1);
    expect(twin.settlement('2026-01-01')).toMatchObject([
      { gatewayId: 'ch_2', merchantReference: 'order-1' },
    ]);
  });

  test('begins at midnight UTC and ends before the next, in the order of time', () => {
    const { twin, charge, far } = rig('none');
    charge({ merchantReference: 'a', capture: 'manual' });
    far.advance(dayMs - 1);
    charge({ merchantReference: 'b' });
    far.advance(1);
    charge({ merchantReference: 'c' });
    twin.capture({ ...on('a/capture'), amountMinor: 500 });
    const references = (day: string) =>
      twin.settlement(day).map(({ merchantReference }) => merchantReference);
    expect(references('2025-12-31')).toEqual([]);
    expect(references('2026-01-01')).toEqual(['b']);
    expect(references('2026-01-02')).toEqual(['a/capture', 'c']);
  });

  test('keeps amounts whole where a product would not be safe', () => {
    const { twin, charge } = rig('stripe');
    charge({ amountMinor: Number.MAX_SAFE_INTEGER });
    const [row] = twin.settlement('2026-01-01');
    // 2.9 % is …488.739.
    expect(row?.feeMinor).toBe(261_208_778_387_489 + 30);
  });

  test.each(['2026-02-30', '2026-1-1', 'today', ''])('of %j is refused', (day) => {
    expect(() => rig('stripe').twin.settlement(day)).toThrow(RangeError);
  });
});

describe('faults of a row', () => {
  const second = 'txn_ch_2_1';

  function reported(fault: Striking, askedAtMs: number) {
    const { twin, charge, far } = rig('none');
    charge();
    charge();
    charge();
    far.advance(askedAtMs);
    const faultsOn = (row: string) => (row === second ? [fault] : []);
    return (day: string) => twin.settlement(day, faultsOn).map(({ gatewayId }) => gatewayId);
  }

  test.each([
    ['row-missing', ['ch_1', 'ch_3'], []],
    ['row-duplicated', ['ch_1', 'ch_2', 'ch_2', 'ch_3'], []],
    ['row-next-day', ['ch_1', 'ch_3'], ['ch_2']],
  ] as const)('%s', (kind, thatDay, nextDay) => {
    const report = reported({ kind }, 10 * dayMs);
    expect([report('2026-01-01'), report('2026-01-02'), report('2026-01-03')]).toEqual([
      thatDay,
      nextDay,
      [],
    ]);
  });

  test.each([
    ['row-other-amount', { grossMinor: 499, netMinor: 454 }],
    ['row-other-currency', { currency: 'EUR' }],
    ['row-other-status', { status: 'pending' }],
  ] as const)('%s: the row of its own movement, wrong in one column', (kind, wrong) => {
    const { twin, charge } = rig('none');
    charge();
    charge();
    charge({ amountMinor: 1, merchantReference: 'one' });
    const [first, right, least] = twin.settlement('2026-01-01');
    const faultsOn = (row: string) => (row === 'txn_ch_1_1' ? [] : [{ kind }]);
    const told = twin.settlement('2026-01-01', faultsOn);
    expect(told.slice(0, 2)).toEqual([first, { ...right, ...wrong }]);
    expect(told[2]?.grossMinor).toBe(kind === 'row-other-amount' ? 2 : least?.grossMinor);
  });

  test('what an adjustment adjusts is told by its status, so that stays', () => {
    const { twin, charge } = rig('none');
    charge();
    twin.dispute('tok', { kind: 'opened', amountMinor: 50 });
    twin.dispute('tok', { kind: 'won' });
    const told = twin.settlement('2026-01-01', () => [{ kind: 'row-other-status' }]);
    expect(told.map(({ kind, status }) => [kind, status])).toEqual([
      ['charge', 'pending'],
      ['dispute', 'pending'],
      ['fee', 'pending'],
      ['dispute-reversal', undefined],
    ]);
  });

  test('row-late: added to the report of its own day, when its time has come', () => {
    const late: Striking = { kind: 'row-late', ms: 1_000 };
    expect(reported(late, dayMs + 999)('2026-01-01')).toEqual(['ch_1', 'ch_3']);
    expect(reported(late, dayMs + 1_000)('2026-01-01')).toEqual(['ch_1', 'ch_2', 'ch_3']);
    expect(reported(late, dayMs + 1_000)('2026-01-02')).toEqual([]);
  });
});
