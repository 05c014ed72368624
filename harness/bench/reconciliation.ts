// How long a day of a large shop takes to reconcile: a million movements on both sides, a few of which differ.

import { reconciler } from '../../src/reconciliation/reconciler.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import { dayWindow } from '../../src/reconciliation/window.ts';
import { type Contender, interleaved, median, type Pace, quotients, spread } from './measure.ts';
import { type Goal, rowOf, type Section } from './row.ts';

/** What a million rows on each side are held to, milliseconds. */
const goal: Goal = { of: 'ours', must: 'at most', value: 1_000 };

/** One run takes longer than a turn, so there are fewer of them. */
const mostTurns = 7;

/** Reconciles `rows` movements, in turns with the shortest thing that finds what differs. */
export async function reconciliationSection(pace: Pace, rows = 1_000_000): Promise<Section> {
  const day = '2026-03-29';
  const window = dayWindow(day);
  const internal = Array.from({ length: rows }, (_, index) => booked(index, window.fromMs));
  // In the order in which they settled, and not ours.
  const gateway = internal.map((_, index) => reported(internal[(index * 7_919) % rows], index));
  const { reconcile } = reconciler({ runtime: { wallMs: () => window.toMs + 604_800_000 } });
  const ours: Contender = async () => {
    const report = await reconcile({ internal, gateway, window });
    if (report.discrepancies.length !== Math.ceil(rows / oddOneIn))
      throw new Error(`${report.discrepancies.length} discrepancies of ${rows} rows`);
  };
  const turns = Math.min(pace.turns, mostTurns);
  const [own = [], maps = []] = await interleaved([ours, joinedByMap(internal, gateway)], { ...pace, turns });
  const ratios = quotients(own, maps);
  return {
    title: `reconciliation in memory: 2 × ${rows} rows, of which one in ${oddOneIn} differs; processor time`,
    rows: [
      rowOf({ name: 'both books compared', unit: 'ms', ours: median(own), spread: spread(own), goal }),
      rowOf({
        name: 'the same ÷ amounts by id in a Map, nothing checked',
        unit: 'ms',
        ours: median(own),
        floor: median(maps),
        ratio: median(ratios),
        spread: spread(ratios),
      }),
    ],
  };
}

const oddOneIn = 10_000;

function booked(index: number, fromMs: number): TransactionRecord {
  return {
    kind: 'charge',
    gatewayId: `ch_${index.toString(36).padStart(8, '0')}`,
    merchantReference: `order-${index}-charge-0`,
    amountMinor: 100 + (index % 9_973),
    currency: index % 3 === 0 ? 'EUR' : 'USD',
    status: 'captured',
    atMs: fromMs + (index % 86_400) * 1_000,
  };
}

function reported(record: TransactionRecord | undefined, index: number): TransactionRecord {
  if (record === undefined) throw new RangeError(`no row ${index}`);
  return { ...record, amountMinor: record.amountMinor + (index % oddOneIn === 0 ? 1 : 0) };
}

function joinedByMap(
  internal: readonly TransactionRecord[],
  gateway: readonly TransactionRecord[],
): Contender {
  return async () => {
    const amounts = new Map<string | undefined, number>();
    for (const { gatewayId, amountMinor } of internal) amounts.set(gatewayId, amountMinor);
    let differing = 0;
    for (const { gatewayId, amountMinor } of gateway)
      if (amounts.get(gatewayId) !== amountMinor) differing += 1;
    if (differing === 0) throw new Error('the books should differ');
  };
}
