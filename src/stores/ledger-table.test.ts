// Convinces by random commits full of repetitions and contradictions, each compared with a model that applies unit by unit
// to a copy and throws the copy away at the first contradiction. What each operation does is in the contract of the port.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CommitAnswer, EntryWrite, EventWrite, UnitOutcome, UnitWrite } from '../ledger/ledger-store.ts';
import { ledgerTable } from './ledger-table.ts';

function entry(key: string, fingerprint: string, amountMinor = 5): EntryWrite {
  return {
    key,
    kind: 'capture',
    payment: { merchantReference: `m-${key}`, gatewayId: `ch-${key}` },
    occurredAtMs: 0,
    postings: [
      { account: 'gateway-clearing', amountMinor, currency: 'USD' },
      { account: 'captured', amountMinor: -amountMinor, currency: 'USD' },
    ],
    fingerprint,
  };
}

function event(id: string, fingerprint: string): EventWrite {
  return { id, type: 't', aggregate: id, payload: '{}', fingerprint };
}

interface Model {
  readonly effects: Set<string>;
  readonly entries: Map<string, string>;
  readonly events: Map<string, string>;
}

/** The model after the commit, and what it answers; undefined when it is refused. */
function applied(before: Model, units: readonly UnitWrite[]): [Model, UnitOutcome[] | undefined] {
  const { effects, entries, events } = structuredClone(before);
  const outcomes: UnitOutcome[] = [];
  for (const unit of units) {
    const isNew = !effects.has(unit.effect);
    effects.add(unit.effect);
    const newEntries: string[] = [];
    for (const { key, fingerprint } of unit.entries) {
      if (entries.has(key) ? entries.get(key) !== fingerprint : !isNew) return [before, undefined];
      if (!entries.has(key)) newEntries.push(key);
      entries.set(key, fingerprint);
    }
    const newEvents: string[] = [];
    for (const { id, fingerprint } of isNew ? unit.events : []) {
      if (events.has(id) && events.get(id) !== fingerprint) return [before, undefined];
      if (!events.has(id)) newEvents.push(id);
      events.set(id, fingerprint);
    }
    outcomes.push({ effect: unit.effect, applied: isNew, newEntries, newEvents });
  }
  return [{ effects, entries, events }, outcomes];
}

const print = fc.constantFrom('f', 'f', 'f', 'g');
const unit = fc.record({
  effect: fc.constantFrom('u', 'v', 'w', 'x'),
  entries: fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), print), { maxLength: 3 }),
  events: fc.array(fc.tuple(fc.constantFrom('e1', 'e2', 'e3'), print), { maxLength: 2 }),
});

describe('any commits', () => {
  it('write all of their units or none, each effect once, as the model does', () => {
    fc.assert(
      fc.property(fc.array(fc.array(unit, { maxLength: 3 }), { maxLength: 12 }), (commits) => {
        let nowMs = 0;
        const table = ledgerTable(() => nowMs);
        let model: Model = { effects: new Set(), entries: new Map(), events: new Map() };
        for (const commit of commits) {
          nowMs += 10;
          const units = commit.map(
            ({ effect, entries, events }): UnitWrite => ({
              effect,
              entries: entries.map(([key, fingerprint]) => entry(key, fingerprint)),
              events: events.map(([id, fingerprint]) => event(id, fingerprint)),
            }),
          );
          const [after, outcomes] = applied(model, units);
          const answer: CommitAnswer = table.commit(units);
          expect(answer.committed).toBe(outcomes !== undefined);
          if (answer.committed) expect(answer.outcomes).toEqual(outcomes);
          model = after;
          const held = table.entries({ after: 0, limit: 100 });
          expect(held.map(({ key, fingerprint }) => [key, fingerprint])).toEqual([...model.entries]);
        }
        const told = table.claim({ limit: 100, leaseMs: 1 });
        expect(told.map(({ event: { id, fingerprint } }) => [id, fingerprint])).toEqual([...model.events]);
      }),
      { numRuns: 1_000 },
    );
  });
});
