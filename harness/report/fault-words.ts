// What each fault is called in a story, and on which leg of the crossing a reader should see it.

import type { FaultKind } from '../faults/kinds.ts';

/** On the way there, on the way back, or in the process itself (told by an incident, not on an arrow). */
export type Leg = 'there' | 'back' | 'process';

/** A fault in a story. */
export interface FaultWords {
  readonly leg: Leg;
  readonly words: string;
}

const faultWords: Readonly<Record<FaultKind, FaultWords>> = {
  delay: { leg: 'there', words: 'delayed' },
  'reply-delay': { leg: 'back', words: 'delayed' },
  stall: { leg: 'process', words: 'stall' },
  'crash-before-apply': { leg: 'process', words: 'crash' },
  'crash-after-apply': { leg: 'process', words: 'crash' },
  refused: { leg: 'there', words: 'refused' },
  dns: { leg: 'there', words: 'DNS failure' },
  'request-lost': { leg: 'there', words: 'request lost' },
  'response-lost': { leg: 'back', words: 'response lost' },
  'reset-mid-body': { leg: 'back', words: 'response cut' },
  'malformed-json': { leg: 'back', words: 'response garbled' },
  hang: { leg: 'back', words: 'never answered' },
  drip: { leg: 'back', words: 'dripping' },
  duplicated: { leg: 'there', words: 'duplicated' },
  late: { leg: 'there', words: 'held up' },
  stale: { leg: 'back', words: 'stale' },
  'rate-limited': { leg: 'back', words: '429' },
  '500-before-commit': { leg: 'back', words: '500 before commit' },
  '500-after-commit': { leg: 'back', words: '500 after commit' },
  'edge-504': { leg: 'back', words: 'edge 504' },
  'in-progress': { leg: 'back', words: '409 in progress' },
  'bodyless-409': { leg: 'back', words: '409, no body' },
  slow: { leg: 'back', words: 'slow' },
  'soft-decline': { leg: 'back', words: 'soft decline' },
  'hard-decline': { leg: 'back', words: 'hard decline' },
  '3ds-required': { leg: 'back', words: '3-D Secure asked' },
  '3ds-abandoned': { leg: 'back', words: '3-D Secure asked' },
  '3ds-challenge': { leg: 'back', words: '3-D Secure challenge' },
  pending: { leg: 'back', words: 'pending' },
  'partial-approval': { leg: 'back', words: 'partial approval' },
  'key-expired': { leg: 'there', words: 'key forgotten' },
  'refund-fails-later': { leg: 'back', words: 'refund to fail' },
  'refund-bounces': { leg: 'back', words: 'refund to bounce' },
  'authorization-expires': { leg: 'back', words: 'expires early' },
  'late-authorization': { leg: 'back', words: 'approved later' },
  'webhook-early': { leg: 'there', words: 'early' },
  'webhook-reordered': { leg: 'there', words: 'overtaken' },
  'webhook-late': { leg: 'there', words: 'after the window' },
  'webhook-never': { leg: 'there', words: 'never sent' },
  'webhook-duplicated': { leg: 'there', words: 'sent twice' },
  'webhook-two-ids': { leg: 'there', words: 'under two ids' },
  'webhook-old-secret': { leg: 'there', words: 'old secret' },
  'webhook-both-secrets': { leg: 'there', words: 'both secrets' },
  'webhook-forged': { leg: 'there', words: 'forged' },
  'webhook-tampered': { leg: 'there', words: 'tampered with' },
  'webhook-unsigned': { leg: 'there', words: 'unsigned' },
  'webhook-stale': { leg: 'there', words: 'stale' },
  'row-late': { leg: 'back', words: 'row late' },
  'row-duplicated': { leg: 'back', words: 'row twice' },
  'row-missing': { leg: 'back', words: 'row missing' },
  'row-next-day': { leg: 'back', words: 'row a day later' },
  'row-other-amount': { leg: 'back', words: 'row of another amount' },
  'row-other-currency': { leg: 'back', words: 'row in another currency' },
  'row-other-status': { leg: 'back', words: 'row in another state' },
  'service-refuses': { leg: 'back', words: 'refused' },
  'reply-truncated': { leg: 'back', words: 'reply truncated' },
  'request-blackholed': { leg: 'there', words: 'silence, then cut' },
  'reply-blackholed': { leg: 'back', words: 'silence, then cut' },
  'redis-failover': { leg: 'back', words: 'failover loses it' },
  'redis-eviction': { leg: 'there', words: 'all keys evicted' },
  'redis-oom': { leg: 'back', words: 'OOM' },
  'redis-readonly': { leg: 'back', words: 'READONLY' },
  'redis-loading': { leg: 'back', words: 'LOADING' },
  'redis-busy': { leg: 'back', words: 'BUSY' },
  'redis-script-flush': { leg: 'there', words: 'scripts flushed' },
  'redis-pause': { leg: 'there', words: 'paused' },
  'postgres-serialization': { leg: 'back', words: '40001' },
  'postgres-deadlock': { leg: 'back', words: '40P01' },
  'postgres-lock-timeout': { leg: 'back', words: '55P03' },
  'postgres-terminated': { leg: 'back', words: '57P01' },
  'postgres-shutdown': { leg: 'back', words: 'server shut down' },
  'postgres-slots': { leg: 'back', words: '53300' },
  'postgres-disk-full': { leg: 'back', words: '53100' },
  'postgres-replica-lag': { leg: 'there', words: 'replica lags' },
};

/** The faults of a crossing that belong on one leg of it, joined; undefined when there are none. */
export function faultsOn(leg: Leg, kinds: readonly string[]): string | undefined {
  const words = kinds.map(wordsOf).filter((fault) => fault.leg === leg);
  return words.length === 0 ? undefined : words.map((fault) => fault.words).join(', ');
}

function wordsOf(kind: string): FaultWords {
  // A history from elsewhere may name a kind that this version does not know: show it rather than hide it.
  return (faultWords as Readonly<Record<string, FaultWords>>)[kind] ?? { leg: 'back', words: kind };
}
