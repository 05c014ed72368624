// What a campaign came to, on a terminal: one headline, one line of figures, what held and what is in doubt.

import type { ReportedError, ReportedUnderjudged, ReportedViolation, RunReport } from './run-report.ts';
import { type Line, line, printable, type Span, toned, wrap, wrapItems } from './text.ts';
import { countWords, plural } from './words.ts';

const separator = ' · ';

/** The facts that repeat a run, in one line; shown before it begins. */
export function headline(
  report: Pick<RunReport, 'version' | 'seed' | 'suite' | 'tier' | 'target' | 'profile' | 'shard'>,
): Line {
  const facts = [
    `seed ${report.seed}`,
    `suite ${report.suite}`,
    `tier ${report.tier}`,
    `target ${report.target}`,
    `profile ${report.profile}`,
  ];
  if (report.shard !== null) facts.push(`shard ${report.shard}`);
  return line(
    toned('strong', `paystorm ${report.version}`),
    toned('plain', separator + facts.join(separator)),
  );
}

/** The headline of a story: what broke, and how small the case became. */
export function storyHeadline(violation: ReportedViolation): Line {
  const { invariant, name, requests, faults, preemptions } = violation;
  const parts = [plural(requests, 'request'), plural(faults, 'fault')];
  if (preemptions > 0) parts.push(plural(preemptions, 'delay'));
  const size = `${shrinkWords(violation)}(${parts.join(', ')})`;
  return line(toned('bad', `✗ ${invariant} ${name}`), toned('faint', `   ${size}`));
}

function shrinkWords({
  before,
  requests,
  faults,
  preemptions,
  shrinkMs,
  shrunkToEnd,
}: ReportedViolation): string {
  const from = before.requests + before.faults + before.preemptions;
  const to = requests + faults + preemptions;
  if (shrinkMs === 0) return 'as it was found ';
  if (from === to && shrunkToEnd) return `${plural(to, 'step')}, as small as it gets `;
  return `shrunk ${from} → ${plural(to, 'step')} in ${secondsWords(shrinkMs)}${shrunkToEnd ? '' : ', not to the end'} `;
}

/** The summary after a run. `verbose` adds counts by invariant and by mark. */
export function summary(
  report: RunReport,
  options: { readonly columns: number; readonly verbose: boolean },
): readonly Line[] {
  const columns = Math.min(options.columns, 120);
  return [
    figures(report),
    ...heldLines(report, columns),
    ...doubts(report, columns),
    ...reproducedLines(report),
    determinismLine(report),
    ...(options.verbose ? details(report) : []),
    ...verdictLines(report),
  ];
}

function figures(report: RunReport): Line {
  const { runs, elapsedMs, runsPerSecond, violations, requiredMarks, unreachedMarks } = report;
  const reached = requiredMarks.length - unreachedMarks.length;
  const broken = toned(violations.length > 0 ? 'bad' : 'good', plural(violations.length, 'violation'));
  const marks = toned(
    unreachedMarks.length > 0 ? 'doubt' : 'plain',
    `${reached}/${requiredMarks.length} marks reached`,
  );
  return line(
    `  ${countWords(runs)} ${runs === 1 ? 'history' : 'histories'}${separator}${secondsWords(elapsedMs)}${separator}`,
    `${countWords(runsPerSecond)}/s${separator}`,
    broken,
    separator,
    marks,
  );
}

function heldLines(report: RunReport, columns: number): readonly Line[] {
  const held = report.held.map((id) => `${id} ${countWords(report.judged[id] ?? 0)}`);
  return listed('held', held, { columns, tone: 'good' });
}

function doubts(report: RunReport, columns: number): readonly Line[] {
  const notPromised = Object.entries(report.notPromised).filter(([, count]) => count > 0);
  return [
    ...listed('rarely judged', report.underjudged.map(judgedWords), { columns, tone: 'doubt' }),
    ...listed('not asked for', report.undeclared, { columns, tone: 'faint' }),
    ...listed(
      'not promised',
      notPromised.map(([id, count]) => `${id} ${countWords(count)}`),
      { columns, tone: 'doubt' },
    ),
    ...listed('unreached', report.unreachedMarks, { columns, tone: 'doubt' }),
    ...report.errors.slice(0, 3).flatMap((error) => errorLines(error, columns)),
    ...(report.errorCount > 3
      ? [line(toned('bad', `${label('')}… and ${countWords(report.errorCount - 3)} more`))]
      : []),
  ];
}

