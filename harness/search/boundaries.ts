// Where faults can be put: the crossings that a run made before it was healed, and the faults that fit each.

import type { CaseOptions } from '../cases/arbitraries.ts';
import { type Case, type Fault, isRequest, retriesOf } from '../cases/case.ts';
import { grants } from '../cases/fault-menu.ts';
import { kindsAt } from '../cases/fault-problems.ts';
import { isMeant } from '../cases/shop-menu.ts';
import { holdsEffectBack } from '../faults/assumptions.ts';
import { type FaultFacts, type FaultKind, faultFacts, groupOf } from '../faults/kinds.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import type { RunResult } from '../run.ts';
import { edited } from './edit.ts';

/** One crossing that a fault can be addressed to. */
export interface Boundary {
  readonly actor: string;
  readonly site: Site;
  readonly nth: number;
  /** Its place in the history; later crossings have higher ones. */
  readonly order: number;
}

/** A fault and who carries it. */
export interface Placed {
  readonly actor: string;
  readonly fault: Fault;
}

/** The crossings of `history` that a case can address, in the order in which they were made. */
export function boundariesOf(history: History): readonly Boundary[] {
  const healed =
    history.incidents.find(({ kind }) => kind === 'healed')?.at.order ?? Number.POSITIVE_INFINITY;
  const seen = new Set<string>();
  const boundaries: Boundary[] = [];
  for (const { actor, site, nth, called } of history.crossings) {
    const address = `${actor} ${site} ${nth}`;
    if (
      called.order >= healed ||
      seen.has(address) ||
      !/^(?:[a-z]|[a-z]\/\d+|sweep:\d+|twin:deliver:evt_\d+)$/.test(actor)
    )
      continue;
    seen.add(address);
    boundaries.push({ actor, site, nth, order: called.order });
  }
  return boundaries.sort((a, b) => a.order - b.order);
}

/** Every fault that fits `boundary` and leaves standing what the options say, in the catalogue's order. */
export function faultsAt({ actor, site, nth }: Boundary, options: CaseOptions): readonly Placed[] {
  const { dedup, profile, breaking = [] } = options;
  const stale = capabilitiesOf(profile).lookup.consistentAfterMs > 0;
  const terms = { dedup, stale, breaking };
  const placed: Placed[] = [];
  for (const kind of kindsAt(site)) {
    const { breaks, needs } = faultFacts[kind];
    if (breaks !== undefined && !terms.breaking.includes(breaks)) continue;
    if (!meansSomething(needs, options) || !grants(terms, kind, site) || !isMeant(kind, site)) continue;
    for (const variant of variantsOf(kind, site))
      placed.push({ actor, fault: { site, nth, kind, ...variant } });
  }
  return placed;
}

/** A case of single charges has nothing but charges; what a report says of a row is carried by the row, which crosses nothing. */
function meansSomething(
  needs: FaultFacts['needs'],
  { suite = 'charge' }: Pick<CaseOptions, 'suite'>,
): boolean {
  return needs === undefined || (suite !== 'charge' && needs !== 'reports');
}

/** `subject` with one more fault; unchanged when it has no such actor. */
export function withFault(subject: Case, { actor, fault }: Placed): Case {
  return edited(subject, (draft) => {
    if (actor.includes(':')) {
      draft.background = { ...draft.background, [actor]: [...(draft.background?.[actor] ?? []), fault] };
      return;
    }
    const [id, retry] = actor.split('/');
    for (const step of draft.steps) {
      if (!isRequest(step) || step.id !== id) continue;
      const bearer = retry === undefined ? step : retriesOf(step)[Number(retry) - 1];
      if (bearer !== undefined) bearer.faults = [...(bearer.faults ?? []), fault];
    }
  });
}

type Variant = Pick<Fault, 'ms' | 'retryAfter'>;

const plainly: readonly Variant[] = [{}];

/** The default, and what lies beyond the next threshold: a lease, a horizon, a header that is taken literally. */
function variantsOf(kind: FaultKind, site: Site): readonly Variant[] {
  if (kind === 'delay' || kind === 'reply-delay') {
    const bounded = groupOf(site) === 'mutation' && holdsEffectBack(kind);
    return [{}, { ms: bounded ? 29_000 : 95_000 }];
  }
  if (kind === 'late' || kind === 'edge-504' || kind === 'slow') return [{}, { ms: 29_000 }];
  // Beyond the gateway's horizon, but within the lease: the owner still sends, late.
  if (kind === 'stall') return [{}, { ms: 35_000 }];
  if (kind === 'rate-limited') return [{}, { retryAfter: '0' }, { retryAfter: '2' }, { retryAfter: 'soon' }];
  return plainly;
}

/** The boundaries that a case crosses; none when it can't be run. */
export async function discover(
  run: (subject: Case) => Promise<RunResult>,
  subject: Case,
): Promise<readonly Boundary[]> {
  try {
    return boundariesOf((await run(subject)).history);
  } catch {
    // The campaign runs this very case too and reports the error with it.
    return [];
  }
}

/** The boundaries that are crossed after the one that `placed` strikes; none when it strikes nowhere. */
export function laterThan({ actor, fault }: Placed, boundaries: readonly Boundary[]): readonly Boundary[] {
  const struck = boundaries.find(
    (boundary) => boundary.actor === actor && boundary.site === fault.site && boundary.nth === fault.nth,
  );
  return struck === undefined ? [] : boundaries.filter(({ order }) => order > struck.order);
}
