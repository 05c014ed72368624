// Convinces by reading every report of a run, asked for early and late, with one fault on one row at a time.

import { describe, expect, it } from 'vitest';
import type { DayReport } from '../../src/checkout/reconciliation.ts';
import type { Case, Fault } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import type { Target } from '../targets/target.ts';
import { daysOf } from './reports.ts';
import { at, dispute, first, order, plainShop, reconcile, refund, run } from './testing.ts';

/** The rows that each report gave, in short. */
const reported = (history: History): readonly string[] =>
  at(history, 'gateway.report').flatMap(({ effect }) =>
    ((effect?.ok === true ? effect.value : []) as readonly DayReport[]).map(({ day, rows }) => {
      const told = rows.map(({ kind, status, gatewayId, amountMinor }) =>
        [kind, status, gatewayId, amountMinor].join(' '),
      );
      return [day, ...told].join(', ');
    }),
  );

describe('a report', () => {
  it('tells what was settled, and its rows carry their faults whoever asks and whenever', async () => {
    const steps = [order('a'), refund, dispute('d', 3_000, 'opened'), dispute('e', 3_500, 'lost'), reconcile];
    const [plain] = reported(await run({ steps }));
    expect(plain).toBe(
      '2026-01-01, charge captured ch_1 500, refund succeeded re_1 -200, dispute opened dp_1 -300, fee charged dp_1 0',
    );
    const row = (kind: Fault['kind'], ms?: number): Case['background'] => ({
      'twin:row:txn_ch_1_1': [first('gateway.report', kind, ms)],
    });
    const charge = 'charge captured ch_1 500';
    const rows = async (kind: Fault['kind'], ms?: number): Promise<readonly string[]> =>
      reported(await run({ steps: [order('a'), reconcile], background: row(kind, ms) }));
    const [none, once, twice] = ['2026-01-01', `2026-01-01, ${charge}`, `2026-01-01, ${charge}, ${charge}`];
    const moved = `2026-01-02, ${charge}`;
    expect(await rows('row-missing')).toEqual([none, none, none]);
    expect(await rows('row-duplicated')).toEqual([twice, twice, twice]);
    const other = (told: string) => Array<string>(3).fill(`2026-01-01, charge ${told}`);
    expect(await rows('row-other-amount')).toEqual(other('captured ch_1 499'));
    expect(await rows('row-other-status')).toEqual(other('pending ch_1 500'));
    expect(await rows('row-next-day')).toEqual([none, none, moved, none, moved]);
    // Five days late: missed at once, and the books are closed only when it has come.
    expect(await rows('row-late', 432_000_000)).toEqual([none, none, once, once]);
  });

  it('of days that there are none of is refused', async () => {
    for (const [fromDay, toDay] of [
      ['soon', '2026-01-01'],
      ['2026-01-01', 'later'],
      ['2026-02-30', '2026-02-30'],
      ['2026-01-02', '2026-01-01'],
      ['2026-01-01', '2026-04-03'],
    ] as const) {
      const nonsense: Target = {
        ...plainShop,
        start: (env) => ({ checkout: () => env.shop?.report({ fromDay, toDay }) as never }),
      };
      const [asked] = at(await run({}, nonsense), 'client.checkout');
      expect(asked?.reply).toMatchObject({ ok: false, error: { code: 'gateway_rejected' } });
    }
  });

  it('of several days has one for each, in their order', () => {
    expect(daysOf({ fromDay: '2026-02-27', toDay: '2026-03-01' })).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
    ]);
    expect(daysOf({ fromDay: '2026-01-01', toDay: '2026-04-02' })).toHaveLength(92);
  });
});
