// Convinces by results and records at the edges: what JSON can say comes back as it was, and a record that has
// nothing to say is never taken for an answer.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  IdempotencyConflictError,
  IdempotencyInProgressError,
  OutcomeUnknownError,
} from '../errors/payment-error.ts';
import { serialiseError } from '../errors/serialise.ts';
import type { IdempotencyRecord } from './store.ts';
import { decodeResult, encodeResult, refusalOf, verdictOf } from './verdict.ts';

const record: IdempotencyRecord = {
  key: 'shop/k',
  state: 'COMPLETED',
  fingerprint: 'f',
  request: '{}',
  token: 1,
  attemptId: 'a',
  epoch: 0,
  generation: 0,
  leaseUntilMs: 1,
  sendableUntilMs: 0,
  keyUsedFromMs: 0,
  unresolved: false,
  result: '{"v":5}',
};

describe('a stored result', () => {
  it('comes back as it was, whatever JSON can say', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const back = decodeResult(encodeResult(value));
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
        expect(encodeResult(back)).toBe(encodeResult(value));
      }),
    );
    expect(decodeResult(encodeResult(undefined))).toBeUndefined();
    expect(decodeResult(encodeResult(null))).toBeNull();
  });
});

/** Collects what is told as a replay. */
function listening() {
  const replays: string[] = [];
  return { replays, replayed: (code: string): void => void replays.push(code) };
}

describe('the verdict of a record', () => {
  it('is its result, or its failure, and is told as a replay', () => {
    const { replays, replayed } = listening();
    expect(verdictOf(record, replayed)).toBe(5);
    const failure = serialiseError(new CardDeclinedError('declined'));
    const { result: _, ...failed } = { ...record, state: 'FAILED' as const, failure };
    expect(() => verdictOf(failed, replayed)).toThrow(CardDeclinedError);
    expect(replays).toEqual(['ok', 'card_declined']);
  });

  it.each(['IN_FLIGHT', 'UNKNOWN', 'PENDING', 'RELEASED'] as const)(
    'is unknown while it is %s, whatever else it holds',
    (state) => {
      const { replays, replayed } = listening();
      expect(() => verdictOf({ ...record, state }, replayed)).toThrow(OutcomeUnknownError);
      expect(replays).toEqual([]);
    },
  );

  it('is unknown without a record', () => {
    expect(() => verdictOf(null, () => {})).toThrow(OutcomeUnknownError);
  });
});

describe('the answer to a claim that was not granted', () => {
  it.each(['IN_FLIGHT', 'COMPLETED', 'FAILED', 'UNKNOWN', 'PENDING'] as const)(
    'is a conflict for another payload first of all: %s',
    (state) => {
      expect(refusalOf({ ...record, state }, 'g')).toBeInstanceOf(IdempotencyConflictError);
    },
  );

  it('is in progress while somebody holds it, else none: the record answers', () => {
    const held = { ...record, state: 'IN_FLIGHT' as const };
    expect(refusalOf(held, 'f')).toBeInstanceOf(IdempotencyInProgressError);
    expect(refusalOf(record, 'f')).toBeUndefined();
  });
});
