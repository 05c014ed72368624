// Faults that only a real server, or a real network in front of it, can have: they exist in tier `real` and are neither
// drawn nor enacted anywhere else. What is true of every store (refused, lost, late) has its kind already.

import { type Site, sites } from '../history/sites.ts';

/** Every fault kind of tier `real` alone. */
export const realFaultKinds = [
  // the wire to either service
  'reply-truncated',
  'request-blackholed',
  'reply-blackholed',
  // Redis
  'redis-failover',
  'redis-eviction',
  'redis-oom',
  'redis-readonly',
  'redis-loading',
  'redis-busy',
  'redis-script-flush',
  'redis-pause',
  // Postgres
  'postgres-serialization',
  'postgres-deadlock',
  'postgres-lock-timeout',
  'postgres-terminated',
  'postgres-shutdown',
  'postgres-slots',
  'postgres-disk-full',
  'postgres-replica-lag',
] as const;

/** See {@link realFaultKinds}. */
export type RealFaultKind = (typeof realFaultKinds)[number];

/** What stores are kept in. */
export type Service = 'redis' | 'postgres';

/** The services that can have `kind`. */
export function servicesWith(kind: RealFaultKind): readonly Service[] {
  if (kind.startsWith('redis-')) return ['redis'];
  return kind.startsWith('postgres-') ? ['postgres'] : ['redis', 'postgres'];
}

/** Whether a fault of that kind happens in a server, and not on the way to it. */
export function isOfServer(kind: string): boolean {
  return kind.startsWith('redis-') || kind.startsWith('postgres-');
}

/** What is known of such a kind; the members mean what they mean in `FaultFacts`. */
export interface RealFaultFacts {
  readonly layer: 'network' | 'store';
  readonly groups: readonly ['store'];
  readonly only?: readonly Site[];
  readonly effect: 'none' | 'unknown';
  readonly defaultMs?: number;
  readonly breaks?: 'durable-claims';
  readonly needs: 'servers';
}

/** What only looks something up; what befalls a transaction when it writes never befalls that. */
const reading = /[.](?:read|list|listOpen|entries|totals|deadLetters|effect)$/;
const writing: readonly Site[] = sites.filter((site) => !reading.test(site));

const wire = { layer: 'network', groups: ['store'], effect: 'unknown', needs: 'servers' } as const;
const server = { layer: 'store', groups: ['store'], effect: 'none', needs: 'servers' } as const;

/** Longer than the drivers wait, so that what is held is a reply that nobody waits for any more. */
const beyondTimeoutMs = 1_000;

/** Facts by kind. */
export const realFaultFacts: Readonly<Record<RealFaultKind, RealFaultFacts>> = {
  'reply-truncated': wire,
  'request-blackholed': { ...wire, defaultMs: beyondTimeoutMs },
  'reply-blackholed': { ...wire, defaultMs: beyondTimeoutMs },
  // What was acknowledged is gone, whoever wrote it, and whoever asks again finds an older state.
  'redis-failover': { ...server, effect: 'unknown', breaks: 'durable-claims' },
  'redis-eviction': { ...server, breaks: 'durable-claims' },
  'redis-oom': server,
  'redis-readonly': server,
  'redis-loading': { ...server, defaultMs: beyondTimeoutMs },
  'redis-busy': server,
  'redis-script-flush': server,
  'redis-pause': { ...server, effect: 'unknown', defaultMs: beyondTimeoutMs },
  'postgres-serialization': { ...server, only: writing },
  'postgres-deadlock': { ...server, only: writing },
  'postgres-lock-timeout': { ...server, only: writing },
  'postgres-terminated': { ...server, effect: 'unknown', only: writing },
  'postgres-shutdown': { ...server, effect: 'unknown' },
  'postgres-slots': server,
  'postgres-disk-full': { ...server, only: writing },
  'postgres-replica-lag': server,
};
