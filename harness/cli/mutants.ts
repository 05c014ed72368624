// `paystorm mutants`: the harness on trial. Every planted bug must be found, quickly and in a short story, and nothing
// else called a bug.

import { randomInt } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { killMatrix, type MatrixEvent } from '../mutants/kill-matrix.ts';
import { killExitCode, killReport } from '../report/kill-report.ts';
import { killTable } from '../report/kill-table.ts';
import { line, toned } from '../report/text.ts';
import { plural } from '../report/words.ts';
import { watchInterrupts } from './interrupt.ts';
import { type MutantsFlags, type MutantsSettings, mutantsSettings } from './mutants-settings.ts';
import { drawnSeedLimit } from './run-settings.ts';
import type { Terminal } from './terminal.ts';
import { version } from './version.ts';

/**
 * Runs the verb and returns the exit code.
 *
 * @throws UsageError for flags that make no sense.
 */
export async function mutants(flags: MutantsFlags, output: Terminal): Promise<number> {
  const settings = mutantsSettings(flags, () => randomInt(drawnSeedLimit));
  const { seed, trials, runs, json } = settings;
  const interrupts = watchInterrupts(() =>
    output.complain([line('  stopping after this case; Ctrl-C again stops at once')]),
  );
  if (!json) output.print([headline(settings)]);
  const matrix = await killMatrix(
    { ...settings, now: () => performance.now(), stopSignal: interrupts.signal },
    json ? () => {} : progress(output),
  ).finally(interrupts.end);
  const report = killReport(matrix, { version, seed, trials, runs });
  if (json) output.printText(JSON.stringify(report));
  else output.print([line(), ...killTable(report)]);
  return killExitCode(report);
}

function headline({ seed, pairs, trials, runs }: MutantsSettings) {
  const budgets = new Set(pairs.map(({ mutant }) => runs[mutant.suite]));
  const budget = [...budgets].map((count) => plural(count, 'case')).join(' or ');
  const bugs = new Set(pairs.map(({ mutant }) => mutant.id)).size;
  const facts = [
    `seed ${seed}`,
    `${plural(bugs, 'planted bug')} under the profiles that expose them`,
    `${plural(trials, 'trial')} of up to ${budget}`,
  ];
  return line(toned('strong', `paystorm ${version}`), ` · ${facts.join(' · ')}`);
}

/** Shortest time between two lines, wall-clock milliseconds: a live line may be livelier than a log. */
const intervalMs = { live: 100, log: 5_000 } as const;

/** Shows how far the matrix has come. */
function progress(output: Terminal): (event: MatrixEvent) => void {
  const pauseMs = output.interactive ? intervalMs.live : intervalMs.log;
  const startedMs = performance.now();
  let shownMs = startedMs;
  let survived = 0;
  const show = (doing: string): void => {
    const atMs = performance.now();
    if (atMs - shownMs < pauseMs) return;
    shownMs = atMs;
    const elapsed = `${((atMs - startedMs) / 1000).toFixed(0)} s`;
    output.live(`  ${elapsed} · ${survived} survived · ${doing}`);
  };
  return (event) => {
    switch (event.kind) {
      case 'hunting': {
        const { place, of, pair } = event;
        show(`${place} of ${of}: ${pair.mutant.id} on ${pair.profile}`);
        break;
      }
      case 'hunted':
        if (event.trial.caught === undefined) survived += 1;
        break;
      case 'reference':
        show(`the reference on ${event.profile}, ${event.suite}`);
        break;
    }
  };
}
