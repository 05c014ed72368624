// Scatters faults over a case. Few kinds per case, because kinds hide each other: a gateway that declines
// everything never shows what a lost response does (swarm testing, Groce et al., ISSTA 2012).

import type { Random } from 'fast-check';
import { holdsEffectBack } from '../faults/assumptions.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { groupOf } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import type { Fault } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { type Carrier, durationsOf, type FaultMenu, type MenuItem } from './fault-menu.ts';

/** One actor of the case that can carry faults, and those that it carries. */
export interface Bearer {
  readonly carrier: Carrier;
  readonly faults: Fault[];
  /** Sites at which the weather may hold its requests back. */
  readonly weathered: readonly Site[];
}

const faultCounts = [0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 5, 6] as const;
const enabledCounts = [1, 2, 2, 3, 3, 4, 5, 8] as const;
const occurrences = [1, 1, 1, 1, 1, 1, 2, 2, 3] as const;
const restartsMs = [undefined, undefined, 0, 5_000, 35_000, 95_000] as const;
const retryAfters = [
  undefined,
  undefined,
  '0',
  '1',
  '5',
  '60',
  'soon',
  'Thu, 01 Jan 2026 00:00:10 GMT',
  'Wed, 21 Oct 2015 07:28:00 GMT',
] as const;

// Half of all cases with faults tell of an operation that was left undecided and of what befell those who
// resolved it. Faults at random sites hardly ever meet: most crossings only exist because of an earlier fault.
const plotted = 55;
const undecidedSites = ['gateway.authorize', 'gateway.authorize', 'store.complete', 'store.claim'] as const;
const resolvingSites = [
  'gateway.lookup',
  'gateway.lookup',
  'gateway.lookup',
  'gateway.authorize',
  'gateway.authorize',
  'store.complete',
  'store.complete',
  'store.claim',
  'store.suspend',
  'store.suspend',
  'store.advance',
  'store.release',
  'store.fail',
] as const;

/** Gives the bearers up to six faults of a few kinds from the menu. The first bearer is the likeliest to be hit. */
export function scatterFaults(dice: Random, menu: FaultMenu, bearers: readonly Bearer[]): void {
  const [first] = bearers;
  const count = pick(dice, faultCounts);
  if (count === 0 || first === undefined) return;
  const enabled = enabledItems(dice, menu.items);
  let left = count;
  const plot = often(dice, plotted);
  if (plot) {
    left -= leaveUndecided(dice, menu, first);
    const [, second] = bearers;
    if (second !== undefined && often(dice, 30)) left -= leaveUndecided(dice, menu, second);
  }
  while (left > 0) {
    left -= 1;
    const resolving = plot && often(dice, 75);
    const likeliest = resolving ? (bearers[1] ?? first) : first;
    const bearer = (often(dice, 50) ? likeliest : pickFrom(dice, bearers)) ?? first;
    const site = resolving ? pick(dice, resolvingSites) : undefined;
    const kind = site === undefined ? undefined : resolvingKind(dice, menu, site);
    if (site !== undefined && kind !== undefined) {
      carry(bearer, drawFault(dice, kind, { site, nth: pick(dice, occurrences) }));
    } else left -= anywhere(dice, enabled, { bearer, left });
  }
}

/** Any kind, but where look-ups can be stale, they often are: whoever resolves must see it. */
function resolvingKind(dice: Random, menu: FaultMenu, site: Site): FaultKind | undefined {
  const kinds = menu.at(site);
  return kinds.includes('stale') && often(dice, 35) ? 'stale' : pickFrom(dice, kinds);
}

/**
 * Puts a request's outcome in doubt, often for as long as it retries and sometimes by a different fault each time;
 * returns how much of the budget of faults that took.
 */
function leaveUndecided(dice: Random, menu: FaultMenu, bearer: Bearer): number {
  const site = pick(dice, undecidedSites);
  const kind = pickFrom(dice, menu.undeciding(site));
  if (kind === undefined) return 0;
  const attempts = site === 'gateway.authorize' && often(dice, 60) ? 3 : 1;
  const varied = often(dice, 40);
  for (let nth = 1; nth <= attempts; nth++) {
    const next = varied && nth > 1 ? pickFrom(dice, menu.at(site)) : kind;
    carry(bearer, drawFault(dice, next ?? kind, { site, nth }));
  }
  return 1;
}

/** Puts an enabled fault at one of its sites; returns how many more than one it came to. */
function anywhere(
  dice: Random,
  enabled: readonly MenuItem[],
  { bearer, left }: { readonly bearer: Bearer; readonly left: number },
): number {
  const item = pickFrom(dice, enabled);
  const site = item && pickFrom(dice, item.sites[bearer.carrier]);
  if (item === undefined || site === undefined) return 0;
  const nth = pick(dice, occurrences);
  carry(bearer, drawFault(dice, item.kind, { site, nth }));
  // A fault that lasts: retries meet it again until they give up.
  let more = 0;
  while (more < left && nth + more < 4 && often(dice, 25)) {
    more += 1;
    carry(bearer, drawFault(dice, item.kind, { site, nth: nth + more }));
  }
  return more;
}

function enabledItems(dice: Random, menu: readonly MenuItem[]): MenuItem[] {
  const items: MenuItem[] = [];
  for (let left: number = pick(dice, enabledCounts); left > 0; left--) {
    const item = pickFrom(dice, menu);
    if (item !== undefined) items.push(item);
  }
  return items;
}

function drawFault(dice: Random, kind: FaultKind, at: Pick<Fault, 'site' | 'nth'>): Fault {
  return { site: at.site, nth: at.nth, kind, ...drawDetails(dice, kind, at.site) };
}

/** How long, until when, or with which header a fault of `kind` at `site` strikes, as far as its kind knows such things. */
export function drawDetails(
  dice: Random,
  kind: FaultKind,
  site: Site,
): Pick<Fault, 'ms' | 'restartAfterMs' | 'retryAfter'> {
  const details: Pick<Fault, 'ms' | 'restartAfterMs' | 'retryAfter'> = {};
  const ms = pickFrom(dice, durationsOf(kind, site));
  if (ms !== undefined) details.ms = ms;
  if (kind === 'crash-before-apply' || kind === 'crash-after-apply') {
    const restartAfterMs = pick(dice, restartsMs);
    if (restartAfterMs !== undefined) details.restartAfterMs = restartAfterMs;
  }
  if (kind === 'rate-limited') {
    const retryAfter = pick(dice, retryAfters);
    if (retryAfter !== undefined) details.retryAfter = retryAfter;
  }
  return details;
}

/** Adds `fault` unless its crossing has it already, or may be held back already: two holds could exceed the bound. */
export function carry({ faults, weathered }: Pick<Bearer, 'faults' | 'weathered'>, fault: Fault): void {
  const holds = groupOf(fault.site) === 'mutation' && holdsEffectBack(fault.kind);
  if (holds && weathered.includes(fault.site)) return;
  for (const other of faults) {
    if (other.site !== fault.site || other.nth !== fault.nth) continue;
    if (other.kind === fault.kind || (holds && holdsEffectBack(other.kind))) return;
  }
  faults.push(fault);
}
