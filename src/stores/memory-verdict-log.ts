// The log of verdicts for tests and single processes: it forgets everything when the process ends.

import type { VerdictLog } from '../fraud/verdict-log.ts';
import { verdictTable } from './verdict-table.ts';

/** A `VerdictLog` in this process's memory. Not for production: the audit trail has to outlive a restart. */
export function memoryVerdictLog(): VerdictLog {
  const table = verdictTable();
  return {
    keep: async (verdict) => table.keep(verdict),
    withdraw: async (evaluation) => table.withdraw(evaluation),
    read: async (attemptId) => table.read(attemptId),
  };
}
