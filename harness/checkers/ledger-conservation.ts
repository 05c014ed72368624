// S2 for shops: three books tell one story. What the target has booked of a payment is what the gateway has, in captures,
// refunds and chargebacks, and no entry makes or loses money.

import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { BookedCharge, History } from '../history/history.ts';
import { disputedMinor } from './money-back.ts';
import { shopOf } from './shop-view.ts';
import { unpromised } from './verdicts.ts';

/** What was compared, and the first thing that is wrong. */
export interface LedgerJudgement {
  readonly judged: number;
  readonly fault?: string;
}

const assumes = ['bounded-delay', 'single-delivery', 'key-retention'] as const;

/** The accounts of the chart that tell of a payment, with the sign that counts up in each. */
const accounts = { captured: -1, refunded: 1, disputed: 1 } as const;

type Account = keyof typeof accounts;

/**
 * Compares the target's ledger with the gateway's books. At any time every entry sums up to zero, and no capture stands in it
 * that never was; once all has settled it holds exactly what the gateway does.
 */
export function judgeLedger(history: History): LedgerJudgement {
  const shop = shopOf(history);
  if (!shop?.keepsLedger) return { judged: 0 };
  const { entries } = shop.books;
  const charges = new Map(history.books.charges.map((charge) => [charge.id, charge]));
  for (const entry of entries) {
    const fault = unsound(entry, charges);
    if (fault !== undefined) return { judged: 0, fault };
  }
  const isFinal = shop.settledAt !== undefined && unpromised(history.terms, assumes) === undefined;
  const booked = totalsOf(entries);
  let judged = entries.length;
  for (const charge of charges.values()) {
    const fault = differenceOf(charge, booked, isFinal);
    if (fault !== undefined) return { judged, fault };
    judged += 1;
  }
  return { judged };
}

function unsound(entry: PostedEntry, charges: ReadonlyMap<string, BookedCharge>): string | undefined {
  const { key, payment, postings } = entry;
  const sum = postings.reduce((total, { amountMinor }) => total + BigInt(amountMinor), 0n);
  if (sum !== 0n) return `ledger entry ${key} sums up to ${sum} and not to 0`;
  if (!postings.some(({ account }) => account in accounts)) return undefined;
  const charge = payment && charges.get(payment.gatewayId);
  if (charge === undefined)
    return `ledger entry ${key} moves money of payment ${payment?.gatewayId}, which the gateway does not know`;
  const foreign = postings.find(({ currency }) => currency !== charge.currency);
  return (
    foreign && `ledger entry ${key} is in ${foreign.currency}, and charge ${charge.id} in ${charge.currency}`
  );
}

/** Totals by charge and account. */
function totalsOf(entries: readonly PostedEntry[]): ReadonlyMap<string, bigint> {
  const totals = new Map<string, bigint>();
  for (const { payment, postings } of entries) {
    for (const { account, amountMinor } of postings) {
      const key = `${payment?.gatewayId} ${account}`;
      totals.set(key, (totals.get(key) ?? 0n) + BigInt(amountMinor));
    }
  }
  return totals;
}

function differenceOf(
  charge: BookedCharge,
  booked: ReadonlyMap<string, bigint>,
  isFinal: boolean,
): string | undefined {
  const { id, currency, capturedMinor, refundedMinor } = charge;
  const held: Readonly<Record<Account, number>> = {
    captured: capturedMinor,
    refunded: refundedMinor,
    disputed: disputedMinor(charge),
  };
  for (const account of ['captured', 'refunded', 'disputed'] as const) {
    const own = BigInt(accounts[account]) * (booked.get(`${id} ${account}`) ?? 0n);
    const theirs = BigInt(held[account]);
    if (own === theirs) continue;
    if (!isFinal && (account !== 'captured' || own < theirs)) continue;
    return `the ledger has ${own} ${currency} of charge ${id} as ${account}, the gateway ${theirs}`;
  }
  return undefined;
}
