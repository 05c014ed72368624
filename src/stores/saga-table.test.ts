// Convinces by random operations of several drivers who keep using the tokens and versions they once had: after each
// operation the record before is compared with the record after. What each operation does is in the contract of the port.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SagaRecord } from '../saga/journal.ts';
import { type SagaTable, sagaTable } from './saga-table.ts';

const name = { saga: 'checkout', id: 'i' };
const leaseMs = 1_000;

let nowMs = 0;
let table: SagaTable;

const open = (attemptId: string, id = 'i', fingerprint = 'f') =>
  table.open({ ...name, id, fingerprint, progress: '{}', attemptId, leaseMs });
const claim = (attemptId: string, why: 'recovery' | 'repair' = 'recovery') =>
  table.claim({ ...name, attemptId, leaseMs, why });
const write = (token: number, version: number, progress = `{"v":${version}}`) =>
  ({ ...name, token, version, state: 'RUNNING', progress }) as const;

const steps = fc.array(
  fc.record({
    do: fc.constantFrom('open', 'claim', 'repair', 'save', 'leave', 'end', 'renew', 'wait'),
    driver: fc.constantFrom('x', 'y'),
    token: fc.nat(5),
    version: fc.nat(5),
    ms: fc.nat(60),
  }),
  { maxLength: 60 },
);

describe('whatever happens to a saga', () => {
  it('its token rises with each new driver and its version with each write, and what is refused changes nothing', () => {
    fc.assert(
      fc.property(steps, (script) => {
        nowMs = 0;
        table = sagaTable(() => nowMs);
        for (const step of script) {
          const before = table.read(name);
          const granted = play(step);
          const after = table.read(name);
          if (!granted) expect(after).toBe(before);
          if (after === before) continue;
          const isTaken = after?.token !== before?.token;
          const [token, version] = [before?.token ?? 0, before?.version ?? 0];
          expect(after?.token).toBe(isTaken ? token + 1 : token);
          const isWritten = !isTaken && step.do !== 'renew';
          expect(after?.version).toBe(isWritten ? version + 1 : version);
          if (isTaken && before?.attemptId !== undefined) expect(before.dueAtMs).toBeLessThanOrEqual(nowMs);
          if (!isTaken)
            expect({ token: step.token, drives: before?.attemptId !== undefined }).toEqual({
              token,
              drives: true,
            });
        }
      }),
      { numRuns: 500 },
    );
  });
});

function play(step: { do: string; driver: string; token: number; version: number; ms: number }): boolean {
  const written = write(step.token, step.version);
  const granted = (answer: { readonly record: SagaRecord | null; readonly written: boolean }) =>
    answer.written;
  switch (step.do) {
    case 'open':
      return open(step.driver).owned;
    case 'claim':
      return claim(step.driver).owned;
    case 'repair':
      return claim(step.driver, 'repair').owned;
    case 'save':
      return granted(table.save({ ...written, leaseMs: step.ms }));
    case 'leave':
      return granted(table.leave({ ...written, dueInMs: step.ms }));
    case 'end':
      return granted(table.leave({ ...written, state: 'FAILED_COMPENSATION' }));
    case 'renew':
      return granted(table.renew({ ...name, token: step.token, leaseMs: step.ms }));
    default:
      nowMs += step.ms * 20;
      return true;
  }
}
