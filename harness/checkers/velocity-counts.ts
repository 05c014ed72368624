// Velocity counts as checkers want them: under each key the payments that were counted, with everything the store was asked
// about them.

import type { VelocityAnswer, VelocityRequest } from '../../src/fraud/velocity-store.ts';
import type { ChargeRequest } from '../../src/gateway/port.ts';
import type { Crossing, History } from '../history/history.ts';
import { crossingsAt } from './crossings-at.ts';

/** One payment under one key. Lists are in the order of the calls. */
export interface Attempt {
  /** The merchant reference of the payment, where it is counted as it should. */
  readonly id: string;
  /** The most that it was counted with. */
  amount: number;
  readonly reserves: Crossing[];
  /** Reserves that the store granted, whatever their callers heard. */
  readonly admitted: Crossing[];
  readonly confirms: Crossing[];
  readonly releases: Crossing[];
}

/** What is counted together. */
export interface Count {
  readonly key: string;
  /** By id, in the order of their first requests. */
  readonly attempts: ReadonlyMap<string, Attempt>;
  readonly reserves: readonly Crossing[];
}

/** All counts, in the order of their first requests. */
export function countsOf({ crossings }: History): readonly Count[] {
  const counts = new Map<
    string,
    { readonly attempts: Map<string, Attempt>; readonly reserves: Crossing[] }
  >();
  for (const crossing of crossings) {
    const { site } = crossing;
    if (site !== 'velocity.reserve' && site !== 'velocity.confirm' && site !== 'velocity.release') continue;
    const { key, attemptId, amount = 0 } = crossing.request as Partial<VelocityRequest> & Named;
    const count = counts.get(key) ?? { attempts: new Map<string, Attempt>(), reserves: [] };
    counts.set(key, count);
    const attempt = count.attempts.get(attemptId) ?? fresh(attemptId);
    count.attempts.set(attemptId, attempt);
    attempt.amount = Math.max(attempt.amount, amount);
    if (site === 'velocity.confirm') attempt.confirms.push(crossing);
    else if (site === 'velocity.release') attempt.releases.push(crossing);
    else {
      attempt.reserves.push(crossing);
      count.reserves.push(crossing);
      if (wasAdmitted(crossing)) attempt.admitted.push(crossing);
    }
  }
  return [...counts].map(([key, count]) => ({ key, ...count }));
}

/** What was sent to the gateway for a payment. */
export function attemptsOf(history: History, reference: string): readonly Crossing[] {
  return crossingsAt(history, 'gateway.authorize').filter(
    ({ request }) => (request as ChargeRequest).merchantReference === reference,
  );
}

/** Whether the store granted a reserve. */
function wasAdmitted({ effect }: Crossing): boolean {
  return effect?.ok === true && (effect.value as VelocityAnswer).admitted;
}

type Named = Pick<VelocityRequest, 'key' | 'attemptId'>;

function fresh(id: string): Attempt {
  return { id, amount: 0, reserves: [], admitted: [], confirms: [], releases: [] };
}
