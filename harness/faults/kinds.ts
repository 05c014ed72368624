// The catalogue of fault kinds: where each may strike, what it proves to the one who sees it, and which
// assumption of the catalogue it takes away.

import { type Site, sites } from '../history/sites.ts';
import { type RealFaultKind, realFaultFacts, realFaultKinds } from './real-kinds.ts';

/** Every fault kind that each tier can enact. */
export const faultKinds = [
  // any boundary
  'delay',
  'reply-delay',
  'stall',
  'crash-before-apply',
  'crash-after-apply',
  // the wire
  'refused',
  'dns',
  'request-lost',
  'response-lost',
  'reset-mid-body',
  'malformed-json',
  'hang',
  'drip',
  'duplicated',
  'late',
  'stale',
  // the gateway itself
  'rate-limited',
  '500-before-commit',
  '500-after-commit',
  'edge-504',
  'in-progress',
  'bodyless-409',
  'slow',
  'soft-decline',
  'hard-decline',
  '3ds-required',
  '3ds-abandoned',
  '3ds-challenge',
  'pending',
  'partial-approval',
  'key-expired',
  'refund-fails-later',
  'refund-bounces',
  'authorization-expires',
  'late-authorization',
  // how the gateway announces what happened
  'webhook-early',
  'webhook-reordered',
  'webhook-late',
  'webhook-never',
  'webhook-duplicated',
  'webhook-two-ids',
  'webhook-old-secret',
  'webhook-both-secrets',
  'webhook-forged',
  'webhook-tampered',
  'webhook-unsigned',
  'webhook-stale',
  // how it reports what was settled
  'row-late',
  'row-duplicated',
  'row-missing',
  'row-next-day',
  'row-other-amount',
  'row-other-currency',
  'row-other-status',
  // what the services beside the gateway say
  'service-refuses',
] as const;

/** See {@link faultKinds}. */
export type SharedFaultKind = (typeof faultKinds)[number];

/** A fault kind that a case may name. */
export type FaultKind = SharedFaultKind | RealFaultKind;

/** Every fault kind that a case may name: those of each tier, then those of tier `real` alone. */
export const everyFaultKind = [...faultKinds, ...realFaultKinds] as const;

/** Groups of sites that share their fault kinds. */
export type SiteGroup =
  | 'client'
  | 'store'
  | 'mutation'
  | 'lookup'
  | 'webhook'
  | 'report'
  | 'service'
  | 'clock';

/** What is known of a fault kind. */
export interface FaultFacts {
  readonly layer: 'client' | 'network' | 'gateway' | 'store' | 'process';
  readonly groups: readonly SiteGroup[];
  /** The only sites of these groups at which it means something; absent when all of them are. */
  readonly only?: readonly Site[];
  /** What it does to the operation underneath: nothing, something final, or nobody can tell. */
  readonly effect: 'none' | 'unknown' | 'final';
  /** Whether it takes a duration `ms`, and the default in milliseconds. */
  readonly defaultMs?: number;
  /** The assumption that it breaks, if any; cases with such faults are generated only on request. */
  readonly breaks?: 'single-delivery' | 'key-retention' | 'bounded-delay' | 'durable-claims';
  /**
   * What a case must have beyond single charges for the kind to mean anything. Cases of single charges are generated
   * and judged without it. What needs servers is enacted in tier `real` alone.
   */
  readonly needs?: 'movements' | 'webhooks' | 'reports' | 'services' | 'servers';
}

const inside: readonly SiteGroup[] = ['store', 'mutation', 'lookup', 'report', 'service', 'clock'];
const everywhere: readonly SiteGroup[] = ['client', 'webhook', ...inside];
const gateway: readonly SiteGroup[] = ['mutation', 'lookup', 'report'];
const wire: readonly SiteGroup[] = ['client', 'store', 'webhook', 'service', ...gateway];

const oneDayMs = 86_400_000;
const authorizing = { layer: 'gateway', groups: ['mutation'], only: ['gateway.authorize'] } as const;
const refunding = { layer: 'gateway', groups: ['mutation'], only: ['gateway.refund'] } as const;
const announcing = { layer: 'gateway', groups: ['webhook'], effect: 'none', needs: 'webhooks' } as const;
const reporting = {
  layer: 'gateway',
  groups: ['report'],
  only: ['gateway.report'],
  effect: 'none',
  needs: 'reports',
} as const;

