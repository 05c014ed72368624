// What was moved, by kind and currency, exactly however large the sums grow.

import { byText } from './compare-records.ts';
import type { KindTotal } from './join-engine.ts';
import type { Side, TransactionRecord } from './record.ts';

/** Adds rows up. */
export interface Totals {
  add(side: Side, record: TransactionRecord): void;
  /** The totals so far, by kind, then currency. */
  read(): readonly KindTotal[];
}

/** Nothing yet. */
export function totals(): Totals {
  const sums = new Map<string, Sums>();
  let last: Sums | undefined;
  const sumsOf = ({ kind, currency }: TransactionRecord): Sums => {
    // Most rows are of the kind and currency of the row before.
    if (last?.kind === kind && last.currency === currency) return last;
    const key = `${kind} ${currency}`;
    last = sums.get(key) ?? { kind, currency, internal: exactSum(), gateway: exactSum(), fee: exactSum() };
    sums.set(key, last);
    return last;
  };
  return {
    add(side, record) {
      const sum = sumsOf(record);
      sum[side].add(record.amountMinor);
      if (side === 'gateway' && record.feeMinor !== undefined) sum.fee.add(record.feeMinor);
    },
    read: () =>
      [...sums.values()]
        .sort((a, b) => byText(a.kind, b.kind) || byText(a.currency, b.currency))
        .map(({ kind, currency, internal, gateway, fee }) => ({
          kind,
          currency,
          internalMinor: internal.total(),
          gatewayMinor: gateway.total(),
          feeMinor: fee.total(),
        })),
  };
}

interface Sums extends Pick<TransactionRecord, 'kind' | 'currency'> {
  readonly internal: ExactSum;
  readonly gateway: ExactSum;
  readonly fee: ExactSum;
}

interface ExactSum {
  add(amountMinor: number): void;
  total(): bigint;
}

/** Adds numbers while their sum is exact, because a bigint for each row would take ten times as long. */
function exactSum(): ExactSum {
  let exact = 0;
  let beyond = 0n;
  return {
    add(amountMinor) {
      const sum = exact + amountMinor;
      if (Number.isSafeInteger(sum)) exact = sum;
      else {
        beyond += BigInt(exact) + BigInt(amountMinor);
        exact = 0;
      }
    },
    total: () => beyond + BigInt(exact),
  };
}
