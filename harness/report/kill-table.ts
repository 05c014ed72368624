// The kill matrix on a terminal: a table for each class of bugs, then what survived, what took a longer story than it
// needs and what was called a bug and is none, each with the command that shows it again.

import type { SuiteName } from '../cases/case.ts';
import type { Trial } from '../mutants/kill-matrix.ts';
import { stepsOf } from '../mutants/minimum.ts';
import type { KillReport, ReportedExposure, ReportedMutant } from './kill-report.ts';
import { type Line, line, printable, type Span, toned } from './text.ts';
import { countWords, plural } from './words.ts';

/** The lines of a report. */
export function killTable(report: KillReport): readonly Line[] {
  const classes = Map.groupBy(report.mutants, (mutant) => mutant.class);
  return [
    ...[...classes].flatMap(([name, mutants]) => [...table(name, mutants), line()]),
    ...totals(report),
    ...findings(report),
    ...(report.interrupted
      ? [line(toned('doubt', '  interrupted: these figures cover what was hunted until then'))]
      : []),
  ];
}

const widths = { id: 38, breaks: 8, profiles: 24, caught: 8, runs: 8, ms: 9, story: 9, within: 8 } as const;

type Column = keyof typeof widths;

const texts: ReadonlySet<Column> = new Set(['id', 'breaks', 'profiles']);

function cell(column: Column, text: string): string {
  return texts.has(column) ? text.padEnd(widths[column]) : text.padStart(widths[column]);
}

function table(name: string, mutants: readonly ReportedMutant[]): readonly Line[] {
  const heads: readonly [Column, string][] = [
    ['breaks', 'breaks'],
    ['profiles', 'profiles'],
    ['caught', 'caught'],
    ['runs', 'runs'],
    ['ms', 'ms'],
    ['story', 'story'],
    ['within', 'within'],
  ];
  const head = heads.map(([column, text]) => cell(column, text)).join('');
  return [
    line(toned('strong', `  ${cell('id', name)}`), toned('faint', head)),
    ...mutants.flatMap((mutant) =>
      rowsOf(mutant).map((row, index) => rowLine(index === 0 ? mutant.id : '', row)),
    ),
  ];
}

/** The profiles under which a bug breaks the same invariant in a story of the same length take one row. */
function rowsOf({
  exposures,
}: ReportedMutant): readonly (readonly [ReportedExposure, ...ReportedExposure[]])[] {
  const rows = new Map<string, [ReportedExposure, ...ReportedExposure[]]>();
  for (const exposure of exposures) {
    const { requests, faults } = exposure.minimum;
    const kind = `${exposure.invariant} ${requests} ${faults}`;
    const row = rows.get(kind);
    if (row === undefined) rows.set(kind, [exposure]);
    else row.push(exposure);
  }
  return [...rows.values()];
}

function rowLine(id: string, row: readonly [ReportedExposure, ...ReportedExposure[]]): Line {
  const sum = (count: (exposure: ReportedExposure) => number): number =>
    row.reduce((total, exposure) => total + count(exposure), 0);
  const [{ invariant, minimum }] = row;
  const trials = sum((exposure) => exposure.trials);
  const caught = sum((exposure) => exposure.caught);
  const runs = largest(row.map(({ medianRunsToFailure }) => medianRunsToFailure));
  const ms = largest(row.map(({ medianMsToFailure }) => medianMsToFailure));
  const story = largest(row.map((exposure) => (exposure.story === null ? null : stepsOf(exposure.story))));
  const least = stepsOf(minimum);
  const storyText = cell('story', story === null ? '–' : `${story} of ${least}`);
  return line(
    `  ${cell('id', id)}${cell('breaks', invariant)}`,
    toned('faint', cell('profiles', row.length === 4 ? 'all' : row.map(({ profile }) => profile).join(' '))),
    toned(caught < trials ? 'bad' : 'good', cell('caught', `${caught}/${trials}`)),
    cell('runs', runs === null ? '–' : countWords(runs)),
    cell('ms', ms === null ? '–' : countWords(ms)),
    toned(story !== null && story > least ? 'doubt' : 'plain', storyText),
    toned('faint', cell('within', ms === null ? '–' : bucketOf(ms))),
  );
}

/** Several profiles in one row show the hardest of them. */
function largest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

const buckets = [0.1, 1, 10, 60] as const;

