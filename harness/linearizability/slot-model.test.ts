// Convinces by judging what many callers see of stores in which operations overlap: the memory store is always explained, and
// drivers with the classical mistakes (claim in two steps, write without a token, a reply that a repeated claim does not
// know) are not. And the model, written independently, agrees with the table on any sequence.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IdempotencyStore } from '../../src/idempotency/store.ts';
import { type IdempotencyTable, idempotencyTable } from '../../src/stores/idempotency-table.ts';
import { checkLinearizability } from './check-linearizability.ts';
import type { ObservedOperation } from './history.ts';
import { slotModel } from './slot-model.ts';
import { slotHistory } from './testing.ts';

/** Far less than the leases: no lease and no record runs out. */
const table = (): IdempotencyTable => idempotencyTable(() => 0);

/** A driver whose every operation takes several turns: one to arrive, and one to answer. */
function slow(applied: IdempotencyTable, replaced: Partial<IdempotencyStore> = {}): IdempotencyStore {
  const turn = (): Promise<void> => Promise.resolve();
  const late =
    <Asked, Reply>(apply: (asked: Asked) => Reply) =>
    async (asked: Asked): Promise<Reply> => {
      await turn();
      const reply = apply(asked);
      await turn();
      return reply;
    };
  return {
    claim: late(applied.claim),
    complete: late(applied.complete),
    fail: late(applied.fail),
    release: late(applied.release),
    renew: late(applied.renew),
    suspend: late(applied.suspend),
    advance: late(applied.advance),
    read: late(applied.read),
    list: late(applied.list),
    ...replaced,
  };
}

const judge = (operations: readonly ObservedOperation[]) => checkLinearizability(operations, slotModel).kind;

/** Everything that many callers saw of a store, over some seeds. */
async function verdicts(make: () => IdempotencyStore): Promise<readonly string[]> {
  const kinds: string[] = [];
  for (let seed = 1; seed <= 30; seed++) {
    const store = make();
    kinds.push(judge(await slotHistory({ connect: () => store, callers: 6, rounds: 8, seed })));
  }
  return kinds;
}

test('the memory table behind slow connections is linearizable', async () => {
  expect(new Set(await verdicts(() => slow(table())))).toEqual(new Set(['linearizable']));
});

describe('finds', () => {
  test('a claim that looks first and writes then', async () => {
    const make = (): IdempotencyStore => {
      const applied = table();
      const copies = new Map<string, ReturnType<IdempotencyTable['claim']>>();
      return slow(applied, {
        async claim(request) {
          const seen = applied.read(request.key);
          await Promise.resolve();
          if (seen !== null) return applied.claim(request);
          const answer = copies.get(request.key) ?? applied.claim(request);
          copies.set(request.key, answer);
          return { ...answer, owned: true, record: { ...answer.record, attemptId: request.attemptId } };
        },
      });
    };
    expect(await verdicts(make)).toContain('not-linearizable');
  });

  test('a completion under any token', async () => {
    const make = (): IdempotencyStore => {
      const applied = table();
      return slow(applied, {
        complete: async (write) =>
          applied.complete({ ...write, token: applied.read(write.key)?.token ?? write.token }),
      });
    };
    expect(await verdicts(make)).toContain('not-linearizable');
  });

  test('a read from a replica that lags', async () => {
    const make = (): IdempotencyStore => {
      const applied = table();
      const replica = new Map<string, ReturnType<IdempotencyTable['read']>>();
      return slow(applied, {
        async read(key) {
          const behind = replica.get(key) ?? null;
          replica.set(key, applied.read(key));
          return behind;
        },
      });
    };
    expect(await verdicts(make)).toContain('not-linearizable');
  });
});

test('the model answers what the table answers', () => {
  const write = fc.record({
    name: fc.constantFrom('complete', 'fail', 'release', 'renew', 'suspend', 'advance'),
    token: fc.integer({ min: 1, max: 4 }),
  });
  const claim = fc.record({
    name: fc.constant('claim'),
    attemptId: fc.constantFrom('a', 'b'),
    fingerprint: fc.constantFrom('f', 'g'),
  });
  fc.assert(
    fc.property(
      fc.array(fc.oneof(claim, write, fc.record({ name: fc.constant('read') })), { maxLength: 14 }),
      (asked) => {
        const applied: Record<string, (request: never) => unknown> = { ...table() };
        const operations = asked.map(({ name, ...rest }, index): ObservedOperation => {
          const ends = {
            result: '"r"',
            state: 'UNKNOWN',
            sent: true,
            sealed: false,
            failure: { name: 'E', message: '' },
          };
          const request =
            name === 'read'
              ? 'k'
              : { key: 'k', request: '{}', leaseMs: 1_000, ttlMs: 1_000, ...ends, ...rest };
          const reply = applied[name]?.(request as never);
          return {
            caller: 'c',
            object: 'k',
            name,
            request,
            calledAt: 2 * index,
            returned: { at: 2 * index, reply },
          };
        });
        expect(judge(operations)).toBe('linearizable');
      },
    ),
    { numRuns: 500 },
  );
});
