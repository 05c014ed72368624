// The log of verdicts for tests and single processes: it forgets everything when the process ends.

import type { VerdictLog } from '../fraud/verdict-log.ts';
import { forgetful } from '../kernel/forgetful.ts';
import type { Clock } from '../kernel/runtime.ts';
import { verdictTable } from './verdict-table.ts';

/** A `VerdictLog` in this process's memory. Not for production: the audit trail has to outlive a restart. */
export function memoryVerdictLog(clock: Pick<Clock, 'monotonicMs'>): VerdictLog {
  const table = verdictTable(() => clock.monotonicMs());
  return forgetful({
    keep: async (verdict) => table.keep(verdict),
    withdraw: async (evaluation) => table.withdraw(evaluation),
    read: async (attemptId) => table.read(attemptId),
    prune: async (request) => table.prune(request),
  });
}
