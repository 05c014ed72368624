// `paystorm run`: storm a target, save what breaks, tell it, and answer with an exit code that CI can act on.

import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { BackendError } from '../backends/backend-error.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { type Reproduced, reproduce } from '../replay/reproduce.ts';
import { openOutputFolder } from '../replay/saved-cases.ts';
import { exitCodeOf } from '../report/run-report.ts';
import { headline, summary } from '../report/summary.ts';
import { type Line, line, toned } from '../report/text.ts';
import { runCase } from '../run.ts';
import { type Campaign, type CampaignEvent, type CampaignOptions, runCampaign } from '../search/campaign.ts';
import { HelperError } from '../search/crew.ts';
import { closeReal } from '../storm.ts';
import { reportOf, shardWords } from './campaign-report.ts';
import { type Findings, findingsOf } from './findings.ts';
import { watchInterrupts } from './interrupt.ts';
import { progressOn } from './progress.ts';
import { drawnSeedLimit, type RunFlags, type RunSettings, runSettings } from './run-settings.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Every so many-th case is run twice, to see that nothing escapes the world. */
const recheckEvery = 20;

/**
 * Runs the verb and returns the exit code.
 *
 * @throws UsageError for flags that make no sense, and when worker threads can't be had; OutputFolderError, before anything runs, when findings could
 * not be saved.
 */
export async function run(flags: RunFlags, output: Terminal): Promise<number> {
  const settings = runSettings(flags, () => randomInt(drawnSeedLimit));
  openOutputFolder(settings.outputDir);
  const { json, verbose } = settings;
  const interrupts = watchInterrupts(() =>
    output.complain([
      line('  stopping after this case; Ctrl-C again stops at once and loses what is not saved'),
    ]),
  );
  if (!json) output.print(heading(settings));

  const findings = findingsOf(settings, output);
  // Threads play cases by themselves; there each case says so.
  const services = settings.tier === 'real' && settings.workers === 1 ? mindful(runCase) : unminded;
  const stopSignal = AbortSignal.any([interrupts.signal, services.died]);
  const campaign = await runCampaign(
    { ...campaignOptions(settings, stopSignal), runCase: services.runCase },
    observer({ settings, output, findings }),
  )
    .catch(refuseToGoOn)
    .finally(interrupts.end);
  const saved = findings.saveRest(campaign);
  const reproduced = await reproducedIn(campaign, settings);
  if (settings.tier === 'real') await closeReal();
  if (services.died.aborted) throw new UsageError(String(services.died.reason));
  const report = reportOf(campaign, settings, { saved, reproduced });
  if (json) output.printText(JSON.stringify(report));
  else output.print(summary(report, { columns: output.columns, verbose }));
  return exitCodeOf(report);
}

/** Where no run is exact, whether what broke breaks again is found out by running it again. */
async function reproducedIn(
  { violations, interrupted }: Campaign,
  { tier, target }: RunSettings,
): Promise<ReadonlyMap<InvariantId, Reproduced>> {
  const reproduced = new Map<InvariantId, Reproduced>();
  if (tier !== 'real' || interrupted) return reproduced;
  for (const { invariant, case: subject } of violations)
    reproduced.set(invariant, await reproduce(() => runCase(subject, target), invariant));
  return reproduced;
}

function heading(settings: RunSettings): readonly Line[] {
  const { target, shard, suiteNote } = settings;
  const first = headline({ ...settings, version, target: target.name, shard: shardWords(shard) });
  return suiteNote === undefined ? [first] : [first, line(toned('faint', `  ${suiteNote}`))];
}

/** Threads that can't be had are a matter of the machine: what to do about it is said in a line, without a stack. */
function refuseToGoOn(cause: unknown): never {
  throw cause instanceof HelperError ? new UsageError(cause.message) : cause;
}

function campaignOptions(settings: RunSettings, stopSignal: AbortSignal): Omit<CampaignOptions, 'runCase'> {
  const { suite, target, profile, tier, stores, seed, runs, maxTimeMs, strategy, shard, workers, bail } =
    settings;
  return {
    suite,
    target,
    profile,
    tier,
    stores,
    seed,
    runs,
    maxTimeMs,
    strategy,
    shard,
    workers,
    bail,
    // What does not come out the same way twice can be neither shrunk nor rechecked.
    shrink: settings.shrink && tier !== 'real',
    recheckEvery: tier === 'real' ? 0 : recheckEvery,
    stopSignal,
    now: () => performance.now(),
  };
}

const unminded = { runCase, died: new AbortController().signal };

/** Stops a campaign whose real service is gone: every further case would only say so again. */
function mindful(play: typeof runCase): { readonly runCase: typeof runCase; readonly died: AbortSignal } {
  const stop = new AbortController();
  return {
    died: stop.signal,
    runCase: async (subject, target) => {
      try {
        return await play(subject, target);
      } catch (error) {
        if (error instanceof BackendError) stop.abort(error.message);
        throw error;
      }
    },
  };
}

interface Observing {
  readonly settings: RunSettings;
  readonly output: Terminal;
  readonly findings: Findings;
}

/** Saves and tells each finding as soon as it is there, and shows how far the campaign has come in between. */
function observer({ settings, output, findings }: Observing): (event: CampaignEvent) => void {
  const show = settings.json ? () => {} : progressOn(output, () => performance.now());
  let runs = 0;
  let broken = 0;
  return (event) => {
    switch (event.kind) {
      case 'progress':
        runs = event.runs;
        broken = event.broken;
        show({ runs, broken });
        break;
      case 'broken':
        broken += 1;
        show({ runs, broken, doing: `shrinking ${event.invariant}` });
        break;
      case 'shrunk':
        findings.take(event.violation);
        break;
      case 'error':
        break;
    }
  };
}