/** Facts by kind. */
export const faultFacts: Readonly<Record<FaultKind, FaultFacts>> = {
  delay: { layer: 'network', groups: everywhere, effect: 'none', defaultMs: 50 },
  'reply-delay': { layer: 'network', groups: everywhere, effect: 'none', defaultMs: 50 },
  stall: { layer: 'process', groups: inside, effect: 'none', defaultMs: 120_000 },
  'crash-before-apply': { layer: 'process', groups: inside, effect: 'none' },
  'crash-after-apply': { layer: 'process', groups: inside, effect: 'unknown' },
  refused: { layer: 'network', groups: wire, effect: 'none' },
  dns: { layer: 'network', groups: gateway, effect: 'none' },
  'request-lost': { layer: 'network', groups: wire, effect: 'unknown' },
  'response-lost': { layer: 'network', groups: wire, effect: 'unknown' },
  'reset-mid-body': { layer: 'network', groups: gateway, effect: 'unknown' },
  'malformed-json': { layer: 'network', groups: gateway, effect: 'unknown' },
  hang: { layer: 'network', groups: [...gateway, 'service'], effect: 'unknown' },
  drip: { layer: 'network', groups: gateway, effect: 'none', defaultMs: 10_000 },
  duplicated: { layer: 'network', groups: ['client', 'webhook', 'mutation'], effect: 'none', defaultMs: 5 },
  late: { layer: 'network', groups: ['mutation'], effect: 'unknown', defaultMs: 5_000 },
  stale: { layer: 'gateway', groups: ['lookup'], effect: 'none' },
  'rate-limited': { layer: 'gateway', groups: gateway, effect: 'none' },
  '500-before-commit': { layer: 'gateway', groups: ['mutation'], effect: 'unknown' },
  '500-after-commit': { layer: 'gateway', groups: ['mutation'], effect: 'unknown' },
  'edge-504': { layer: 'gateway', groups: ['mutation'], effect: 'unknown', defaultMs: 5_000 },
  'in-progress': { layer: 'gateway', groups: ['mutation'], effect: 'unknown' },
  'bodyless-409': { layer: 'gateway', groups: ['mutation'], effect: 'unknown' },
  slow: { layer: 'gateway', groups: ['mutation'], effect: 'none', defaultMs: 3_000 },
  'soft-decline': { layer: 'gateway', groups: ['mutation'], effect: 'final' },
  'hard-decline': { layer: 'gateway', groups: ['mutation'], effect: 'final' },
  '3ds-required': { layer: 'gateway', groups: ['mutation'], effect: 'unknown', defaultMs: 5_000 },
  '3ds-abandoned': { layer: 'gateway', groups: ['mutation'], effect: 'unknown', defaultMs: 5_000 },
  '3ds-challenge': { layer: 'gateway', groups: ['mutation'], effect: 'unknown' },
  pending: { layer: 'gateway', groups: ['mutation'], effect: 'unknown', defaultMs: 5_000 },
  'partial-approval': { layer: 'gateway', groups: ['mutation'], effect: 'none' },
  'key-expired': { layer: 'gateway', groups: ['mutation'], effect: 'none', breaks: 'key-retention' },
  'refund-fails-later': { ...refunding, effect: 'unknown', defaultMs: 5_000, needs: 'movements' },
  'refund-bounces': { ...refunding, effect: 'unknown', defaultMs: 5_000, needs: 'movements' },
  'authorization-expires': { ...authorizing, effect: 'none', defaultMs: 5_000, needs: 'movements' },
  'late-authorization': { ...authorizing, effect: 'final', defaultMs: 5_000, needs: 'movements' },
  'webhook-early': announcing,
  'webhook-reordered': { ...announcing, defaultMs: 5_000 },
  'webhook-late': { ...announcing, defaultMs: 4 * oneDayMs },
  'webhook-never': announcing,
  'webhook-duplicated': { ...announcing, defaultMs: 5 },
  'webhook-two-ids': announcing,
  'webhook-old-secret': announcing,
  'webhook-both-secrets': announcing,
  'webhook-forged': announcing,
  'webhook-tampered': announcing,
  'webhook-unsigned': announcing,
  'webhook-stale': { ...announcing, defaultMs: 600_000 },
  'row-late': { ...reporting, defaultMs: oneDayMs },
  'row-duplicated': reporting,
  'row-missing': reporting,
  'row-next-day': reporting,
  'row-other-amount': reporting,
  'row-other-currency': reporting,
  'row-other-status': reporting,
  'service-refuses': { layer: 'gateway', groups: ['service'], effect: 'final', needs: 'services' },
  ...realFaultFacts,
};

const exceptions: Readonly<Partial<Record<Site, SiteGroup>>> = {
  'gateway.lookup': 'lookup',
  'gateway.lookup-refund': 'lookup',
  'gateway.report': 'report',
  'gateway.redeliver': 'report',
};

/** By what stands before the point; everything else is a store. */
const families: Readonly<Record<string, SiteGroup>> = {
  client: 'client',
  clock: 'clock',
  gateway: 'mutation',
  inventory: 'service',
  oncall: 'service',
  shipping: 'service',
  webhook: 'webhook',
};

const groups = Object.fromEntries(
  sites.map((site) => [site, exceptions[site] ?? families[site.split('.')[0] ?? ''] ?? 'store']),
) as Readonly<Record<Site, SiteGroup>>;

/** The group of a site. */
export function groupOf(site: Site): SiteGroup {
  return groups[site];
}

/** Whether `kind` can strike at `site`. */
export function strikes(kind: FaultKind, site: Site): boolean {
  const facts = faultFacts[kind];
  return facts.groups.includes(groupOf(site)) && (facts.only?.includes(site) ?? true);
}
