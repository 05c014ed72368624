// Convinces by a user's view: stores of their own, one of them with a mistake, and what is answered about each.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../../src/errors/payment-error.ts';
import type { DeliveryMarks } from '../../src/webhooks/first-delivery.ts';
import { conformance } from './conformance.ts';
import type { StoreKind } from './store-kinds.ts';

interface Own {
  readonly closed: () => number;
  readonly make: (nowMs: () => number) => {
    readonly connections: readonly DeliveryMarks[];
    readonly close: () => Promise<void>;
  };
}

/** Marks in a map, where `isOver` says when a mark is. */
function own(isOver: (untilMs: number, now: number) => boolean): Own {
  let closed = 0;
  return {
    closed: () => closed,
    make: (nowMs) => {
      const marks = new Map<string, number>();
      const store: DeliveryMarks = {
        async mark({ id, ttlMs }) {
          const untilMs = marks.get(id);
          if (untilMs !== undefined && !isOver(untilMs, nowMs())) return false;
          marks.set(id, nowMs() + ttlMs);
          return true;
        },
      };
      const close = async () => {
        closed += 1;
      };
      return { connections: [store, store], close };
    },
  };
}

describe('the conformance of a store', () => {
  it('is every clause, in order, and then parity', async () => {
    const { make, closed } = own((untilMs, now) => untilMs <= now);
    const results = await conformance('delivery-marks', make, { runs: 5 });
    expect(results.filter(({ passed }) => !passed)).toEqual([]);
    expect(results.map(({ clause }) => clause.split(':')[0])).toEqual([
      'mark',
      'mark',
      'expiry',
      'expiry',
      'input',
      'parity',
      'parity',
    ]);
    // One store for each clause, and for each sequence of calls.
    expect(closed()).toBe(5 + 2 * 5);
  });

  it('names the clauses that do not hold, with what was seen', async () => {
    const { make, closed } = own((untilMs, now) => untilMs < now);
    const results = await conformance('delivery-marks', make, { runs: 200, seed: 1 });
    expect(results.flatMap((result) => (result.passed ? [] : [[result.clause, result.because]]))).toEqual([
      [expect.stringContaining('of many at once'), 'how many were the first: got 0, wanted 1'],
      [expect.stringContaining('a mark lasts for its time'), 'the answer: got false, wanted true'],
      [
        expect.stringContaining('one after the other'),
        expect.stringContaining('mark: got false, the table true'),
      ],
      [expect.stringContaining('at once are'), expect.stringContaining('mark: got false, the table true')],
    ]);
    expect(closed()).toBeGreaterThan(5);
  });

  it('counts what an operation throws as a clause that does not hold', async () => {
    const make = () => ({
      connections: [{ mark: () => Promise.reject(new Error('out of order')) }],
    });
    const results = await conformance('delivery-marks', make, { runs: 1 });
    expect(results.every(({ passed }) => !passed)).toBe(true);
    expect(results[0]).toMatchObject({ because: 'out of order' });
  });

  it('cannot be told of a store without connections', async () => {
    const [result] = await conformance('delivery-marks', () => ({ connections: [] }), { runs: 1 });
    expect(result).toMatchObject({ passed: false, because: expect.stringContaining('without connections') });
  });

  it('rejects as the opening and the closing of a store do', async () => {
    const opening = conformance('delivery-marks', () => Promise.reject(new Error('no server')));
    await expect(opening).rejects.toThrow('no server');
    const { make } = own((untilMs, now) => untilMs <= now);
    const closing = conformance('delivery-marks', (nowMs) => ({
      ...make(nowMs),
      close: () => Promise.reject(new Error('still busy')),
    }));
    await expect(closing).rejects.toThrow('still busy');
  });

  it('does not wait for a store that hangs', async () => {
    const make = () => ({ connections: [{ mark: () => new Promise<boolean>(() => {}) }] });
    const results = await conformance('delivery-marks', make, { runs: 1, timeoutMs: 1 });
    expect(results.map(({ passed }) => passed)).not.toContain(true);
    expect(results[0]).toMatchObject({ because: 'it was not over after 1 ms: an operation hangs' });
  });

  it('refuses options that cannot be used', async () => {
    const { make } = own(() => true);
    for (const options of [{ runs: 0 }, { runs: 1.5 }, { timeoutMs: 0 }, { timeoutMs: Number.NaN }])
      await expect(conformance('delivery-marks', make, options)).rejects.toThrow(ValidationError);
    await expect(conformance('delivery-marks', undefined as never)).rejects.toThrow(
      'make must be a function',
    );
  });

  it('is not defined for other kinds of stores', async () => {
    const { make } = own(() => true);
    const asked = conformance('cache' as unknown as StoreKind & 'delivery-marks', make);
    await expect(asked).rejects.toThrow('there is no kind of store cache; the kinds are idempotency-store,');
  });
});
