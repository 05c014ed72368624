// Which marks a suite must reach before its green means anything: only what can be reached under the
// gateway's promises, and often enough that missing it says something about the search.

import type { GatewayCapabilities } from '../../src/gateway/port.ts';
import { type FaultKind, faultFacts, faultKinds } from '../faults/kinds.ts';
import type { Terms } from '../history/history.ts';
import { type Declared, declaresAll } from './declared.ts';
import { type Focus, focuses, type Suite } from './focus.ts';
import type { MarkId } from './mark-definitions.ts';

/** What decides which marks can be reached. */
export interface Reachable {
  /** Default: charges. */
  readonly suite?: Suite;
  readonly tier: Terms['tier'];
  readonly gateway: Pick<GatewayCapabilities, 'dedup' | 'lookup'>;
  /** Default: a target that declares everything. */
  readonly target?: Declared;
}

/** Met within a few hundred cases under every gateway. */
const everywhere: readonly MarkId[] = [
  'replayed-completed',
  'replayed-failed',
  'conflict-rejected',
  'conflict-while-in-flight',
  'in-progress-rejected',
  'lease-taken-over',
  'unknown-suspended',
  'unknown-resolved-by-lookup',
  'retried',
  'timed-out',
  'declined',
  'pending-seen',
  'process-crashed',
  'crashed-between-apply-and-reply',
  'process-restarted',
  'late-arrival',
  'store-reply-lost',
  'double-click',
  'client-disconnected',
  'sweep-resolved',
  'taken-over-by-sweep',
  'pending-resolved-by-lookup',
  'clock-jumped-back',
  'breaker-opened',
  'breaker-probed',
  'breaker-closed-again',
];

/** Rarer: asked for only where cases are cheap. */
const bySimulation: readonly MarkId[] = [
  'waiter-served',
  'write-refused',
  'own-claim-recognised',
  'send-fenced',
  'slot-released',
  'retry-after-honoured',
  'process-stalled',
  'clock-jumped',
  'renewed',
  'breaker-refused',
  'breaker-late-result-ignored',
  'limiter-refused',
  'limiter-waited',
  'stepped-up-completed',
  'challenge-expired',
  'key-retention-passed',
  'stale-lookup-seen',
];

/** Only where a repeated key is safe does anybody send again, and only there can a key be spent. */
const whereResent: readonly MarkId[] = [
  'resent-same-key',
  'key-sealed',
  'generation-advanced',
  'retry-exhausted',
];

/** Not to be asked of a target that does not retry, or does not sweep, or has no such guard. */
const ofRetries: readonly MarkId[] = ['retried', 'retry-exhausted', 'retry-after-honoured'];
const ofRecovery: readonly MarkId[] = ['sweep-resolved', 'taken-over-by-sweep'];
const ofBreaker: readonly MarkId[] = [
  'breaker-opened',
  'breaker-refused',
  'breaker-probed',
  'breaker-closed-again',
  'breaker-late-result-ignored',
];
const ofLimiter: readonly MarkId[] = ['limiter-refused', 'limiter-waited'];

/** A mark that some suite requires: a state, or a fault that struck. */
export type RequiredMark = MarkId | `fault:${FaultKind}`;

/** Met within some hundred cases of orders under every gateway, if they are about everything. */
const ofOrders: readonly RequiredMark[] = [
  'compensation-retried',
  'crashed-between-apply-and-reply',
  'late-authorization-voided',
  'lease-taken-over',
  'pending-seen',
  'process-crashed',
  'process-restarted',
  'reconciliation-repaired',
  'refund-after-capture',
  'refund-failed-after-ack',
  'saga-compensated',
  'saga-recovered',
  'slot-released',
  'step-unknown-resolved',
  'sweep-resolved',
  'unknown-suspended',
  'velocity-given-back',
  'void-before-capture',
  'webhook-before-response',
  'webhook-duplicate-dropped',
  'webhook-forged-refused',
  'webhook-stale-refused',
  'webhook-two-ids-one-effect',
];

/** What cases of orders meet when they are about one thing. */
const byFocus: Readonly<Record<Exclude<Focus, 'charge'>, readonly RequiredMark[]>> = {
  checkout: ofOrders,
  saga: [
    'compensation-failed',
    'compensation-retried',
    'crashed-between-apply-and-reply',
    'late-authorization-voided',
    'process-crashed',
    'process-restarted',
    'refund-after-capture',
    'saga-compensated',
    'saga-recovered',
    'saga-repaired',
    'step-resolved-by-lookup',
    'step-unknown-resolved',
    'void-before-capture',
    'fault:service-refuses',
  ],
  webhooks: [
    'webhook-before-response',
    'webhook-duplicate-dropped',
    'webhook-forged-refused',
    'webhook-rotated-accepted',
    'webhook-stale-refused',
    'webhook-two-ids-one-effect',
  ],
  refunds: [
    'dispute-during-refund',
    'refund-failed-after-ack',
    'refund-pending-seen',
    'sweep-resolved',
    'unknown-suspended',
    'fault:refund-bounces',
    'fault:refund-fails-later',
  ],
  reconciliation: [
    'amount-mismatch-found',
    'duplicate-row-found',
    'late-settlement-row',
    'missing-row-paged',
    'next-day-row',
    'reconciliation-repaired',
    'status-mismatch-found',
  ],
  redaction: ['card-data-noted', 'card-data-noted-in-failure'],
  fraud: ['order-blocked', 'order-stepped-up', 'velocity-given-back'],
};

/** The marks that a suite must reach, sorted. */
export function requiredMarks(reachable: Reachable): readonly RequiredMark[] {
  const { suite = 'charge', target = declaresAll } = reachable;
  const parts = suite === 'all' ? focuses : [suite];
  const required = new Set(
    parts.flatMap((focus) => (focus === 'charge' ? ofCharges(reachable) : byFocus[focus])),
  );
  if (suite === 'all') for (const mark of struckInOrders) required.add(mark);
  const spared = new Set<RequiredMark>([
    ...(target.retries ? [] : ofRetries),
    ...(target.recovers ? [] : ofRecovery),
    ...(target.breaker ? [] : ofBreaker),
    ...(target.limiter ? [] : ofLimiter),
  ]);
  return [...required].filter((mark) => !spared.has(mark)).sort();
}

function ofCharges({ tier, gateway }: Reachable): readonly RequiredMark[] {
  const required: RequiredMark[] = [...everywhere];
  if (tier === 'sim') required.push(...bySimulation, ...struck);
  if (gateway.dedup !== 'every-answer') {
    required.push('horizon-elapsed');
  } else {
    required.push(...whereResent);
    // A gateway that keeps answers to be fetched by key may refuse the key itself.
    if (!gateway.lookup.by.includes('key')) required.push('replayed-by-gateway');
  }
  return required;
}

/** Every fault that may strike a single charge, but for those that take an assumption away: they come on request. */
const struck = faultKinds
  .filter((kind) => (faultFacts[kind].breaks ?? faultFacts[kind].needs) === undefined)
  .map((kind) => `fault:${kind}` as const);

/**
 * Every other fault that may strike an order. A row of a report does not say what befell it, and an event that is never
 * delivered strikes nothing: they have marks of their own, or none.
 */
const struckInOrders = faultKinds
  .filter((kind) => {
    const { breaks, needs } = faultFacts[kind];
    return breaks === undefined && needs !== undefined && needs !== 'reports' && kind !== 'webhook-never';
  })
  .map((kind) => `fault:${kind}` as const);
