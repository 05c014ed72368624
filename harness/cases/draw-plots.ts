// Draws what is hardly ever met by chance: the faults of a case that is about one thing.

import type { Random } from 'fast-check';
import type { Case, Fault } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { carry } from './draw-faults.ts';
import type { Stage } from './draw-steps.ts';

/** How many leases a process sleeps through. */
const sleptLeases = [1, 2, 5] as const;
const slowMs = [700, 3_000, 6_000] as const;

// Of the kinds that take a duration, a stall lasts for leases, the others for part of what a call may take.
const holdUps: readonly [Pick<Fault, 'site' | 'nth' | 'kind'>, ...Pick<Fault, 'site' | 'nth' | 'kind'>[]] = [
  { site: 'gateway.authorize', nth: 1, kind: 'slow' },
  { site: 'gateway.authorize', nth: 1, kind: 'reply-delay' },
  { site: 'gateway.authorize', nth: 1, kind: 'stall' },
  { site: 'store.claim', nth: 1, kind: 'stall' },
  { site: 'store.renew', nth: 1, kind: 'stall' },
  { site: 'store.renew', nth: 2, kind: 'reply-delay' },
];

/**
 * Gives the first bearer now and then a payer who is challenged and an owner who is held up beyond a short lease, and one
 * call among many a result that comes late: by then a breaker may have opened and closed again.
 */
export function plotFaults(dice: Random, { leaseMs }: NonNullable<Case['config']>, stage: Stage): void {
  const [first] = stage.bearers;
  if (first === undefined) return;
  if (often(dice, 6)) carry(first, { site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' });
  if (leaseMs !== undefined && leaseMs < 10_000 && often(dice, 70)) {
    carry(first, holdUp(dice, leaseMs));
    if (often(dice, 40)) carry(first, holdUp(dice, leaseMs));
  }
  if (stage.guard !== 'breaker' || !often(dice, 30)) return;
  const late = pickFrom(dice, stage.bearers) ?? first;
  const kind = pick(dice, ['slow', 'reply-delay'] as const);
  carry(late, { site: 'gateway.authorize', nth: 1, kind, ms: pick(dice, slowMs) });
}

function holdUp(dice: Random, leaseMs: number): Fault {
  const held = pick(dice, holdUps);
  return { ...held, ms: held.kind === 'stall' ? leaseMs * pick(dice, sleptLeases) : pick(dice, slowMs) };
}
