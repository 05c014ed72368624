// The part of a recorder that writes down what happens inside the processes: how calls pass through watched guards, and
// what is logged.

import type { Digest } from './digest.ts';
import type { LogEntry, Outcome, Passage } from './history.ts';
import type { Instant } from './instant.ts';

/** The insides being written. Times are virtual milliseconds. */
export interface InsideRecorder {
  /** Calls through watched guards so far. */
  readonly passages: readonly Passage[];
  /** What was logged so far. */
  readonly logs: readonly LogEntry[];
  arrived(passage: Pick<Passage, 'guard' | 'actor' | 'process' | 'incarnation'>, atMs: number): Passage;
  admitted(passage: Passage, atMs: number): void;
  settled(passage: Passage, atMs: number, result: Outcome): void;
  answered(passage: Passage, atMs: number, answer: Outcome): void;
  logged(entry: Omit<LogEntry, 'at'>, atMs: number): void;
}

/** Nothing yet; `mark` digests that something happened to a numbered thing, and dates it. */
export function insideRecorder(
  sum: Digest,
  mark: (tag: number, id: number, atMs: number) => Instant,
): InsideRecorder {
  const passages: Passage[] = [];
  const logs: LogEntry[] = [];
  return {
    passages,
    logs,
    arrived({ guard, actor, process, incarnation }, atMs) {
      const id = passages.length;
      const passage: Passage = { id, guard, actor, process, incarnation, arrived: mark(106, id, atMs) };
      sum.text(guard);
      sum.text(actor);
      passages.push(passage);
      return passage;
    },
    admitted(passage, atMs) {
      passage.admitted = mark(107, passage.id, atMs);
    },
    // What a guard hears and says was digested where it was made: at the boundary, or in the answer to the client.
    settled(passage, atMs, result) {
      passage.settled = mark(result.ok ? 108 : 109, passage.id, atMs);
      passage.result = result;
    },
    answered(passage, atMs, answer) {
      passage.answered = mark(answer.ok ? 110 : 111, passage.id, atMs);
      passage.answer = answer;
    },
    logged({ actor, process, incarnation, record }, atMs) {
      const at = mark(112, logs.length, atMs);
      sum.text(actor);
      sum.value(record);
      logs.push({ actor, process, incarnation, at, record });
    },
  };
}
