// What the clauses of a saga journal do to it.

import type { SagaClaimAnswer, SagaJournal, SagaWrite } from '../../src/saga/journal.ts';

/** The saga that most clauses are about. */
export const name = { saga: 'checkout', id: 'i' };
/** Milliseconds. */
export const leaseMs = 1_000;

type Changed = { readonly saga?: string; readonly id?: string; readonly fingerprint?: string };

/** Opens a saga as `attemptId`. */
export function openAs(
  journal: SagaJournal,
  attemptId: string,
  changed: Changed = {},
): Promise<SagaClaimAnswer> {
  return journal.open({ ...name, fingerprint: 'f', progress: '{}', attemptId, leaseMs, ...changed });
}

/** Claims {@link name} as `attemptId`. */
export function claimAs(journal: SagaJournal, attemptId: string, why: 'recovery' | 'repair' = 'recovery') {
  return journal.claim({ ...name, attemptId, leaseMs, why });
}

/** Progress of {@link name} as its driver writes it. */
export function progress(token: number, version: number, text = `{"v":${version}}`): SagaWrite {
  return { ...name, token, version, state: 'RUNNING', progress: text };
}
