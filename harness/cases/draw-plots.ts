// Draws what is hardly ever met by chance: the faults of a case that is about one thing.

import type { Random } from 'fast-check';
import type { FaultKind } from '../faults/kinds.ts';
import type { Case, Fault } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { type Bearer, carry } from './draw-faults.ts';
import type { Stage } from './draw-steps.ts';

type Config = NonNullable<Case['config']>;

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
];
const lost = ['request-lost', 'response-lost', 'refused'] as const;

/** What a look-up is to find out, and what keeps the question open until it is asked. */
const doubts: readonly [FaultKind, ...FaultKind[]] = [
  '500-after-commit',
  '500-after-commit',
  'response-lost',
  'late',
  'edge-504',
  'hang',
];
const sweepTroubles = ['hang', 'hang', 'response-lost', '500-after-commit', 'hard-decline', 'slow'] as const;
const heldBack = ['delay', 'late', 'slow'] as const;
const heldBackMs = [9_000, 25_000, 29_000] as const;
const sleptPeriods = [1, 2, 4] as const;
const sleepers = ['gateway.authorize', 'store.claim', 'clock.sleep'] as const;

/**
 * Gives the first bearer now and then a payer who is challenged, or an owner who is held up beyond a short lease; lets
 * look-ups be stale where they may be for long, and sweeps meet trouble of their own; gives one call among many a result
 * that comes late, when a breaker may have opened and closed again; and lets a process sleep while its calls queue at a
 * limiter.
 */
export function plotFaults(dice: Random, config: Config, stage: Stage): void {
  const [first, second] = stage.bearers;
  if (first === undefined) return;
  if (often(dice, 6)) carry(first, { site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' });
  const { leaseMs, limit, consistentAfterMs = 0 } = config;
  if (leaseMs !== undefined && leaseMs < 10_000 && often(dice, 70)) {
    if (often(dice, 35)) loseRenewal(dice, first, leaseMs);
    else carry(first, holdUp(dice, leaseMs));
    if (often(dice, 40)) carry(first, holdUp(dice, leaseMs));
  }
  if (second !== undefined && consistentAfterMs >= 5_000 && often(dice, 40)) mislead(dice, first, second);
  const sweep = stage.bearers.find(({ carrier }) => carrier === 'sweep');
  if (sweep !== undefined && often(dice, 15)) leaveToSweep(dice, first, sweep);
  if (stage.guard === 'breaker' && often(dice, 30)) {
    const late = pickFrom(dice, stage.bearers) ?? first;
    const kind = pick(dice, ['slow', 'reply-delay'] as const);
    carry(late, { site: 'gateway.authorize', nth: 1, kind, ms: pick(dice, slowMs) });
  }
  if (limit?.mode === 'wait' && often(dice, 25)) {
    const slept = { nth: 1, kind: 'stall', ms: (limit.periodMs ?? 0) * pick(dice, sleptPeriods) } as const;
    carry(pickFrom(dice, stage.bearers) ?? first, { site: pick(dice, sleepers), ...slept });
  }
}

function holdUp(dice: Random, leaseMs: number): Fault {
  const held = pick(dice, holdUps);
  return { ...held, ms: held.kind === 'stall' ? leaseMs * pick(dice, sleptLeases) : pick(dice, slowMs) };
}

/** An owner who has reason to send once more when its lease is just over, and was not told of its renewals. */
function loseRenewal(dice: Random, first: Bearer, leaseMs: number): void {
  const kind = pick(dice, lost);
  for (const nth of often(dice, 75) ? [1, 2] : [1]) carry(first, { site: 'store.renew', nth, kind });
  const retryAfter = String(Math.ceil(leaseMs / 1_000));
  const send = { site: 'gateway.authorize', nth: 1 } as const;
  carry(first, often(dice, 50) ? { ...send, kind: 'rate-limited', retryAfter } : { ...send, kind: 'hang' });
}

/** A request whose sends all come to nothing, and trouble for the sweep that sends once more. */
function leaveToSweep(dice: Random, first: Bearer, sweep: Bearer): void {
  for (const nth of [1, 2, 3]) carry(first, { site: 'gateway.authorize', nth, kind: 'request-lost' });
  carry(sweep, { site: 'gateway.authorize', nth: 1, kind: pick(dice, sweepTroubles) });
}

/** Whoever resolves what the first one left looks up what was true before; and what is sent may be long under way. */
function mislead(dice: Random, first: Bearer, second: Bearer): void {
  carry(first, { site: 'gateway.authorize', nth: 1, kind: pick(dice, doubts) });
  for (const nth of often(dice, 50) ? [1, 2] : [1])
    carry(second, { site: 'gateway.lookup', nth, kind: 'stale' });
  if (!often(dice, 40)) return;
  const [kind, ms] = [pick(dice, heldBack), pick(dice, heldBackMs)];
  carry(often(dice, 50) ? first : second, { site: 'gateway.authorize', nth: 1, kind, ms });
}
