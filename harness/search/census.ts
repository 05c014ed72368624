// Adds up what was judged and reached, because a green run says nothing about what it never looked at.

import { checkers } from '../checkers/catalogue.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { RunResult } from '../run.ts';

/** Counts over cases; records by invariant have every invariant of the catalogue, in its order. */
export interface Census {
  /** Boundary events. */
  readonly events: number;
  /** How many things were compared. */
  readonly judged: Readonly<Record<InvariantId, number>>;
  /** In how many cases the world took away what the invariant assumes. */
  readonly notPromised: Readonly<Record<InvariantId, number>>;
  /** In how many cases it broke. */
  readonly timesBroken: Readonly<Record<InvariantId, number>>;
  /** In how many cases each mark was reached, by name; marks that never were are absent. */
  readonly marks: Readonly<Record<string, number>>;
}

/** A census being taken. */
export interface CensusTaker {
  add(result: RunResult): void;
  /** Adds what was counted elsewhere. */
  merge(other: Census): void;
  census(): Census;
}

/** An empty census. */
export function censusTaker(): CensusTaker {
  const judged = zeroes();
  const notPromised = zeroes();
  const timesBroken = zeroes();
  const marks = new Map<string, number>();
  let events = 0;
  return {
    add(result) {
      events += result.history.events;
      for (const { id, verdict } of result.verdicts) {
        if (verdict.verdict === 'holds') judged[id] += verdict.judged;
        else if (verdict.verdict === 'not-promised') notPromised[id] += 1;
        else timesBroken[id] += 1;
      }
      for (const mark of result.marks) marks.set(mark, (marks.get(mark) ?? 0) + 1);
    },
    merge(other) {
      events += other.events;
      for (const { id } of checkers) {
        judged[id] += other.judged[id];
        notPromised[id] += other.notPromised[id];
        timesBroken[id] += other.timesBroken[id];
      }
      for (const [mark, count] of Object.entries(other.marks))
        marks.set(mark, (marks.get(mark) ?? 0) + count);
    },
    census: () => ({ events, judged, notPromised, timesBroken, marks: sortedRecord(marks) }),
  };
}

function zeroes(): Record<InvariantId, number> {
  return Object.fromEntries(checkers.map(({ id }) => [id, 0])) as Record<InvariantId, number>;
}

function sortedRecord(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...counts].sort(([a], [b]) => (a < b ? -1 : 1)));
}
