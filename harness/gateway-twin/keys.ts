// What the gateway remembers of idempotency keys, and what it says to a key that it has seen before. One
// ledger for all operations, as providers keep one per account.

import type { Mutation } from '../../src/gateway/port.ts';
import type { FarSide } from '../world/boundary.ts';
import { refusal, type WireAnswer } from './answer.ts';
import type { RepeatedKey } from './profiles.ts';

/** The mutations that a key can belong to. */
export type OperationName = 'authorize' | 'capture' | 'void' | 'refund';

/** A request being executed under a key. */
export interface Execution {
  readonly operation: OperationName;
  readonly request: Mutation;
  readonly sinceMs: number;
}

/** The gateway's memory of keys. */
export interface KeyLedger {
  /** What a request is answered without being executed, or undefined when it has to be executed. */
  repeat(operation: OperationName, request: Mutation): WireAnswer | undefined;
  /** Notes that a request is being executed: from now on its key is in use. */
  begin(operation: OperationName, request: Mutation): Execution;
  /** Notes how it was answered; what is kept depends on the gateway. */
  finish(execution: Execution, answer: WireAnswer): void;
  /** Drops a key, executing or answered. */
  forget(key: string): void;
  /** The answer stored under a key at `asOfMs` or before, marked as a replay. */
  stored(key: string, asOfMs: number): WireAnswer | undefined;
}

/** How a {@link KeyLedger} behaves. */
export interface KeyRules {
  readonly repeatedKey: RepeatedKey;
  /** How long a key is remembered after its first use, milliseconds. */
  readonly retentionMs: number;
}

interface Entry extends Execution {
  answer: WireAnswer | undefined;
  answeredAtMs: number;
}

/** An empty ledger. An empty key is no key: it is never remembered. */
export function keyLedger(rules: KeyRules, far: FarSide): KeyLedger {
  const entries = new Map<string, Entry>();
  const remembers = rules.repeatedKey !== 'ignore';

  // A key in use is a lock, which no gateway lets lapse under a request that it is still executing.
  function known(key: string): Entry | undefined {
    const entry = entries.get(key);
    if (entry === undefined || entry.answer === undefined) return entry;
    if (far.nowMs() - entry.sinceMs < rules.retentionMs) return entry;
    entries.delete(key);
    return undefined;
  }

  return {
    repeat(operation, request) {
      const entry = known(request.idempotencyKey);
      if (entry === undefined) return undefined;
      // Stripe compares the parameters before it looks whether the first request is still running.
      if (rules.repeatedKey === 'replay' && !sameRequest(entry, operation, request))
        return refusal(400, 'idempotency_error');
      if (entry.answer === undefined || rules.repeatedKey === 'conflict')
        return refusal(409, 'idempotency_key_in_use');
      return replayOf(entry.answer);
    },
    begin(operation, request) {
      const sinceMs = far.nowMs();
      const entry: Entry = { operation, request, sinceMs, answer: undefined, answeredAtMs: 0 };
      if (remembers && request.idempotencyKey !== '') entries.set(request.idempotencyKey, entry);
      return entry;
    },
    finish(execution, answer) {
      const entry = entries.get(execution.request.idempotencyKey);
      // The key may have been forgotten meanwhile, and used again by another request.
      if (entry !== execution || entry === undefined) return;
      if (rules.repeatedKey === 'replay-successes' && answer.status >= 300) {
        entries.delete(execution.request.idempotencyKey);
        return;
      }
      entry.answer = answer;
      entry.answeredAtMs = far.nowMs();
    },
    forget(key) {
      entries.delete(key);
    },
    stored(key, asOfMs) {
      const entry = known(key);
      if (entry?.answer === undefined || entry.answeredAtMs > asOfMs) return undefined;
      return replayOf(entry.answer);
    },
  };
}

/** A copy, so that nobody who was given the first answer can change what is replayed. */
function replayOf(answer: WireAnswer): WireAnswer {
  return {
    ...answer,
    ...(answer.charge === undefined ? {} : { charge: { ...answer.charge } }),
    ...(answer.refund === undefined ? {} : { refund: { ...answer.refund } }),
    replayed: true,
  };
}

function sameRequest(entry: Entry, operation: OperationName, request: Mutation): boolean {
  if (entry.operation !== operation) return false;
  const first = entry.request as unknown as Readonly<Record<string, unknown>>;
  const again = request as unknown as Readonly<Record<string, unknown>>;
  const names = Object.keys(again);
  return names.length === Object.keys(first).length && names.every((name) => first[name] === again[name]);
}
