// Convinces by a script for each rule, and by random operations of several relays that keep using the tokens they once
// had while time jumps: after every claim and every settlement what was handed out is compared with a plain log of it.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EventWrite } from '../ledger/ledger-store.ts';
import type { ClaimedEvent, DeliveryOutcome } from '../ledger/outbox-store.ts';
import { outboxTable } from './outbox-table.ts';

function event(id: string, aggregate = id): EventWrite {
  return { id, type: 't', aggregate, payload: '{}', fingerprint: id };
}

function rig(...events: readonly EventWrite[]) {
  let nowMs = 0;
  const table = outboxTable(() => nowMs);
  for (const each of events) table.append(each);
  const claim = (limit = 10) => table.claim({ limit, leaseMs: 100 });
  return {
    ...table,
    claim,
    ids: () => claim().map(({ event: { id } }) => id),
    settle: ({ event: { id }, token }: ClaimedEvent, outcome: DeliveryOutcome) =>
      table.settle({ id, token, outcome }),
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

function only(claimed: readonly ClaimedEvent[]): ClaimedEvent {
  const [first, second] = claimed;
  if (first === undefined || second !== undefined) throw new Error(`${claimed.length} events, not one`);
  return first;
}

const delivered: DeliveryOutcome = { kind: 'delivered' };
const dead: DeliveryOutcome = { kind: 'dead', reason: 'poison' };

describe('an outbox', () => {
  it('hands out in the order of commits, one of each aggregate, up to the limit', () => {
    const { claim } = rig(event('a1', 'a'), event('b1', 'b'), event('a2', 'a'), event('c1', 'c'));
    expect(claim(2).map(({ event: { id } }) => id)).toEqual(['a1', 'b1']);
    expect(claim().map(({ event: { id } }) => id)).toEqual(['c1']);
    expect(claim()).toEqual([]);
  });

  it('goes on with an aggregate once its first event is delivered', () => {
    const { claim, settle } = rig(event('a1', 'a'), event('a2', 'a'));
    const first = only(claim());
    expect(first).toMatchObject({ event: { id: 'a1' }, hasNext: true });
    expect(settle(first, delivered)).toBe(true);
    expect(only(claim())).toMatchObject({ event: { id: 'a2' }, token: 1, attempts: 1, hasNext: false });
  });

  it('hands an event out again when its lease is over, and not a millisecond before', () => {
    const { claim, pass } = rig(event('a1'));
    claim();
    pass(99);
    expect(claim()).toEqual([]);
    pass(1);
    expect(only(claim())).toMatchObject({ token: 2, attempts: 2 });
  });

  it('holds a failed event back for its delay, and the aggregate with it', () => {
    const { claim, ids, settle, pass } = rig(event('a1', 'a'), event('a2', 'a'), event('b1', 'b'));
    const [first] = claim();
    expect(settle(first as ClaimedEvent, { kind: 'failed', delayMs: 500 })).toBe(true);
    pass(499);
    expect(ids()).toEqual(['b1']);
    pass(1);
    expect(ids()).toEqual(['a1']);
  });

  it('goes on without a dead letter, keeps it, and puts it first when it is requeued', () => {
    const { claim, ids, settle, deadLetters, requeue, pass } = rig(event('a1', 'a'), event('a2', 'a'));
    pass(7);
    settle(only(claim()), dead);
    expect(deadLetters({ limit: 5 })).toEqual([
      { event: event('a1', 'a'), attempts: 1, reason: 'poison', diedAtMs: 7 },
    ]);
    expect(deadLetters({ limit: 0 })).toEqual([]);
    expect([requeue('a1'), requeue('a1'), requeue('nobody')]).toEqual([true, false, false]);
    expect(deadLetters({ limit: 5 })).toEqual([]);
    expect(only(claim())).toMatchObject({ event: { id: 'a1' }, token: 2, attempts: 1 });
    expect(ids()).toEqual([]);
  });

  it.each<[string, DeliveryOutcome]>([
    ['delivered', delivered],
    ['failed', { kind: 'failed', delayMs: 0 }],
    ['dead', dead],
  ])('takes nothing from an owner whose claim is over: %s', (_, outcome) => {
    const { claim, settle, pass } = rig(event('a1'));
    const stale = only(claim());
    pass(100);
    const current = only(claim());
    expect(settle(stale, outcome)).toBe(false);
    expect(settle({ ...current, event: event('nobody') }, outcome)).toBe(false);
    expect(claim()).toEqual([]);
    expect(settle(current, outcome)).toBe(true);
    expect(settle(current, delivered)).toBe(false);
    expect(settle(current, dead)).toBe(false);
  });
});

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
