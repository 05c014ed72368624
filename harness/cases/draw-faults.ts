// Scatters faults over a case. Few kinds per case, because kinds hide each other: a gateway that declines
// everything never shows what a lost response does (swarm testing, Groce et al., ISSTA 2012).

import type { Random } from 'fast-check';
import { holdsEffectBack } from '../faults/assumptions.ts';
import type { FaultKind } from '../faults/kinds.ts';
import { groupOf } from '../faults/kinds.ts';
import type { Fault } from './case.ts';
import { often, pick, pickFrom } from './draw.ts';
import { type Carrier, durationsOf, type MenuItem } from './fault-menu.ts';

/** One actor of the case that can carry faults, and those that it carries. */
export interface Bearer {
  readonly carrier: Carrier;
  readonly faults: Fault[];
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

/** Gives the bearers up to six faults of a few kinds from the menu. The first bearer is the likeliest to be hit. */
export function scatterFaults(dice: Random, menu: readonly MenuItem[], bearers: readonly Bearer[]): void {
  let left: number = pick(dice, faultCounts);
  if (left === 0 || bearers.length === 0) return;
  const enabled = enabledItems(dice, menu);
  while (left > 0) {
    left -= 1;
    const bearer = often(dice, 30) ? bearers[0] : pickFrom(dice, bearers);
    const item = pickFrom(dice, enabled);
    const site = bearer && item && pickFrom(dice, item.sites[bearer.carrier]);
    if (bearer === undefined || item === undefined || site === undefined) continue;
    const nth = pick(dice, occurrences);
    carry(bearer, drawFault(dice, item.kind, { site, nth }));
    // A fault that lasts: retries meet it again until they give up.
    for (let next = nth + 1; next <= 4 && left > 0 && often(dice, 25); next++, left--) {
      carry(bearer, drawFault(dice, item.kind, { site, nth: next }));
    }
  }
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
  const fault: Fault = { site: at.site, nth: at.nth, kind };
  const ms = pickFrom(dice, durationsOf(kind, at.site));
  if (ms !== undefined) fault.ms = ms;
  if (kind === 'crash-before-apply' || kind === 'crash-after-apply') {
    const restartAfterMs = pick(dice, restartsMs);
    if (restartAfterMs !== undefined) fault.restartAfterMs = restartAfterMs;
  }
  if (kind === 'rate-limited') {
    const retryAfter = pick(dice, retryAfters);
    if (retryAfter !== undefined) fault.retryAfter = retryAfter;
  }
  return fault;
}

/** Adds `fault` unless its crossing has it already, or is already held back: two holds could exceed the bound. */
function carry({ faults }: Bearer, fault: Fault): void {
  const holds = groupOf(fault.site) === 'mutation' && holdsEffectBack(fault.kind);
  for (const other of faults) {
    if (other.site !== fault.site || other.nth !== fault.nth) continue;
    if (other.kind === fault.kind || (holds && holdsEffectBack(other.kind))) return;
  }
  faults.push(fault);
}
