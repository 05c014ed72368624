// Planted bugs of the reconciliation: reports that lose rows, and what is for people and never reaches them.

import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { Reconciled } from '../history/shop.ts';
import type { Subject } from '../targets/target.ts';
import { everywhere, type Mutant } from './mutant.ts';
import { type PlantedShop, plantShop } from './planted-shop.ts';
import { type ShopStart, withEntrances, withServices, withStores } from './shop-replace.ts';

/** The shop whose reports are read as `change` says. */
function reading(change: (rows: readonly TransactionRecord[]) => readonly TransactionRecord[]): ShopStart {
  return withServices(({ report }) => ({
    report: async (span) => (await report(span)).map(({ day, rows }) => ({ day, rows: change(rows) })),
  }));
}

/** The shop whose reconciliations come to something else. */
function concluding(change: (result: Reconciled) => Reconciled): ShopStart {
  return withEntrances(({ reconcile }: Subject) => ({
    async reconcile(intent) {
      const result = await reconcile?.(intent);
      if (result === undefined) throw new TypeError('the shop reconciles nothing');
      return change(result);
    },
  }));
}

/** The result without, or with other, discrepancies of a type. */
function retyped(type: string, as?: string): (result: Reconciled) => Reconciled {
  return (result) => ({
    ...result,
    discrepancies: result.discrepancies.flatMap((found) => {
      if (found.type !== type) return [found];
      return as === undefined ? [] : [{ ...found, type: as }];
    }),
  });
}

/** The result with discrepancies of a type taken for matches. */
function matching(type: string): (result: Reconciled) => Reconciled {
  return (result) => {
    const discrepancies = result.discrepancies.filter((found) => found.type !== type);
    return {
      ...result,
      discrepancies,
      matched: result.matched + result.discrepancies.length - discrepancies.length,
    };
  };
}

const oneStep = { requests: 1, faults: 1 } as const;

const planted: readonly PlantedShop[] = [
  {
    id: 'missing-rows-not-paged',
    class: 'reconciliation',
    mistake: 'money that only our own books have is reported, and nobody is called about it',
    exposure: everywhere({ breaks: 'L5', ...oneStep }),
    start: withServices(({ page }) => ({
      page: async (about) => (about.includes('MISSING_GATEWAY') ? undefined : page(about)),
    })),
  },
  {
    id: 'duplicate-rows-not-paged',
    class: 'reconciliation',
    mistake: 'a row that the gateway reports twice is taken for a curiosity, and nobody is called about it',
    exposure: everywhere({ breaks: 'L5', ...oneStep }),
    start: withServices(({ page }) => ({
      page: async (about) => (about.includes('DUPLICATE') ? undefined : page(about)),
    })),
  },
  {
    id: 'tickets-forgotten',
    class: 'reconciliation',
    mistake: 'what was left to people is not remembered, and they are called every day',
    exposure: everywhere({ breaks: 'L5', ...oneStep }),
    start: withStores(({ tickets }) => ({
      tickets: {
        ...tickets,
        async take(request) {
          const answer = await tickets.take(request);
          return answer.ticket.state === 'OPEN' ? { ...answer, taken: true } : answer;
        },
      },
    })),
  },
  {
    id: 'fees-never-booked',
    class: 'reconciliation',
    mistake: "only what the gateway moved is compared, and what it keeps for itself is in nobody's books",
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: reading((rows) =>
      rows.filter(({ kind }) => kind !== 'fee').map(({ feeMinor: _, netMinor: __, ...row }) => row),
    ),
  },
  {
    id: 'missing-rows-unmentioned',
    class: 'reconciliation',
    mistake: 'the comparison goes through the rows of the gateway only, and does not see what it lacks',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding(retyped('MISSING_GATEWAY')),
  },
  {
    id: 'lag-never-ends',
    class: 'reconciliation',
    mistake: 'what the gateway does not report is taken to be under way for ever',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding(retyped('MISSING_GATEWAY', 'NOT_YET_DUE')),
  },
  {
    id: 'no-settlement-lag',
    class: 'reconciliation',
    mistake: 'what the gateway will report tomorrow is called missing today',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding(retyped('NOT_YET_DUE', 'MISSING_GATEWAY')),
  },
  {
    id: 'equal-rows-merged',
    class: 'reconciliation',
    mistake: 'rows that are equal in every column are taken for one',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: reading((rows) => [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()]),
  },
  {
    id: 'matched-row-by-row',
    class: 'reconciliation',
    mistake: 'each row looks for an entry by itself, so that two rows are matched with one',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding((result) => {
      const doubled = result.discrepancies.filter(({ type }) => type === 'DUPLICATE').length;
      return { ...retyped('DUPLICATE')(result), matched: result.matched + doubled };
    }),
  },
  {
    id: 'amounts-not-compared',
    class: 'reconciliation',
    mistake: 'rows with the same id are a match, whatever they say of amount and currency',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding(matching('AMOUNT_MISMATCH')),
  },
  {
    id: 'states-not-compared',
    class: 'reconciliation',
    mistake: 'rows with the same id and amount are a match, although one of them is still pending',
    exposure: everywhere({ breaks: 'S23', ...oneStep }),
    start: concluding(matching('STATUS_MISMATCH')),
  },
  {
    id: 'states-taken-for-resolved',
    class: 'reconciliation',
    mistake: 'a row in another state is looked up and ticked off, whatever the look-up shows',
    exposure: everywhere({ breaks: 'L5', ...oneStep }),
    start: withServices(({ page }) => ({
      page: async (about) => (about.includes('STATUS_MISMATCH') ? undefined : page(about)),
    })),
  },
  {
    id: 'booked-rows-called-missing',
    class: 'reconciliation',
    mistake: 'the first match of a run is reported as missing as well',
    exposure: everywhere({ breaks: 'S23', requests: 1, faults: 0 }),
    start: concluding((result) => {
      if (result.matched === 0) return result;
      const made = { type: 'MISSING_GATEWAY', id: 'missing_gateway:false' };
      return { ...result, discrepancies: [...result.discrepancies, made], matched: result.matched - 1 };
    }),
  },
];

/** Planted bugs of the reconciliation. */
export const shopBookMutants: readonly Mutant[] = planted.map(plantShop);
