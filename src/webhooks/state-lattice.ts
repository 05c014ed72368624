// The order of states that an object passes through. Deliveries arrive late, twice and in any order; what has been seen in
// a later state is never put back into an earlier one.

import { ValidationError } from '../errors/payment-error.ts';

/** States and which of them come later than which. */
export interface StateLattice {
  /** Whether `status` is one of its states. */
  knows(status: string): boolean;
  /** Whether `to` comes after `from`, at once or by way of others; false for equal and for unknown states. */
  mayMove(from: string, to: string): boolean;
}

/**
 * A lattice from the direct moves out of each state. A final state has none, and is listed all the same.
 *
 * @throws ValidationError when a move leads to a state that is not listed, or when moves form a circle.
 */
export function stateLattice(moves: Readonly<Record<string, readonly string[]>>): StateLattice {
  const later = new Map<string, ReadonlySet<string>>();
  const laterThan = (status: string, path: readonly string[]): ReadonlySet<string> => {
    const known = later.get(status);
    if (known !== undefined) return known;
    const next = Object.hasOwn(moves, status) ? moves[status] : undefined;
    if (next === undefined)
      throw new ValidationError(`stateLattice: ${path.at(-1)} leads to ${status}, which is not listed`);
    if (path.includes(status)) {
      throw new ValidationError(
        `stateLattice: ${[...path, status].join(' → ')} is a circle; nothing in it is later`,
      );
    }
    const reached = new Set(next.flatMap((to) => [to, ...laterThan(to, [...path, status])]));
    later.set(status, reached);
    return reached;
  };
  for (const status of Object.keys(moves)) laterThan(status, []);
  return {
    knows: (status) => later.has(status),
    mayMove: (from, to) => later.get(from)?.has(to) ?? false,
  };
}

/**
 * The states of a payment. A payment that may succeed after a failed attempt (a Stripe PaymentIntent) is `pending` until its
 * last one; a refund after a dispute was won moves no state, though it has its effect.
 */
export const paymentLattice: StateLattice = stateLattice({
  pending: ['authorized', 'captured', 'voided', 'failed'],
  authorized: ['captured', 'voided', 'failed'],
  captured: ['partially_refunded', 'refunded', 'disputed'],
  partially_refunded: ['refunded', 'disputed'],
  refunded: ['disputed'],
  disputed: ['dispute_won', 'dispute_lost'],
  dispute_won: [],
  dispute_lost: [],
  voided: [],
  failed: [],
});
