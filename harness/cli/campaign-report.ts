// From what a campaign came to, to the report that is printed and published.

import type { InvariantId } from '../checkers/checker.ts';
import type { Reproduced } from '../replay/reproduce.ts';
import type { RunReport } from '../report/run-report.ts';
import type { Campaign } from '../search/campaign.ts';
import { reportedViolation, type SavedPaths } from './findings.ts';
import type { RunSettings } from './run-settings.ts';
import { version } from './version.ts';

/** `2/4`, or null when the whole campaign is run. */
export function shardWords(shard: RunSettings['shard']): string | null {
  return shard === undefined ? null : `${shard.index}/${shard.count}`;
}

/** What was done beyond the campaign. */
export interface Aftercare {
  readonly saved: SavedPaths;
  /** Of what broke in a tier where no run is exact. */
  readonly reproduced: ReadonlyMap<InvariantId, Reproduced>;
}

/** Builds the report of a campaign that was run with `settings`. */
export function reportOf(
  campaign: Campaign,
  settings: RunSettings,
  { saved, reproduced }: Aftercare,
): RunReport {
  const { runs, events, elapsedMs, marks, requiredMarks } = campaign;
  const perSecond = (count: number): number => (elapsedMs > 0 ? Math.round((count * 1000) / elapsedMs) : 0);
  return {
    tool: 'paystorm',
    version,
    seed: settings.seed,
    suite: settings.suite,
    tier: settings.tier,
    target: settings.target.name,
    profile: settings.profile,
    stores: settings.stores,
    strategy: settings.strategy,
    shard: shardWords(settings.shard),
    workers: campaign.workers,
    runs,
    events,
    elapsedMs: Math.round(elapsedMs),
    runsPerSecond: perSecond(runs),
    eventsPerSecond: perSecond(events),
    held: campaign.held,
    underjudged: campaign.underjudged,
    undeclared: campaign.undeclared,
    violations: campaign.violations.map((violation) =>
      reportedViolation(violation, {
        path: saved.violations.get(violation.invariant) ?? null,
        reproduced: reproduced.get(violation.invariant) ?? null,
      }),
    ),
    judged: campaign.judged,
    notPromised: campaign.notPromised,
    marks: { ...Object.fromEntries(campaign.unreachedMarks.map((mark) => [mark, 0])), ...marks },
    injected: injectedIn(marks),
    requiredMarks,
    unreachedMarks: campaign.unreachedMarks,
    determinism: campaign.determinism,
    mismatchCase: saved.mismatch,
    errors: campaign.errors.map(({ index, during, message }, place) => ({
      index,
      during,
      message,
      case: saved.errors[place] ?? null,
    })),
    errorCount: campaign.errorCount,
    strategies: campaign.strategies,
    distribution: campaign.distribution,
    interrupted: campaign.interrupted,
    digest: campaign.digest,
  };
}

const faultMark = 'fault:';

/** Marks count in how many cases each kind of fault struck. */
function injectedIn(marks: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  const kinds = Object.entries(marks).filter(([mark]) => mark.startsWith(faultMark));
  return Object.fromEntries(kinds.map(([mark, count]) => [mark.slice(faultMark.length), count]));
}
