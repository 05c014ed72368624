// `paystorm bench stacks`: which orders of the layers are safe, what each costs on a bad day, and the shortest story of
// each pair of layers that must not be turned round.

import { performance } from 'node:perf_hooks';
import { PoolError } from '../bench/stacks/pool.ts';
import { benchStacks, type StackProgress } from '../bench/stacks/stack-bench.ts';
import type { UnsafePair } from '../bench/stacks/trial.ts';
import { openOutputFolder } from '../replay/saved-cases.ts';
import { comparable, regressionsSince } from '../report/stack-baseline.ts';
import { type StackReport, stackExitCode, stackReport } from '../report/stack-report.ts';
import { stackTable } from '../report/stack-table.ts';
import { line, toned } from '../report/text.ts';
import { plural } from '../report/words.ts';
import { type BenchFlags, type BenchSettings, benchSettings } from './bench-settings.ts';
import { watchInterrupts } from './interrupt.ts';
import { pairStories, savePair } from './pair-stories.ts';
import type { Terminal } from './terminal.ts';
import { quoted, UsageError } from './usage-error.ts';
import { version } from './version.ts';

/**
 * Runs the verb and returns the exit code.
 *
 * @throws UsageError for flags that make no sense, for a baseline of other days, and when worker threads can't be had;
 * OutputFolderError, before anything runs, when stories could not be saved.
 */
export async function bench(what: string, flags: BenchFlags, output: Terminal): Promise<number> {
  const settings = benchSettings(what, flags);
  openOutputFolder(settings.outputDir);
  const { json, seed, gateway } = settings;
  const interrupts = watchInterrupts(() =>
    output.complain([line('  stopping; what was measured until now is shown')]),
  );
  if (!json) output.print([headline(settings), line()]);
  const came = await benchStacks(
    { ...settings, now: () => performance.now(), stopSignal: interrupts.signal },
    json ? () => {} : progress(output),
  )
    .catch(refuseToGoOn)
    .finally(interrupts.end);
  const paths = new Map<UnsafePair, string | null>();
  for (const pair of came.trial?.unsafePairs ?? [])
    paths.set(pair, savePair(pair, settings.outputDir, output));
  const savedAs = (pair: UnsafePair): string | null => paths.get(pair) ?? null;
  const report = compared(stackReport(came, { version, seed, gateway, savedAs }), settings);
  if (json) output.printText(JSON.stringify(report));
  else {
    output.print(stackTable(report, output.columns));
    output.print(await pairStories(came.trial?.unsafePairs ?? [], { savedAs, columns: output.columns }));
  }
  return stackExitCode(report);
}

function headline({ seed, gateway, orders, weathers }: BenchSettings) {
  const facts = [
    `seed ${seed}`,
    `gateway ${gateway}`,
    plural(orders.length, 'order'),
    plural(weathers.length, 'fault profile'),
  ];
  return line(toned('strong', `paystorm ${version}`), ` · bench stacks · ${facts.join(' · ')}`);
}

function compared(report: StackReport, { baseline }: BenchSettings): StackReport {
  if (baseline === undefined) return report;
  if (comparable(baseline.report, report) === 0 && !report.interrupted)
    throw new UsageError(
      `--baseline ${quoted(baseline.path)} has none of these orders and fault profiles; measure the same ones`,
    );
  return { ...report, regressions: regressionsSince(baseline.report, report, baseline.thresholdPercent) };
}

/** Threads that can't be had are a matter of the machine: what to do about it is said in a line, without a stack. */
function refuseToGoOn(cause: unknown): never {
  throw cause instanceof PoolError ? new UsageError(cause.message) : cause;
}

/** Shortest time between two lines, wall-clock milliseconds: a live line may be livelier than a log. */
const intervalMs = { live: 100, log: 5_000 } as const;

/** Shows how far the bench has come. */
function progress(output: Terminal): (event: StackProgress) => void {
  const pauseMs = output.interactive ? intervalMs.live : intervalMs.log;
  const startedMs = performance.now();
  let shownMs = startedMs;
  return ({ phase, done, of }) => {
    const atMs = performance.now();
    if (atMs - shownMs < pauseMs) return;
    shownMs = atMs;
    output.live(`  ${((atMs - startedMs) / 1000).toFixed(0)} s · ${phase} · ${done} of ${of}`);
  };
}
