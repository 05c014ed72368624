// Which assumptions of the catalogue a case takes away from the invariants that need them.

import type { Fault } from '../cases/case.ts';
import { type FaultKind, faultFacts, groupOf } from './kinds.ts';

/** An assumption that some invariants need. */
export type Assumption =
  | 'single-delivery'
  | 'key-retention'
  | 'bounded-delay'
  /** What a store has acknowledged, it remembers. */
  | 'durable-claims'
  /** Whoever sends again what was sent before is recognised by a store, or else by the gateway. */
  | 'remembered-sends';

/** What the gateway of the case promises, as far as assumptions depend on it. */
export interface Promised {
  readonly dedup: 'every-answer' | 'successes' | 'none';
  readonly maxEffectDelayMs: number;
  readonly keyRetentionMs: number;
}

const holdingBack: ReadonlySet<FaultKind> = new Set(['delay', 'late', 'edge-504', 'slow', 'duplicated']);

/** Whether `kind` makes a mutation take effect later by its `ms`, so that a bound on lateness limits it. */
export function holdsEffectBack(kind: FaultKind): boolean {
  return holdingBack.has(kind);
}

/** How long a fault holds the effect of a mutation back, milliseconds; 0 when it does nothing of the kind. */
export function heldBackMs({ site, kind, ms }: Pick<Fault, 'site' | 'kind' | 'ms'>): number {
  if (groupOf(site) !== 'mutation' || !holdsEffectBack(kind)) return 0;
  return ms ?? faultFacts[kind].defaultMs ?? 0;
}

/** A gateway that forgets a key sooner has forgotten it when somebody asks again for what the stores have forgotten. */
const rememberedForMs = 86_400_000;

/** Longest that a request and its reply are on their way to the gateway and back when nothing holds them, ms. */
export const roundTripMs = 40;

/**
 * The assumptions that `faults` break, sorted. Each fault is judged by itself: a case in which several of them hold
 * one request back beyond the bound is refused when it is read.
 */
export function brokenAssumptions(
  faults: Iterable<Pick<Fault, 'site' | 'kind' | 'ms'>>,
  promised: Promised,
): readonly Assumption[] {
  const broken = new Set<Assumption>();
  if (!Number.isFinite(promised.maxEffectDelayMs)) broken.add('bounded-delay');
  for (const fault of faults) {
    const facts = faultFacts[fault.kind];
    if (facts.breaks !== undefined) broken.add(facts.breaks);
    if (groupOf(fault.site) !== 'mutation') continue;
    // A gateway that remembers every answer absorbs a request that the network delivers twice; others charge twice,
    // and so does one that has forgotten the key by then.
    const absorbed =
      promised.dedup === 'every-answer' && roundTripMs + heldBackMs(fault) < promised.keyRetentionMs;
    if (fault.kind === 'duplicated' && !absorbed) broken.add('single-delivery');
    if (holdsEffectBack(fault.kind) && roundTripMs + heldBackMs(fault) > promised.maxEffectDelayMs)
      broken.add('bounded-delay');
  }
  const gatewayRemembers = promised.dedup === 'every-answer' && promised.keyRetentionMs >= rememberedForMs;
  if (broken.has('durable-claims') && !gatewayRemembers) broken.add('remembered-sends');
  return [...broken].sort();
}
