// Convinces by random operations of several relays that keep using the tokens they once had while time jumps: after every
// claim and every settlement what was handed out is compared with a plain log of it. What each operation does is in the
// contract of the port.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventWrite } from '../ledger/ledger-store.ts';
import type { ClaimedEvent, DeliveryOutcome } from '../ledger/outbox-store.ts';
import { outboxTable } from './outbox-table.ts';

function event(id: string, aggregate: string): EventWrite {
  return { id, type: 't', aggregate, payload: '{}', fingerprint: id };
}

function rig() {
  let nowMs = 0;
  const table = outboxTable(() => nowMs);
  const claim = (limit = 10) => table.claim({ limit, leaseMs: 100 });
  return {
    ...table,
    claim,
    settle: ({ event: { id }, token }: ClaimedEvent, outcome: DeliveryOutcome) =>
      table.settle({ id, token, outcome }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const delivered: DeliveryOutcome = { kind: 'delivered' };

const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), aggregate: fc.constantFrom('a', 'b') }),
  fc.record({ do: fc.constant('claim' as const), limit: fc.integer({ min: 1, max: 3 }) }),
  fc.record({
    do: fc.constant('settle' as const),
    which: fc.nat(20),
    kind: fc.constantFrom('delivered' as const, 'failed' as const, 'dead' as const),
  }),
  fc.record({ do: fc.constant('pass' as const), ms: fc.nat(150) }),
);

describe('any use of an outbox', () => {
  it('hands out under one lease at a time, in order, and loses nothing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { append, claim, settle, deadLetters, pass } = rig();
        const appended: EventWrite[] = [];
        const claims: ClaimedEvent[] = [];
        const over = new Set<string>();
        const heldUntilMs = new Map<string, number>();
        let nowMs = 0;
        const claimAll = (limit: number) => {
          for (const got of claim(limit)) {
            const { id, aggregate } = got.event;
            expect(nowMs).toBeGreaterThanOrEqual(heldUntilMs.get(id) ?? 0);
            const first = appended.find((other) => other.aggregate === aggregate && !over.has(other.id));
            expect(id).toBe(first?.id);
            for (const earlier of claims.filter(({ event: { id: other } }) => other === id)) {
              expect(got.token).toBeGreaterThan(earlier.token);
            }
            claims.push(got);
            heldUntilMs.set(id, nowMs + 100);
          }
        };
        for (const each of steps) {
          if (each.do === 'append') {
            appended.push(event(`e${appended.length}`, each.aggregate));
            append(appended.at(-1) as EventWrite);
          } else if (each.do === 'claim') claimAll(each.limit);
          else if (each.do === 'pass') {
            nowMs += each.ms;
            pass(each.ms);
          } else {
            const got = claims[each.which];
            if (got === undefined) continue;
            const { id } = got.event;
            const outcome =
              each.kind === 'failed' ? { kind: each.kind, delayMs: 30 } : { kind: each.kind, reason: 'x' };
            if (!settle(got, outcome)) continue;
            expect(claims.findLast(({ event: { id: other } }) => other === id)).toBe(got);
            expect(over.has(id)).toBe(false);
            if (each.kind === 'failed') heldUntilMs.set(id, nowMs + 30);
            else over.add(id);
          }
        }
        for (let rounds = appended.length; rounds > 0; rounds -= 1) {
          nowMs += 200;
          pass(200);
          const from = claims.length;
          claimAll(10);
          for (const got of claims.slice(from)) {
            settle(got, delivered);
            over.add(got.event.id);
          }
        }
        expect(over.size).toBe(appended.length);
        expect(claim()).toEqual([]);
        expect(deadLetters({ limit: 100 }).every(({ event: { id } }) => over.has(id))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
