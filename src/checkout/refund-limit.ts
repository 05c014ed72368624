// No order gives back more than it took. A refund is accepted in the ledger before the books are read, so of two that
// are accepted at once at least the later one sees both; what does not fit is taken back before anything is sent.

import { IdempotencyConflictError, PaymentError } from '../errors/payment-error.ts';
import { standardAccounts } from '../ledger/accounts.ts';
import type { Ledger, UnitOfWork } from '../ledger/ledger.ts';
import type { LedgerStore } from '../ledger/ledger-store.ts';
import { knownFacts } from './known-facts.ts';
import { recordKeyIn } from './order-id.ts';

/** A refund as the limit knows it. */
export interface LimitedRefund {
  readonly chargeId: string;
  /** The reference of the charge. */
  readonly merchantReference: string;
  readonly amountMinor: number;
  readonly currency: string;
}

/** Keeps refunds within what was captured. Rejects with `StoreUnavailableError` when the ledger did not answer. */
export interface RefundLimit {
  /**
   * Accepts the refund that is to be sent under `reference`, if what was captured is neither refunded nor disputed nor
   * accepted otherwise by then. An acceptance that an earlier execution left behind ends. Resolves to what takes the
   * acceptance back where nothing was sent.
   *
   * @throws PaymentError `refund_exceeds_capture`, effect none and not retriable.
   */
  take(refund: LimitedRefund, reference: string): Promise<() => Promise<void>>;
  /** What is captured and neither refunded nor disputed, minor units; what is accepted besides may still come to nothing. */
  left(charge: Omit<LimitedRefund, 'amountMinor'>): Promise<bigint>;
  /** Whether money of a charge is with the payer's bank, as far as the books know. */
  isContested(charge: Omit<LimitedRefund, 'amountMinor'>): Promise<boolean>;
  /** The refund is in the books, or came to nothing for good: its acceptance ends, and no other can follow. */
  close(refund: LimitedRefund, reference: string): Promise<void>;
}

/** What the limit needs. */
export interface RefundLimitParts {
  /** Has the accounts of {@link refundAccounts}. */
  readonly ledger: Ledger;
  readonly store: Pick<LedgerStore, 'entries' | 'totals'>;
  /** Whether the operation with this record has ended, so that nothing can be sent for what was accepted for it before. */
  readonly hasEnded: (recordKey: string) => Promise<boolean>;
  /** Wall clock, milliseconds since the epoch. */
  readonly wallMs: () => number;
}

/** `payable` holds what was accepted, and is neither in the books nor come to nothing. */
const accounts = { accepted: 'refunds-accepted', payable: 'refunds-payable' } as const;

/** The accounts that the limit needs beside the standard ones. */
export const refundAccounts: readonly string[] = Object.values(accounts);

/** The limit over a ledger. */
export function refundLimit(parts: RefundLimitParts): RefundLimit {
  const { ledger, wallMs } = parts;
  const accepted = knownFacts();
  const closed = knownFacts();
  const unit = (refund: LimitedRefund, name: string, kind: Acceptance['kind']): UnitOfWork =>
    unitOf(refund, { name, kind, atMs: wallMs() });
  /** Ends an acceptance, and does what else is to be done then; null when there was none, for its effect was taken without it. */
  const ended = async (refund: LimitedRefund, name: string, then: readonly UnitOfWork[] = []) => {
    const ends = [unit(refund, name, 'refund-accepted'), unit(refund, name, 'refund-closed')];
    try {
      return await ledger.commit([...ends, ...then]);
    } catch (error) {
      if (error instanceof IdempotencyConflictError) return null;
      throw error;
    }
  };
  /**
   * Ends the acceptances of refunds that are over: whoever was to end them crashed before, or a sweep decided them and
   * nobody asked since. Whether there were any.
   */
  const endForgotten = async (refund: LimitedRefund, but: string): Promise<boolean> => {
    let found = false;
    for (const [name, amountMinor] of await acceptedFor(parts, refund)) {
      if (name === but) continue;
      // Another amount under the own key: the key was free for this one, so nothing was sent for that one. Of others, they were
      // accepted before their record is read, so what it says of its end is about them as well.
      const key = recordKeyIn(name);
      if (key !== recordKeyIn(but) && !(await parts.hasEnded(key))) continue;
      if ((await ended({ ...refund, amountMinor }, name)) !== null) found = true;
    }
    return found;
  };
  return {
    async take(refund, reference) {
      let name: string;
      for (let round = 0; ; round += 1) {
        name = acceptanceName(refund, reference, round);
        const [outcome] = await ledger.commit([unit(refund, name, 'refund-accepted')]);
        accepted.add(factOf(refund, name));
        if (outcome?.applied) break;
        await ended(refund, name);
      }
      const giveBack = async (): Promise<void> => void (await ended(refund, name));
      let left = await leftBeside(parts, refund);
      if (left < 0n && (await endForgotten(refund, name))) left = await leftBeside(parts, refund);
      if (left >= 0n) return giveBack;
      await giveBack();
      throw exceeds(refund, left + BigInt(refund.amountMinor));
    },
    left: async (charge) => (await standingOf(parts, charge)).kept,
    isContested: async (charge) => (await standingOf(parts, charge)).disputed > 0n,
    async close(refund, reference) {
      const nameOf = (round: number): string => acceptanceName(refund, reference, round);
      const first = factOf(refund, nameOf(0));
      if (closed.has(first)) return;
      // What this process has not seen accepted may never have been, and would be by being ended.
      const [seal] = accepted.has(first) ? [] : await ledger.commit([sealOf(nameOf(0))]);
      for (let round = 0, isOver = seal?.applied === true; !isOver; round += 1) {
        const outcomes = await ended(refund, nameOf(round), [sealOf(nameOf(round + 1))]);
        isOver = outcomes === null || outcomes.at(-1)?.applied === true;
      }
      closed.add(first);
    },
  };
}