function judgedWords({ invariant, judged, needed }: ReportedUnderjudged): string {
  return `${invariant} ${countWords(judged)} of ${countWords(needed)}`;
}

function errorLines({ index, during, message, case: path }: ReportedError, columns: number): readonly Line[] {
  const doing = during === 'run' ? '' : ` (${during})`;
  const where = path === null ? '' : ` (npx paystorm replay ${path})`;
  const text = wrap(
    `case ${index}${doing}: ${printable(message.replaceAll(/\s+/g, ' '), 400)}${where}`,
    columns - label('').length,
  );
  return text.map((words, row) => line(toned('bad', label(row === 0 ? 'error' : '')), words));
}

/** Where no run is exact, how often what broke broke again. */
function reproducedLines({ violations }: RunReport): readonly Line[] {
  return violations.flatMap(({ invariant, name, reproduced }) => {
    if (reproduced === null) return [];
    const { times, of } = reproduced;
    const words = `${invariant} ${name} broke again in ${times}/${of} further runs of its case`;
    return [line(toned(times < of ? 'doubt' : 'bad', label('reproduced')), words)];
  });
}

function determinismLine({ determinism, mismatchCase, digest }: RunReport): Line {
  const { rechecked, mismatches } = determinism;
  const cases = plural(rechecked, 'case');
  if (rechecked === 0)
    return line(toned('faint', label('determinism')), 'not promised in this tier: nothing was run twice');
  if (mismatches === 0) {
    return line(
      toned('faint', label('determinism')),
      `${cases} run twice, all alike`,
      toned('faint', `${separator}digest ${digest}`),
    );
  }
  const where = mismatchCase === null ? '' : `, the first is ${mismatchCase}`;
  return line(
    toned('bad', label('determinism')),
    `${mismatches} of ${cases} came out differently the second time${where}`,
  );
}

function details(report: RunReport): readonly Line[] {
  const { distribution, strategies } = report;
  const counts = (record: Readonly<Record<string, number>>): readonly string[] =>
    Object.entries(record).map(([name, count]) => `${name}: ${countWords(count)}`);
  const options = { columns: 100, tone: 'faint' } as const;
  const marks = Object.entries(report.marks).map(([mark, count]) => {
    const required = report.requiredMarks.includes(mark) ? '' : '  (not required)';
    return line(`    ${mark.padEnd(34)} ${countWords(count).padStart(9)}`, toned('faint', required));
  });
  const broken = report.violations.map(({ invariant, timesBroken, runsToFailure, foundBy }) => {
    const first = `first in case ${countWords(runsToFailure)}, found by ${foundBy}`;
    return line(toned('faint', label('broken')), `${invariant} in ${plural(timesBroken, 'case')}, ${first}`);
  });
  return [
    line(
      toned('faint', label('events')),
      `${countWords(report.events)} · ${countWords(report.eventsPerSecond)}/s`,
    ),
    ...broken,
    ...listed('found by', counts(strategies), options),
    ...listed('steps', counts(distribution.steps), options),
    ...listed('retries', counts(distribution.retries), options),
    ...listed('faults', counts(distribution.faults), options),
    ...listed('fault kinds', counts(distribution.kinds), options),
    ...listed('fault sites', counts(distribution.sites), options),
    line(toned('faint', label('marks')), 'by cases that reached them'),
    ...marks,
  ];
}

function verdictLines(report: RunReport): readonly Line[] {
  if (report.interrupted)
    return [line(toned('doubt', '  interrupted: these figures cover what ran until then'))];
  if (report.violations.length > 0 || report.errorCount > 0 || report.determinism.mismatches > 0) return [];
  if (report.unreachedMarks.length + report.underjudged.length === 0) return [];
  return [
    line(toned('doubt', '  inconclusive: nothing broke, but not everything was tried; give it more --runs')),
  ];
}

function listed(
  name: string,
  items: readonly string[],
  { columns, tone }: { readonly columns: number; readonly tone: Span['tone'] },
): readonly Line[] {
  if (items.length === 0) return [];
  const lead = label(name);
  return wrapItems(items, columns - lead.length).map((words, index) =>
    line(toned(tone, index === 0 ? lead : label('')), words),
  );
}

function label(name: string): string {
  return `  ${name.padEnd(14)}`;
}

/** Wall-clock time in seconds, with a decimal below a hundred. */
function secondsWords(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${countWords(ms / 1000)} s`;
}
