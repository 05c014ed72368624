// The log of verdicts in Postgres.

import type { FraudVerdict, VerdictLog } from '../../fraud/verdict-log.ts';
import { type PostgresStoreOptions, postgresCalls } from './call.ts';

/**
 * A `VerdictLog` in Postgres, for any number of processes. Each operation is one statement at READ COMMITTED; time is the server's.
 *
 * @throws ValidationError when the options are not usable.
 */
export function postgresVerdictLog(options: PostgresStoreOptions): VerdictLog {
  const call = postgresCalls('postgres verdict log', options);
  return {
    async keep(verdict) {
      const { attemptId, evaluationId, undecided } = verdict;
      const args = [attemptId, evaluationId, undecided ?? false, JSON.stringify(verdict)] as const;
      return verdictOf((await call('verdict_keep', ...args)) as string | null);
    },
    async withdraw({ attemptId, evaluationId }) {
      await call('verdict_withdraw', attemptId, evaluationId);
    },
    async read(attemptId) {
      const held = (await call('verdict_read', attemptId)) as Held | null;
      const verdicts = held?.verdicts.map((text) => JSON.parse(text) as FraudVerdict) ?? [];
      return { standing: verdictOf(held?.standing ?? null), verdicts };
    },
    prune: async ({ olderThanMs, limit }) => (await call('verdict_prune', olderThanMs, limit)) as number,
  };
}

/** Verdicts as the texts that they were written as. */
interface Held {
  readonly standing: string | null;
  readonly verdicts: readonly string[];
}

function verdictOf(text: string | null): FraudVerdict | null {
  return text === null ? null : (JSON.parse(text) as FraudVerdict);
}
