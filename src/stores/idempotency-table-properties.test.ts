// Convinces by random operations of several owners, who keep using the tokens they once had while time jumps, on two
// keys. After every single operation the record before is compared with the record after.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CardDeclinedError } from '../errors/payment-error.ts';
import { serialiseError } from '../errors/serialise.ts';
import type { IdempotencyRecord } from '../idempotency/store.ts';
import { type IdempotencyTable, idempotencyTable } from './idempotency-table.ts';

const keys = ['shop/a', 'shop/b'] as const;
const failure = serialiseError(new CardDeclinedError('declined'));
const writes = ['complete', 'fail', 'release', 'renew', 'suspend', 'advance'] as const;

const claiming = fc.record({
  do: fc.constant('claim' as const),
  key: fc.constantFrom(...keys),
  owner: fc.constantFrom('x', 'y', 'z'),
  attempt: fc.nat(2),
  fingerprint: fc.constantFrom('f', 'f', 'f', 'g'),
  leaseMs: fc.integer({ min: 1, max: 50 }),
});
const writing = fc.record({
  do: fc.constantFrom(...writes),
  key: fc.constantFrom(...keys),
  token: fc.integer({ min: 0, max: 8 }),
  ms: fc.integer({ min: 1, max: 50 }),
  flag: fc.boolean(),
});
const waiting = fc.record({ do: fc.constant('wait' as const), ms: fc.nat(60) });
const steps = fc.array(fc.oneof(claiming, writing, waiting), { minLength: 1, maxLength: 60 });

type Claiming = typeof claiming extends fc.Arbitrary<infer Value> ? Value : never;
type Writing = typeof writing extends fc.Arbitrary<infer Value> ? Value : never;

function claimOf({ key, owner, attempt, fingerprint, leaseMs }: Claiming) {
  return { key, fingerprint, request: '{}', attemptId: `${owner}${attempt}`, leaseMs };
}

function write(table: IdempotencyTable, { do: name, key, token, ms, flag }: Writing) {
  const owned = { key, token };
  switch (name) {
    case 'complete':
      return table.complete({ ...owned, result: '{}', ttlMs: ms });
    case 'fail':
      return table.fail({ ...owned, failure, ttlMs: ms });
    case 'release':
      return table.release(owned);
    case 'renew':
      return table.renew({ ...owned, leaseMs: ms });
    case 'suspend':
      return table.suspend({ ...owned, state: flag ? 'UNKNOWN' : 'PENDING', sent: flag, sealed: !flag });
    case 'advance':
      return table.advance(owned);
  }
}

/** Runs random steps and shows `look` each record around each of them. */
function storm(look: (change: Change) => void): void {
  fc.assert(
    fc.property(steps, (script) => {
      let nowMs = 0;
      const table = idempotencyTable(() => nowMs);
      for (const step of script) {
        if (step.do === 'wait') {
          nowMs += step.ms;
          continue;
        }
        const before = table.read(step.key);
        const other = table.read(keys[0] === step.key ? keys[1] : keys[0]);
        const granted = step.do === 'claim' ? table.claim(claimOf(step)).owned : write(table, step).written;
        expect(table.read(keys[0] === step.key ? keys[1] : keys[0])).toBe(other);
        look({ step, before, after: table.read(step.key), granted, nowMs });
      }
    }),
    { numRuns: 500 },
  );
}

interface Change {
  readonly step: Claiming | Writing;
  readonly before: IdempotencyRecord | null;
  readonly after: IdempotencyRecord | null;
  readonly granted: boolean;
  readonly nowMs: number;
}

const undecided = new Set(['IN_FLIGHT', 'UNKNOWN', 'PENDING']);

describe('whatever happens to a slot', () => {
  it('its token strictly increases with every new owner and never changes otherwise', () => {
    storm(({ step, before, after, granted }) => {
      const sameClaim = before?.state === 'IN_FLIGHT' && after === before;
      if (step.do === 'claim' && granted && !sameClaim) expect(after?.token).toBe((before?.token ?? 0) + 1);
      else expect(after?.token).toBe(before?.token);
    });
  });

  it('no write is applied under another token, or by an owner that has ended its claim', () => {
    storm(({ step, before, after, granted }) => {
      if (step.do === 'claim') return;
      expect(granted).toBe(before?.state === 'IN_FLIGHT' && before.token === step.token);
      if (!granted) expect(after).toBe(before);
    });
  });

  it('a claim that was not granted changes nothing', () => {
    storm(({ step, before, after, granted }) => {
      if (step.do === 'claim' && !granted) expect(after).toBe(before);
    });
  });

  it('what is undecided never expires: not to another payload, and never into a new epoch', () => {
    storm(({ step, before, after, granted }) => {
      if (step.do !== 'claim' || before === null || !undecided.has(before.state)) return;
      expect(before).not.toHaveProperty('expiresAtMs');
      expect(after).toMatchObject({
        epoch: before.epoch,
        generation: before.generation,
        keyUsedFromMs: before.keyUsedFromMs,
      });
      if (step.fingerprint !== before.fingerprint) expect(granted).toBe(false);
    });
  });

  it('whoever takes over something undecided is told to resolve it first', () => {
    storm(({ step, before, after, granted }) => {
      if (step.do !== 'claim' || !granted || before === null || after === before) return;
      if (undecided.has(before.state)) expect(after?.unresolved).toBe(true);
    });
  });

  it('a lease is taken only once it has ended', () => {
    storm(({ step, before, after, nowMs }) => {
      if (step.do !== 'claim' || before?.state !== 'IN_FLIGHT' || after === before) return;
      expect(before.leaseUntilMs).toBeLessThanOrEqual(nowMs);
      expect(after?.sendableUntilMs).toBeGreaterThanOrEqual(before.leaseUntilMs);
    });
  });

  it('a decided record keeps its answer to the end of its life, and no longer', () => {
    storm(({ step, before, after, granted, nowMs }) => {
      if (step.do !== 'claim' || before?.expiresAtMs === undefined) return;
      expect(granted).toBe(before.expiresAtMs <= nowMs);
      if (granted)
        expect(after).toMatchObject({ epoch: before.epoch + 1, generation: 0, state: 'IN_FLIGHT' });
    });
  });
});
