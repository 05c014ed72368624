// What a campaign came to, on a terminal: one headline, one line of figures, what held and what is in doubt.

import type { ReportedViolation, RunReport } from './run-report.ts';
import { type Line, line, printable, type Span, toned, wrap, wrapItems } from './text.ts';
import { countWords, plural } from './words.ts';

const separator = ' · ';

/** The facts that repeat a run, in one line; shown before it begins. */
export function headline(
  report: Pick<RunReport, 'version' | 'seed' | 'tier' | 'target' | 'profile' | 'shard'>,
): Line {
  const facts = [
    `seed ${report.seed}`,
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
  const { invariant, name, before, requests, faults, shrinkMs } = violation;
  const size = `${plural(requests, 'request')}, ${plural(faults, 'fault')}`;
  const shrunk =
    shrinkMs > 0
      ? `shrunk ${before.requests + before.faults} → ${requests + faults} steps in ${secondsWords(shrinkMs)} (${size})`
      : size;
  return line(toned('bad', `✗ ${invariant} ${name}`), toned('faint', `   ${shrunk}`));
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
    ...listed('not judged', report.unjudged, { columns, tone: 'doubt' }),
    ...listed(
      'not promised',
      notPromised.map(([id, count]) => `${id} ${countWords(count)}`),
      { columns, tone: 'doubt' },
    ),
    ...listed('unreached', report.unreachedMarks, { columns, tone: 'doubt' }),
    ...report.errors.slice(0, 3).flatMap(({ index, message }) =>
      listed('error', wrap(`case ${index}: ${printable(message, 400)}`, columns - 18), {
        columns,
        tone: 'bad',
      }),
    ),
    ...(report.errors.length > 3
      ? [line(toned('bad', `${label('')}… and ${report.errors.length - 3} more errors`))]
      : []),
  ];
}

function determinismLine({ determinism, digest }: RunReport): Line {
  const { rechecked, mismatches } = determinism;
  const found: Span =
    mismatches === 0
      ? toned('plain', `${plural(rechecked, 'case')} run twice, all alike`)
      : toned(
          'bad',
          `${mismatches} of ${plural(rechecked, 'case')} differed when run again: the target or the harness is not deterministic`,
        );
  return line(toned('faint', label('determinism')), found, toned('faint', `${separator}digest ${digest}`));
}

function details(report: RunReport): readonly Line[] {
  const rows = Object.entries(report.marks).map(([mark, count]) => {
    const required = report.requiredMarks.includes(mark) ? '' : '  (not required)';
    return line(`    ${mark.padEnd(34)} ${countWords(count).padStart(9)}`, toned('faint', required));
  });
  const violations = report.violations.map(({ invariant, timesBroken, runsToFailure, foundBy }) =>
    line(
      `    ${invariant} broke in ${plural(timesBroken, 'case')}, first in case ${countWords(runsToFailure)}, found by ${foundBy}`,
    ),
  );
  return [
    line(toned('faint', `  ${countWords(report.events)} events · ${countWords(report.eventsPerSecond)}/s`)),
    ...violations,
    line(toned('faint', '  marks, by cases that reached them')),
    ...rows,
  ];
}

function verdictLines(report: RunReport): readonly Line[] {
  if (report.interrupted)
    return [line(toned('doubt', '  interrupted: these figures cover what ran until then'))];
  if (report.violations.length > 0 || report.errors.length > 0 || report.determinism.mismatches > 0)
    return [];
  if (report.unreachedMarks.length + report.unjudged.length === 0) return [];
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
export function secondsWords(ms: number): string {
  return ms < 100_000 ? `${(ms / 1000).toFixed(1)} s` : `${countWords(ms / 1000)} s`;
}
