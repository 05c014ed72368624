// Convinces by the whole table of a payment's moves, and by what an order has to be: nothing precedes itself.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { paymentLattice, stateLattice } from './state-lattice.ts';

const states = [
  'pending',
  'authorized',
  'captured',
  'partially_refunded',
  'refunded',
  'disputed',
  'dispute_won',
  'dispute_lost',
  'voided',
  'failed',
];

describe("a payment's lattice", () => {
  it('lets a payment move to these states, and to no others', () => {
    const moves = Object.fromEntries(
      states.map((from) => [from, states.filter((to) => paymentLattice.mayMove(from, to))]),
    );
    const afterDispute = ['dispute_won', 'dispute_lost'];
    const afterCapture = ['partially_refunded', 'refunded', 'disputed', ...afterDispute];
    expect(moves).toEqual({
      pending: ['authorized', 'captured', ...afterCapture, 'voided', 'failed'],
      authorized: ['captured', ...afterCapture, 'voided', 'failed'],
      captured: afterCapture,
      partially_refunded: ['refunded', 'disputed', ...afterDispute],
      refunded: ['disputed', ...afterDispute],
      disputed: afterDispute,
      dispute_won: [],
      dispute_lost: [],
      voided: [],
      failed: [],
    });
  });

  it('knows its states, and none that an object inherits', () => {
    expect(states.every((status) => paymentLattice.knows(status))).toBe(true);
    for (const status of ['constructor', '__proto__', '', 'CAPTURED']) {
      expect(paymentLattice.knows(status)).toBe(false);
      expect(paymentLattice.mayMove('pending', status)).toBe(false);
      expect(paymentLattice.mayMove(status, 'captured')).toBe(false);
    }
  });
});

describe('a lattice of your own', () => {
  it('is an order: transitive, and never both ways', () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const moves = fc
      .array(fc.subarray(names), { minLength: names.length, maxLength: names.length })
      .map((lists) =>
        names.map((name, index) => [name, (lists[index] ?? []).filter((to) => to > name)] as const),
      );
    fc.assert(
      fc.property(moves, (entries) => {
        const { mayMove } = stateLattice(Object.fromEntries(entries));
        for (const [a, direct] of entries) {
          for (const b of direct) expect(mayMove(a, b)).toBe(true);
          for (const b of names) {
            if (mayMove(a, b)) expect(mayMove(b, a)).toBe(false);
            for (const c of names) if (mayMove(a, b) && mayMove(b, c)) expect(mayMove(a, c)).toBe(true);
          }
        }
      }),
    );
  });

  it('is refused when it goes in circles, or to a state that is not listed', () => {
    for (const bad of [{ a: ['a'] }, { a: ['b'], b: ['c'], c: ['b'] }, { a: ['b'] }, { a: ['toString'] }]) {
      expect(() => stateLattice(bad as Record<string, string[]>)).toThrow(ValidationError);
    }
  });
});
