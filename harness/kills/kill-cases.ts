// Cases in which processes are killed at generated boundaries: charges, orders and what webhooks set off. Where a case can be
// struck is found in the simulator, which crosses the same boundaries a thousand times as fast.

import { caseAt } from '../cases/arbitraries.ts';
import type { Case, Fault } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import type { StoresName } from '../cases/tiers.ts';
import { strikes } from '../faults/kinds.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { runCase } from '../run.ts';
import { type Boundary, discover, withFault } from '../search/boundaries.ts';
import { reference } from '../targets/reference.ts';
import { type RandomStream, randomStreams } from '../world/random.ts';

/** What to draw. */
export interface KillCases {
  readonly seed: number;
  readonly stores: StoresName;
}

const suites = ['charge', 'checkout', 'webhooks'] as const;
const profile = 'stripe';

/** Kills that are put into one case; not every one strikes, as whoever is dead crosses nothing. */
const killsPerCase = 8;

const restartsAfterMs = [20, 500, 4_000] as const;

/** The case at `index`: a function of its arguments alone. */
export async function killCaseAt({ seed, stores }: KillCases, index: number): Promise<Case> {
  const random = randomStreams(seed)(`kills:${index}`);
  const suite = suites[index % suites.length] ?? 'charge';
  const { dedup } = capabilitiesOf(profile);
  const drawn = caseAt(seed, index, { suite, target: reference.name, profile, dedup });
  const boundaries = (await discover((subject) => runCase(subject, reference), drawn)).filter(({ site }) =>
    strikes('crash-after-apply', site),
  );
  let subject = drawn;
  for (let kill = 0; kill < killsPerCase && boundaries.length > 0; kill++)
    subject = withFault(subject, killAt(pick(boundaries, random), random));
  return checkCase({ ...subject, tier: 'real', stores });
}

function killAt({ actor, site, nth }: Boundary, random: RandomStream): { actor: string; fault: Fault } {
  const kind = random() < 0.5 ? 'crash-before-apply' : 'crash-after-apply';
  return { actor, fault: { site, nth, kind, restartAfterMs: pick(restartsAfterMs, random) } };
}

function pick<Item>(items: readonly Item[], random: RandomStream): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new RangeError('nothing to pick from');
  return item;
}