/** Takes the effect of an acceptance, so that there never will be one of this name. */
function sealOf(name: string): UnitOfWork {
  return { effect: `refund-accepted/${name}`, entries: [], events: [] };
}

function factOf({ chargeId, merchantReference }: LimitedRefund, name: string): string {
  return JSON.stringify([chargeId, merchantReference, name]);
}

/** The amount is part of it: a key that was refused for one amount may ask for another. */
function acceptanceName({ amountMinor, currency }: LimitedRefund, reference: string, round: number): string {
  return `${reference}/${amountMinor} ${currency}#${round}`;
}

interface Acceptance {
  readonly name: string;
  readonly kind: 'refund-accepted' | 'refund-closed';
  readonly atMs: number;
}

function unitOf(refund: LimitedRefund, { name, kind, atMs }: Acceptance): UnitOfWork {
  const { chargeId, merchantReference, amountMinor, currency } = refund;
  const { accepted, payable } = accounts;
  const [debit, credit] = kind === 'refund-accepted' ? [accepted, payable] : [payable, accepted];
  const key = `${kind}/${name}`;
  const entry = {
    key,
    kind,
    payment: { merchantReference, gatewayId: chargeId },
    operation: name,
    occurredAtMs: Math.trunc(atMs),
    postings: [
      { account: debit, amountMinor, currency },
      { account: credit, amountMinor: -amountMinor, currency },
    ],
  };
  return { effect: key, entries: [entry], events: [] };
}

/** What is captured and neither given nor taken back, what of it is promised, which may be more, and what was taken back. */
async function standingOf(
  { store }: RefundLimitParts,
  { merchantReference, currency }: Omit<LimitedRefund, 'amountMinor'>,
): Promise<Readonly<Record<'kept' | 'promised' | 'disputed', bigint>>> {
  const totals = await store.totals({ merchantReference });
  const on = (account: string): bigint =>
    BigInt(totals.find((row) => row.account === account && row.currency === currency)?.totalMinor ?? 0);
  const { captured, refunded } = standardAccounts;
  const balance = on(standardAccounts.disputed);
  // A dispute may be won here before its opening is booked; what the bank gives back then is not there to be refunded twice.
  const disputed = balance > 0n ? balance : 0n;
  return { kept: -on(captured) - on(refunded) - disputed, promised: -on(accounts.payable), disputed };
}

async function leftBeside(parts: RefundLimitParts, refund: LimitedRefund): Promise<bigint> {
  const { kept, promised } = await standingOf(parts, refund);
  return kept - promised;
}

const pageSize = 1_000;

/** The acceptances of a charge that stand, and their amounts in minor units. */
async function acceptedFor(
  { store }: RefundLimitParts,
  { merchantReference, currency }: LimitedRefund,
): Promise<ReadonlyMap<string, number>> {
  const standing = new Map<string, number>();
  for (let after = 0; ; ) {
    const page = await store.entries({ after, limit: pageSize });
    for (const { kind, operation, payment, postings } of page) {
      const [posting] = postings;
      if (payment?.merchantReference !== merchantReference || posting?.currency !== currency) continue;
      if (operation === undefined) continue;
      if (kind === 'refund-accepted') standing.set(operation, Math.abs(posting.amountMinor));
      else if (kind === 'refund-closed') standing.delete(operation);
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageSize) return standing;
    after = last.sequence;
  }
}

function exceeds({ amountMinor, currency }: LimitedRefund, leftMinor: bigint): PaymentError {
  const kind = { code: 'refund_exceeds_capture', retriable: false, effect: 'none' } as const;
  const left = leftMinor > 0n ? leftMinor : 0n;
  return new PaymentError(
    `refund: ${amountMinor} ${currency} was asked for and ${left} is left, in minor units; ask for no more than that`,
    kind,
  );
}
