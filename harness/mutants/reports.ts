// Planted bugs of the reconciliation class: which rows are compared, and what is done about those that differ.

import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { withServices, withStores } from './shop-replace.ts';

/** The shop that reads other reports than the gateway wrote. */
function withReport(
  change: (rows: readonly TransactionRecord[], day: string) => readonly TransactionRecord[],
): PlantedShop['start'] {
  return withServices(({ report }) => ({
    report: async (span) => (await report(span)).map(({ day, rows }) => ({ day, rows: change(rows, day) })),
  }));
}

/** What the clocks of the shop's head office are behind UTC, milliseconds. */
const headOfficeBehindMs = 5 * 3_600_000;

const planted: readonly PlantedShop[] = [
  {
    id: 'twins-taken-for-duplicates',
    class: 'reconciliation',
    mistake: 'rows of a report that say the same of kind, amount and currency are taken for one',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: withReport((rows) => [
      ...new Map(
        rows.map((row) => [JSON.stringify([row.kind, row.amountMinor, row.currency]), row]),
      ).values(),
    ]),
  },
  {
    id: 'days-of-the-head-office',
    class: 'reconciliation',
    mistake: 'a report is cut to the day as the clocks of the head office have it',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: withReport((rows, day) =>
      rows.filter(({ atMs }) => new Date(atMs - headOfficeBehindMs).toISOString().startsWith(day)),
    ),
  },
  {
    id: 'refunds-with-the-wrong-sign',
    class: 'reconciliation',
    mistake: 'amounts of a report are read as if money always came in',
    exposure: everywhere({ breaks: 'S23', requests: 2, faults: 0 }),
    start: withReport((rows) => rows.map((row) => ({ ...row, amountMinor: Math.abs(row.amountMinor) }))),
  },
  {
    id: 'net-compared-with-gross',
    class: 'reconciliation',
    mistake: 'what is paid out is compared with what was captured, although a fee lies between them',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: withReport((rows) =>
      rows.map((row) => ({
        ...row,
        amountMinor: row.kind === 'charge' ? (row.netMinor ?? 0) : row.amountMinor,
      })),
    ),
  },
  {
    id: 'own-day-alone',
    class: 'reconciliation',
    mistake: 'a day is compared with its own report, and the gateway dates some rows on the next',
    exposure: everywhere({ breaks: 'S2', requests: 1, faults: 1 }),
    start: (env) => {
      const day: { asked?: string } = {};
      const service = withServices(({ report }) => ({
        report: async (span) => {
          const days = await report(span);
          return day.asked === undefined ? days : days.filter((one) => one.day === day.asked);
        },
      }))(env);
      return {
        ...service,
        async reconcile(intent) {
          day.asked = intent.day;
          const result = await service.reconcile?.(intent);
          if (result === undefined) throw new TypeError('the shop reconciles nothing');
          return result;
        },
      };
    },
  },
  {
    id: 'repairs-remembered-by-run',
    class: 'reconciliation',
    mistake:
      'a ticket is opened for each difference of each run, so that people are called about it again and again',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 1 }),
    start: withStores(({ tickets }, { runtime }) => ({
      tickets: {
        ...tickets,
        take: (request) => tickets.take({ ...request, id: `${request.id}/${runtime.id('run')}` }),
      },
    })),
  },
];

/** Planted bugs of the comparison with the gateway's reports. */
export const reportMutants: readonly Mutant[] = planted.map(plantShop);
