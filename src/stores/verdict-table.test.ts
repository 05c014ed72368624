// Convinces by the orders in which keeping and withdrawing can meet: two executions of one payment, one of them late.

import { describe, expect, it } from 'vitest';
import type { FraudVerdict } from '../fraud/verdict-log.ts';
import { memoryVerdictLog } from './memory-verdict-log.ts';
import { verdictTable } from './verdict-table.ts';

function verdict(evaluationId: string, changed: Partial<FraudVerdict> = {}): FraudVerdict {
  return { attemptId: 'a', evaluationId, decision: 'APPROVE', score: 0, answers: [], atMs: 0, ...changed };
}

const withdrawal = (evaluationId: string) => ({ attemptId: 'a', evaluationId });

describe('a log of verdicts', () => {
  it('lets the first verdict stand, and keeps every one, once', () => {
    const table = verdictTable(() => 0);
    const first = verdict('1');
    const second = verdict('2', { decision: 'BLOCK' });
    expect(table.keep(first)).toBe(first);
    expect(table.keep(second)).toBe(first);
    expect(table.keep(second)).toBe(first);
    expect(table.read('a')).toEqual({ standing: first, verdicts: [first, second] });
    expect(table.read('b')).toEqual({ standing: null, verdicts: [] });
  });

  it('lets it stand until nobody relies on it', () => {
    const table = verdictTable(() => 0);
    table.keep(verdict('1'));
    table.keep(verdict('2'));
    table.withdraw(withdrawal('1'));
    expect(table.read('a').standing).toEqual(verdict('1'));
    table.withdraw(withdrawal('2'));
    expect(table.read('a')).toMatchObject({ standing: null, verdicts: [{}, {}] });
    expect(table.keep(verdict('3', { decision: 'BLOCK' }))).toMatchObject({ decision: 'BLOCK' });
  });

  it('keeps for audit, but never lets stand, what is undecided or withdrawn already', () => {
    const table = verdictTable(() => 0);
    expect(table.keep(verdict('1', { undecided: true }))).toBeNull();
    table.withdraw(withdrawal('2'));
    expect(table.keep(verdict('2'))).toBeNull();
    expect(table.read('a')).toMatchObject({ standing: null, verdicts: [{}, {}] });
  });

  it('is in memory what it is in the table', async () => {
    const log = memoryVerdictLog({ monotonicMs: () => 0 });
    expect(await log.keep(verdict('1'))).toEqual(verdict('1'));
    await log.withdraw(withdrawal('1'));
    expect(await log.read('a')).toEqual({ standing: null, verdicts: [verdict('1')] });
  });
});
