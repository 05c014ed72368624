// Reading the books: what each payment has brought, whether all of them close, and every entry in order.

import { optionCheck } from '../resilience/option-check.ts';
import { type Account, standardAccounts } from './accounts.ts';
import { checkedName } from './checked-name.ts';
import type { AccountTotal, LedgerStore, PostedEntry } from './ledger-store.ts';

/** What a payment has moved in one currency, in minor units. */
export interface LedgerView {
  readonly currency: string;
  /** Σ captures. */
  readonly capturedMinor: bigint;
  /** Σ refunds, less those that failed after they had been booked. */
  readonly refundedMinor: bigint;
  /** Σ chargebacks, less those that were won. */
  readonly disputedMinor: bigint;
  /** Σ fees; no part of the net. */
  readonly feesMinor: bigint;
  /** Σ captures − Σ refunds − Σ chargebacks: what the gateway's books must say as well. */
  readonly netMinor: bigint;
}

/** What one account holds in one currency: debits count up, credits down. */
export interface Balance {
  readonly account: string;
  readonly currency: string;
  readonly balanceMinor: bigint;
}

/** Whether the books close, with the evidence. */
export interface TrialBalance {
  /** True when the accounts of every currency sum up to zero. */
  readonly closes: boolean;
  /** The sum of all accounts by currency, ordered by currency; zero unless the store lost or changed something. */
  readonly sums: readonly { readonly currency: string; readonly sumMinor: bigint }[];
  /** Ordered by account and currency. */
  readonly balances: readonly Balance[];
}

/** The books of a ledger. Everything rejects with `StoreUnavailableError` when the store did not answer. */
export interface Books {
  /** What the payment has moved, one row for each currency, ordered by currency; none when nothing is booked. */
  view(merchantReference: string): Promise<readonly LedgerView[]>;
  trialBalance(): Promise<TrialBalance>;
  /** Every entry in the order of commits, a page at a time, for reconciliation. */
  entries(): AsyncIterable<PostedEntry>;
}

/**
 * Reads the books in `store`, `pageSize` (default 1 000) entries at a time.
 *
 * @throws ValidationError when `pageSize` is no whole number ≥ 1; from `view` for a reference that cannot be one.
 */
export function books({
  store,
  pageSize = 1_000,
}: {
  readonly store: Pick<LedgerStore, 'entries' | 'totals'>;
  readonly pageSize?: number;
}): Books {
  optionCheck('books').count('pageSize', pageSize);
  return {
    async view(merchantReference) {
      checkedName('books', 'merchantReference', merchantReference);
      const balances = (await store.totals({ merchantReference })).map(balanceOf);
      return currenciesOf(balances).map((currency) => viewOf(currency, balances));
    },
    async trialBalance() {
      const balances = (await store.totals({})).map(balanceOf);
      const sums = currenciesOf(balances).map((currency) => ({
        currency,
        sumMinor: balances.reduce(
          (sum, row) => (row.currency === currency ? sum + row.balanceMinor : sum),
          0n,
        ),
      }));
      return { closes: sums.every(({ sumMinor }) => sumMinor === 0n), sums, balances };
    },
    entries: () => pagesOf(store, pageSize),
  };
}

/**
 * Stands by itself: a generator that closes over its books has a prototype that V8 keeps until the next full collection,
 * and with it all that the books reach.
 */
async function* pagesOf(
  store: Pick<LedgerStore, 'entries'>,
  pageSize: number,
): AsyncGenerator<PostedEntry, void, void> {
  for (let after = 0; ; ) {
    const page = await store.entries({ after, limit: pageSize });
    // Not `yield*`, which asks for each entry asynchronously once more.
    for (const entry of page) yield entry;
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return;
    after = last.sequence;
  }
}

function balanceOf({ account, currency, totalMinor }: AccountTotal): Balance {
  return { account, currency, balanceMinor: BigInt(totalMinor) };
}

function currenciesOf(balances: readonly Balance[]): readonly string[] {
  return [...new Set(balances.map(({ currency }) => currency))].sort();
}

function viewOf(currency: string, balances: readonly Balance[]): LedgerView {
  const on = (account: Account): bigint =>
    balances.find((row) => row.account === account && row.currency === currency)?.balanceMinor ?? 0n;
  const capturedMinor = -on(standardAccounts.captured);
  const refundedMinor = on(standardAccounts.refunded);
  const disputedMinor = on(standardAccounts.disputed);
  return {
    currency,
    capturedMinor,
    refundedMinor,
    disputedMinor,
    feesMinor: on(standardAccounts.fees),
    netMinor: capturedMinor - refundedMinor - disputedMinor,
  };
}
