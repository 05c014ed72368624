// Which faults a generated case may carry: every kind that leaves the promises of the gateway standing, with the
// sites and durations at which it tends to matter. Weights are given by listing an entry more than once.

import type { Dedup } from '../../src/gateway/port.ts';
import { type Assumption, holdsEffectBack } from '../faults/assumptions.ts';
import { type FaultKind, faultFacts, faultKinds, groupOf, strikes } from '../faults/kinds.ts';
import { type Site, sites } from '../history/sites.ts';

/** Who carries a fault: a client's request, or a sweep in the background. */
export type Carrier = 'request' | 'sweep';

/** One kind on the menu. */
export interface MenuItem {
  readonly kind: FaultKind;
  /** Sites to draw from, by carrier; empty when the kind never strikes there. */
  readonly sites: Readonly<Record<Carrier, readonly Site[]>>;
}

/** What there is to choose from. */
export interface FaultMenu {
  /** The kinds that may strike, in the catalogue's order; those that strike anywhere are listed several times. */
  readonly items: readonly MenuItem[];
  /** The kinds that may strike at a site. */
  readonly at: (site: Site) => readonly FaultKind[];
  /** Those of them that leave the caller in doubt about what happened. */
  readonly undeciding: (site: Site) => readonly FaultKind[];
}

/** What decides about the menu. */
export interface MenuTerms {
  readonly dedup: Dedup;
  /** Whether a look-up may be answered with what was true some time ago. */
  readonly stale: boolean;
  /** Assumptions that a case may break all the same. */
  readonly breaking: readonly Assumption[];
}

/** Writes the menu for `terms`. */
export function faultMenu(terms: MenuTerms): FaultMenu {
  const items: MenuItem[] = [];
  for (const kind of faultKinds) {
    const { breaks, needs } = faultFacts[kind];
    if (needs !== undefined || (breaks !== undefined && !terms.breaking.includes(breaks))) continue;
    const allowed = (site: Site): boolean => strikes(kind, site) && grants(terms, kind, site);
    const sites = { request: requestSites.filter(allowed), sweep: sweepSites.filter(allowed) };
    if (sites.request.length === 0 && sites.sweep.length === 0) continue;
    for (let copies = strikes(kind, 'store.claim') ? 3 : 1; copies > 0; copies--) items.push({ kind, sites });
  }
  const kindsBySite = new Map(sites.map((site) => [site, kindsOf(items, site)]));
  const undeciding = new Map(
    [...kindsBySite].map(([site, kinds]) => [site, kinds.filter((kind) => leavesInDoubt.has(kind))]),
  );
  return {
    items,
    at: (site) => kindsBySite.get(site) ?? [],
    undeciding: (site) => undeciding.get(site) ?? [],
  };
}

function kindsOf(items: readonly MenuItem[], site: Site): FaultKind[] {
  const here = items.filter((item) => item.sites.request.includes(site) || item.sites.sweep.includes(site));
  return [...new Set(here.map(({ kind }) => kind))];
}

// Crashes and stalls count too: whoever comes next finds a record that somebody else has left.
const leavesInDoubt: ReadonlySet<FaultKind> = new Set([
  ...faultKinds.filter((kind) => faultFacts[kind].effect === 'unknown'),
  'crash-before-apply',
  'stall',
]);

/**
 * Whether `kind` at `site` means something and leaves standing what the gateway promises; a repeated delivery does so
 * where keys work.
 */
export function grants({ dedup, stale, breaking }: MenuTerms, kind: FaultKind, site: Site): boolean {
  if (kind === 'stale') return stale;
  if (kind !== 'duplicated' || groupOf(site) !== 'mutation') return true;
  return dedup === 'every-answer' || breaking.includes('single-delivery');
}

/** Durations to draw from for `kind` at `site`, milliseconds; undefined stands for the kind's default. */
export function durationsOf(kind: FaultKind, site: Site): readonly (number | undefined)[] {
  const limited = groupOf(site) === 'mutation' && holdsEffectBack(kind);
  return (limited ? limitedMs[kind] : freeMs[kind]) ?? noDuration;
}

const requestSites: readonly Site[] = [
  ...(['client.charge', 'client.charge'] as const),
  ...(['store.claim', 'store.claim', 'store.claim'] as const),
  ...(['store.complete', 'store.complete', 'store.complete'] as const),
  ...(['store.suspend', 'store.suspend'] as const),
  'store.fail',
  'store.release',
  'store.renew',
  'store.advance',
  'store.read',
  ...([
    'gateway.authorize',
    'gateway.authorize',
    'gateway.authorize',
    'gateway.authorize',
    'gateway.authorize',
  ] as const),
  ...(['gateway.lookup', 'gateway.lookup'] as const),
  'clock.sleep',
];

const sweepSites: readonly Site[] = [
  'store.list',
  ...(['store.claim', 'store.claim'] as const),
  ...(['store.complete', 'store.complete'] as const),
  'store.fail',
  'store.suspend',
  'store.advance',
  'store.renew',
  ...(['gateway.authorize', 'gateway.authorize'] as const),
  ...(['gateway.lookup', 'gateway.lookup', 'gateway.lookup'] as const),
  'clock.sleep',
];

const noDuration: readonly undefined[] = [undefined];

// The attempts of a stack time out after some seconds, leases after 90 s, clients after 60 s: durations lie on
// either side of these.
const freeMs: Partial<Record<FaultKind, readonly (number | undefined)[]>> = {
  delay: [undefined, 1, 5, 45, 1_000, 9_000, 35_000, 95_000],
  'reply-delay': [undefined, 1, 5, 45, 1_000, 9_000, 35_000, 95_000],
  stall: [undefined, 1_000, 35_000, 95_000, 200_000],
  drip: [undefined, 2_000, 9_000, 100_000],
  duplicated: [undefined, 0, 45, 1_000, 35_000, 100_000],
  '3ds-required': [undefined, 1_000, 40_000, 100_000],
  '3ds-abandoned': [undefined, 1_000, 40_000, 100_000],
  pending: [undefined, 0, 1_000, 40_000, 100_000],
  'refund-fails-later': [undefined, 0, 40_000, 200_000],
  'refund-bounces': [undefined, 0, 40_000, 200_000],
  'authorization-expires': [undefined, 0, 40, 100_000],
  'late-authorization': [undefined, 0, 40_000, 200_000],
  'webhook-reordered': [undefined, 1, 1_000, 60_000],
  // Within the life of an idempotency key: what comes after it is another purchase to anybody.
  'webhook-late': [60_000, 600_000, 7_200_000],
  'webhook-duplicated': [undefined, 0, 1_000, 35_000, 7_200_000],
  'webhook-stale': [undefined, 301_000],
};

// The way to the gateway comes on top, and both together must stay within the 30 s that the gateways declare.
const limitedMs: Partial<Record<FaultKind, readonly (number | undefined)[]>> = {
  delay: [undefined, 5, 400, 3_000, 9_000, 15_000, 29_000],
  duplicated: [undefined, 0, 500, 9_000, 29_000],
  late: [undefined, 50, 1_000, 12_000, 29_000],
  'edge-504': [undefined, 50, 1_000, 12_000, 29_000],
  slow: [undefined, 100, 1_000, 9_000, 29_000],
};