/** The first bucket of the ETNA benchmarks' that a time fits into; see Shi et al., ICFP 2023. */
function bucketOf(ms: number): string {
  const seconds = buckets.find((limit) => ms <= limit * 1000);
  return seconds === undefined ? 'more' : `${seconds} s`;
}

function totals({ mutants, falseAlarms, reference, elapsedMs, digest }: KillReport): readonly Line[] {
  const exposures = mutants.flatMap((mutant) => mutant.exposures);
  const sum = (count: (exposure: ReportedExposure) => number): number =>
    exposures.reduce((total, exposure) => total + count(exposure), 0);
  const trials = sum((exposure) => exposure.trials);
  const caught = sum((exposure) => exposure.caught);
  const alarmedRuns = reference.reduce((total, { runs }) => total + runs, 0);
  const stories = sum(({ atMinimum }) => atMinimum);
  return [
    line(
      toned('strong', `  ${plural(mutants.length, 'bug')}`),
      ' · ',
      toned(caught < trials ? 'bad' : 'good', `caught in ${countWords(caught)} of ${plural(trials, 'hunt')}`),
      ` · ${countWords(stories)} of the stories as short as can be`,
    ),
    line('  the reference: ', alarmsSpan(falseAlarms), ` in ${plural(alarmedRuns, 'case')}`),
    line(toned('faint', `  ${(elapsedMs / 1000).toFixed(1)} s · digest ${digest}`)),
  ];
}

function alarmsSpan(falseAlarms: number): Span {
  return toned(falseAlarms > 0 ? 'bad' : 'good', plural(falseAlarms, 'false alarm'));
}

function findings(report: KillReport): readonly Line[] {
  const ofMutants = report.mutants.flatMap((mutant) =>
    mutant.exposures.flatMap((exposure) => exposureFindings(mutant, exposure, report)),
  );
  const ofReference = report.reference.flatMap(({ suite, profile, falseAlarms, errorCount }) => [
    ...falseAlarms.flatMap(({ invariant, seed, because }) => [
      finding('alarm', 'bad', `the reference broke ${invariant} on ${profile}: ${printable(because, 400)}`),
      commandLine({ suite, target: suite === 'charge' ? 'reference' : 'shop', profile, seed }, report),
    ]),
    ...unjudged(errorCount, `the reference on ${profile}`),
  ]);
  return [...ofMutants, ...ofReference];
}

function exposureFindings(
  { id, suite }: ReportedMutant,
  exposure: ReportedExposure,
  report: KillReport,
): readonly Line[] {
  const { profile, invariant, survivedSeeds, exceedingSeed, undercuttingSeed, story, minimum } = exposure;
  const where = `${id} on ${profile}: ${invariant}`;
  const again = (seed: number): Line => commandLine({ suite, target: `mutant:${id}`, profile, seed }, report);
  const least = stepsOf(minimum);
  const lines = survivedSeeds.flatMap((seed) => [
    finding('survived', 'bad', `${where} held in ${plural(report.runs[suite], 'case')}`),
    again(seed),
  ]);
  if (exceedingSeed !== null && story !== null) {
    const steps = plural(stepsOf(story), 'step');
    lines.push(
      finding('longer', 'doubt', `${where} in ${steps} where ${least} would do`),
      again(exceedingSeed),
    );
  }
  if (undercuttingSeed !== null) {
    const said = `${where} in fewer than the ${plural(least, 'step')} that were thought to be needed`;
    lines.push(finding('shorter', 'doubt', said), again(undercuttingSeed));
  }
  return [...lines, ...unjudged(exposure.errorCount, `${id} on ${profile}`)];
}

function unjudged(count: number, of: string): readonly Line[] {
  return count === 0 ? [] : [finding('not judged', 'doubt', `${plural(count, 'case')} of ${of}`)];
}

function finding(what: string, tone: Span['tone'], words: string): Line {
  return line(toned(tone, `  ${what.padEnd(12)}${words}`));
}

function commandLine(
  {
    suite,
    ...flags
  }: { readonly suite: SuiteName; readonly target: string } & Pick<Trial, 'seed'> &
    Pick<ReportedExposure, 'profile'>,
  { runs }: KillReport,
): Line {
  const { target, profile, seed } = flags;
  const words = `npx paystorm run --suite ${suite} --target ${target} --profile ${profile} --seed ${seed} --runs ${runs[suite]}`;
  return line(' '.repeat(14), toned('name', words));
}
