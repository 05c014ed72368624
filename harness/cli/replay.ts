// `paystorm replay`: is it still broken, and is it still the same story?

import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Replayed, type ReplayVerdict, replayFile } from '../replay/replay-case.ts';
import { isFlaky } from '../replay/reproduce.ts';
import { caseFilesIn, casesFolder } from '../replay/saved-cases.ts';
import { tellStory } from '../report/story.ts';
import { type Line, line, printable, toned } from '../report/text.ts';
import { plural } from '../report/words.ts';
import { runCase } from '../run.ts';
import { closeReal } from '../storm.ts';
import { interruptedExitCode, watchInterrupts } from './interrupt.ts';
import { knownTarget, seedOf } from './run-settings.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage-error.ts';
import { version } from './version.ts';

/** Flags of `replay` as commander hands them over. */
export interface ReplayFlags {
  readonly target?: string;
  readonly seed?: string;
  readonly outputDir: string;
  readonly json?: true;
}

/** Where committed cases are looked for when a run has left none. */
const committedCases = join('scenarios', 'cases');

/**
 * Replays the cases in `paths` (files or folders; none means those of the last runs) and returns the exit code.
 *
 * @throws UsageError when there is nothing to replay or a flag makes no sense.
 */
export async function replay(
  paths: readonly string[],
  flags: ReplayFlags,
  output: Terminal,
): Promise<number> {
  if (flags.target !== undefined) knownTarget(flags.target);
  const seed = flags.seed === undefined ? undefined : seedOf(flags.seed);
  const files = filesOf(paths, flags.outputDir);
  const interrupts = watchInterrupts(() => output.complain([line('stopping after this case')]));
  const outcomes: Replayed[] = [];
  for (const file of files) {
    if (interrupts.signal.aborted) break;
    const outcome = await replayFile(file, {
      run: runCase,
      targetNamed: (name) => knownTarget(name, 'target'),
      target: flags.target,
      seed,
    });
    outcomes.push(outcome);
    if (flags.json !== true) output.print(replayedLines(outcome, output.columns));
  }
  interrupts.end();
  if (outcomes.some((outcome) => outcome.verdict !== 'ERROR' && outcome.subject.tier === 'real'))
    await closeReal();
  if (flags.json === true) output.printText(JSON.stringify(replayReport(outcomes)));
  else output.print([totals(outcomes)]);
  return interrupts.signal.aborted ? interruptedExitCode : replayExitCode(outcomes);
}

/** 1 when anything is broken in every run, else 2 when anything could not be judged, else 3 when it broke in some, else 0. */
function replayExitCode(outcomes: readonly Replayed[]): number {
  const broken = outcomes.filter((outcome) => outcome.verdict === 'BROKEN');
  if (broken.some(({ reproduced }) => reproduced === undefined || !isFlaky(reproduced))) return 1;
  if (outcomes.some(({ verdict }) => verdict === 'ERROR')) return 2;
  return broken.length > 0 ? 3 : 0;
}

function filesOf(paths: readonly string[], outputDir: string): readonly string[] {
  if (paths.length > 0) {
    return paths.flatMap((path) => {
      if (!existsSync(path) || !statSync(path).isDirectory()) return [path];
      const files = caseFilesIn(path);
      if (files.length === 0) throw new UsageError(`there are no case files (*.json) in ${path}`);
      return files;
    });
  }
  for (const folder of [casesFolder(outputDir), committedCases]) {
    const files = caseFilesIn(folder);
    if (files.length > 0) return files;
  }
  throw new UsageError(
    `there are no saved cases in ${casesFolder(outputDir)} or ${committedCases}; name a file, or let \`paystorm run\` find one`,
  );
}

/** What is printed of one replayed case. */
function replayedLines(outcome: Replayed, columns: number): readonly Line[] {
  const file = printable(outcome.file, 200);
  switch (outcome.verdict) {
    case 'HOLDS':
      return [line(toned('good', 'HOLDS   '), file, toned('faint', historyWords(outcome.sameHistory)))];
    case 'FIXED':
      return [
        line(toned('good', 'FIXED   '), `${file}  ${outcome.checker.id} ${outcome.checker.name} holds now`),
      ];
    case 'ERROR':
      return outcome.problem
        .split('\n')
        .map((text, index) =>
          index === 0 ? line(toned('doubt', 'ERROR   '), `${file}  ${text}`) : line(`        ${text}`),
        );
    case 'BROKEN': {
      const { checker, because, crossings, result, sameHistory } = outcome;
      return [
        line(
          toned('bad', 'BROKEN  '),
          `${file}  ${checker.id} ${checker.name}`,
          toned('faint', reproducedWords(outcome) ?? historyWords(sameHistory)),
        ),
        ...tellStory({ history: result.history, checker, because, crossings, columns }),
        ...(sameHistory === false ? [changedHistory(outcome)] : []),
        line(),
      ];
    }
  }
}

/** How often it broke, where that may differ from run to run. */
function reproducedWords({
  reproduced,
}: Extract<Replayed, { readonly verdict: 'BROKEN' }>): string | undefined {
  return reproduced && `  in ${reproduced.times}/${reproduced.of} runs`;
}

function historyWords(sameHistory: boolean | null): string {
  return sameHistory === true ? '  same history' : '';
}

function changedHistory({ subject, result }: Extract<Replayed, { readonly verdict: 'BROKEN' }>): Line {
  const { found } = subject;
  const was = `${found?.historyHash ?? 'unknown'} by paystorm ${found?.tool ?? 'unknown'}`;
  return line(
    toned('doubt', '   history differs from when it was found'),
    toned('faint', ` (${result.history.digest}, was ${was}): target or paystorm changed`),
  );
}

function totals(outcomes: readonly Replayed[]): Line {
  const count = (verdict: ReplayVerdict): number =>
    outcomes.filter((outcome) => outcome.verdict === verdict).length;
  const words = (['HOLDS', 'FIXED', 'BROKEN', 'ERROR'] as const)
    .filter((verdict) => count(verdict) > 0)
    .map((verdict) => `${count(verdict)} ${verdict}`);
  return line(toned('strong', `${plural(outcomes.length, 'case')} replayed`), `: ${words.join(' · ')}`);
}

/** What `replay --json` prints. */
function replayReport(outcomes: readonly Replayed[]): unknown {
  return {
    tool: 'paystorm',
    version,
    cases: outcomes.map((outcome) => {
      if (outcome.verdict === 'ERROR') {
        const { file, verdict, problem } = outcome;
        return { file, verdict, invariant: null, historyHash: null, sameHistory: null, problem };
      }
      const { file, verdict, result, sameHistory, reproduced = null } = outcome;
      const invariant = 'checker' in outcome ? outcome.checker.id : null;
      const because = verdict === 'BROKEN' ? { because: outcome.because } : {};
      return {
        file,
        verdict,
        invariant,
        historyHash: result.history.digest,
        sameHistory,
        reproduced,
        ...because,
      };
    }),
  };
}
