// What can be wrong with a fault beyond its shape: that it cannot strike where it is put, that it says things which its
// kind does not know, or that several together hold a request back for longer than the gateway's horizon.

import { heldBackMs, roundTripMs } from '../faults/assumptions.ts';
import { type FaultKind, faultFacts, faultKinds, strikes } from '../faults/kinds.ts';
import { realFaultKinds, servicesWith } from '../faults/real-kinds.ts';
import { boundedEffectDelayMs } from '../gateway-twin/profiles.ts';
import type { Site } from '../history/sites.ts';
import type { Case, Episode, Fault } from './case.ts';
import type { StoresName } from './tiers.ts';

/** What is wrong with the faults at `path` that one actor carries, one sentence each. */
export function faultProblems(path: string, faults: readonly Fault[], value: Case): string[] {
  const problems = faults.flatMap((fault, index) => [
    ...strikeProblems(`${path}[${index}]`, fault),
    ...tierProblems(`${path}[${index}]`, fault, value),
  ]);
  if (value.config?.effectDelay === 'unbounded') return problems;
  const held = new Map<string, number>();
  for (const [index, fault] of faults.entries()) {
    const crossing = `${fault.site} ${fault.nth}`;
    const before = held.get(crossing) ?? 0;
    const sum = before + heldBackMs(fault);
    held.set(crossing, sum);
    if (sum === before || isWithinBound(sum, sum - before) || !isWithinBound(before, before)) continue;
    problems.push(
      `${path}[${index}].ms: the request takes effect ${lateness(sum, before)} late, but delay is bounded by ${boundedEffectDelayMs} ms; ` +
        'shorten it or set config.effectDelay to "unbounded"',
    );
  }
  return problems;
}

/**
 * Whether a request that is held back by `sum` in all, by `last` of them through one fault, is in time. A fault by
 * itself may use up the whole bound, and says then that it breaks it; several have to leave room for the way.
 */
export function isWithinBound(sum: number, last: number): boolean {
  return sum === last ? sum <= boundedEffectDelayMs : sum + roundTripMs <= boundedEffectDelayMs;
}

/** How late in words, the way to the gateway included where it matters. */
export function lateness(sum: number, before: number): string {
  return before === 0 ? `${sum} ms` : `${sum + roundTripMs} ms`;
}

/** What is wrong with one fault, at an address or in the weather. */
export function strikeProblems(path: string, fault: Fault | Episode): string[] {
  const problems: string[] = [];
  if (!strikes(fault.kind, fault.site)) {
    const can = kindsAt(fault.site).join(', ');
    problems.push(`${path}.kind: ${fault.kind} cannot strike ${fault.site}; these can: ${can}`);
  }
  if (fault.ms !== undefined && faultFacts[fault.kind].defaultMs === undefined) {
    const timed = faultKinds.filter((kind) => faultFacts[kind].defaultMs !== undefined).join(', ');
    problems.push(`${path}.ms: ${fault.kind} takes no duration; remove ms, or use one of ${timed}`);
  }
  if (fault.restartAfterMs !== undefined && !fault.kind.startsWith('crash-')) {
    problems.push(
      `${path}.restartAfterMs: only a crash is followed by a restart; remove it from ${fault.kind}`,
    );
  }
  if (fault.retryAfter !== undefined && fault.kind !== 'rate-limited') {
    problems.push(`${path}.retryAfter: only rate-limited sends this header; remove it from ${fault.kind}`);
  }
  return problems;
}

/** What is wrong with one fault in the tier of its case, and with its stores: a simulated store is no server. */
export function tierProblems(path: string, { kind }: Fault | Episode, value: Case): string[] {
  const { tier, stores = 'memory' } = value;
  const known = realFaultKinds.find((one) => one === kind);
  if (known === undefined) return [];
  if (tier !== 'real')
    return [`${path}.kind: ${kind} befalls real servers only; set tier to "real", or use another kind`];
  const services: readonly StoresName[] = servicesWith(known);
  if (services.includes(stores)) return [];
  const named = services.map((service) => `"${service}"`).join(' or ');
  return [`${path}.kind: ${kind} never befalls ${stores}; set stores to ${named}, or use another kind`];
}

/** The kinds of every tier that can strike `site`, in the catalogue's order. */
export function kindsAt(site: Site): readonly FaultKind[] {
  return faultKinds.filter((kind) => strikes(kind, site));
}
