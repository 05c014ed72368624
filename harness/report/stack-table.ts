// The stack bench on a terminal: a table for each fault profile, the best order first and unsafe ones last with what
// they break, then the recommendation, then what came of all orders.

import { shortOrderName } from '../bench/stacks/named-orders.ts';
import { orderNamed } from '../targets/orders.ts';
import type { Regression, ReportedStack, StackReport } from './stack-report.ts';
import { clip, columnsOf, type Line, line, type Span, toned, wrapItems } from './text.ts';
import { countWords, plural } from './words.ts';

/** Rows that a fault profile shows before it is summed up: with all orders there would be hundreds. */
const mostRows = { safe: 10, unsafe: 6 } as const;

interface Column {
  readonly head: string;
  readonly width: number;
  /** Columns with a higher rank are left out first where there is little room. */
  readonly rank: number;
  readonly cell: (stack: ReportedStack) => string;
}

const columns: readonly Column[] = [
  { head: 'ok/s', width: 6, rank: 0, cell: ({ goodputPerSecond }) => goodputPerSecond.toFixed(2) },
  { head: 'paid', width: 7, rank: 1, cell: ({ successRate }) => percent(successRate) },
  { head: 'at once', width: 9, rank: 7, cell: ({ firstAnswerRate }) => percent(firstAnswerRate) },
  { head: 'p50', width: 8, rank: 2, cell: ({ p50Ms }) => latency(p50Ms) },
  { head: 'p99', width: 8, rank: 0, cell: ({ p99Ms }) => latency(p99Ms) },
  { head: 'calls', width: 6, rank: 3, cell: ({ callsPerSuccess }) => callsPerSuccess?.toFixed(2) ?? '–' },
  { head: 'twice', width: 7, rank: 5, cell: ({ doubleCharges }) => countWords(doubleCharges) },
  { head: 'declines again', width: 16, rank: 6, cell: ({ declinesRetried }) => countWords(declinesRetried) },
  { head: 'by breaker', width: 12, rank: 8, cell: ({ refusedByBreaker }) => countWords(refusedByBreaker) },
  { head: 'by limiter', width: 12, rank: 8, cell: ({ refusedByLimiter }) => countWords(refusedByLimiter) },
];

/** The lines of a report, for a terminal of so many columns. */
export function stackTable(report: StackReport, terminalColumns: number): readonly Line[] {
  const width = Math.max(80, Math.min(terminalColumns, 160));
  const layout = layoutFor(report, width);
  const byProfile = Map.groupBy(report.stacks, ({ profile }) => profile);
  return [
    ...[...byProfile].flatMap(([profile, stacks]) => [
      ...profileTable({ report, profile, stacks, layout }),
      line(),
    ]),
    ...legend(report, layout.shown, width),
    line(),
    ...verdict(report, width),
  ];
}

/** Widest order in short names, and the mark before it. */
const orderWidth = 2 + 'idem>breaker>retry>limit>timeout>log'.length;

/** Room that the list of broken invariants is left where figures compete with it; what is longer is cut. */
const breaksWidth = 11;

interface Layout {
  readonly shown: readonly Column[];
  /** Columns that are left for what broke. */
  readonly breaksRoom: number;
}

function layoutFor({ orders }: StackReport, width: number): Layout {
  const longest = Math.max(0, ...orders.map(({ broken }) => columnsOf(broken.join(' '))));
  const room = width - orderWidth - (longest === 0 ? 0 : Math.min(longest, breaksWidth) + 2);
  let shown = columns;
  const taken = (): number => shown.reduce((sum, column) => sum + column.width, 0);
  while (taken() > room && shown.length > 2) {
    const last = Math.max(...shown.map(({ rank }) => rank));
    shown = shown.filter(({ rank }) => rank < last);
  }
  return { shown, breaksRoom: width - orderWidth - taken() - 2 };
}

interface ProfileTable {
  readonly report: StackReport;
  readonly profile: string;
  readonly stacks: readonly ReportedStack[];
  readonly layout: Layout;
}

function profileTable({ report, profile, stacks, layout }: ProfileTable): readonly Line[] {
  const isBest = ({ order }: ReportedStack): boolean => order === report.recommended;
  const sorted = stacks.toSorted(
    (a, b) =>
      b.goodputPerSecond - a.goodputPerSecond ||
      Number(isBest(b)) - Number(isBest(a)) ||
      (a.p99Ms ?? 0) - (b.p99Ms ?? 0),
  );
  const others = sorted.filter(({ safe }) => safe !== false);
  const unsafe = sorted.filter(({ safe }) => safe === false);
  const head = layout.shown.map((column) => column.head.padStart(column.width)).join('');
  return [
    line(toned('strong', profile.padEnd(orderWidth)), toned('faint', `${head}  breaks`)),
    ...rowsOf(others, mostRows.safe, { report, layout }),
    ...rowsOf(unsafe, mostRows.unsafe, { report, layout }),
  ];
}

/** Rows for so many orders at most; where there are more, those that do alike take one row. */
function rowsOf(
  stacks: readonly ReportedStack[],
  most: number,
  { report, layout }: Pick<ProfileTable, 'report' | 'layout'>,
): readonly Line[] {
  const groups = stacks.length <= most ? stacks.map((stack) => [stack]) : alike(stacks, report);
  // However it does on this day, the recommended order is what the reader compares with.
  const isShown = ([first]: readonly ReportedStack[], place: number): boolean =>
    place < most || first?.order === report.recommended;
  const rest = groups.filter((group, place) => !isShown(group, place)).flat();
  return [
    ...groups.filter(isShown).flatMap((group) => rowOf(group, report, layout)),
    ...(rest.length === 0 ? [] : [restOf(rest)]),
  ];
}

/** Groups of orders that have the same figures and break the same, in the order of the first of each. */
function alike(stacks: readonly ReportedStack[], report: StackReport): readonly (readonly ReportedStack[])[] {
  const groups = Map.groupBy(stacks, (stack) => {
    const { order, broken: _onThisDay, ...figures } = stack;
    return JSON.stringify([figures, brokenBy(order, report)]);
  });
  return [...groups.values()];
}

function brokenBy(order: string, { orders }: StackReport): readonly string[] {
  return orders.find((one) => one.order === order)?.broken ?? [];
}

function rowOf(
  [stack, ...others]: readonly ReportedStack[],
  report: StackReport,
  { shown, breaksRoom }: Layout,
): readonly Line[] {
  if (stack === undefined) return [];
  const isBest = stack.order === report.recommended;
  const figures = shown.map((column) => column.cell(stack).padStart(column.width)).join('');
  const name = shortened(stack.order).padEnd(orderWidth - 2);
  const more = others.length === 0 ? '' : `  ×${others.length + 1}`;
  const broken = brokenBy(stack.order, report).join(' ');
  return [
    line(
      mark(stack.safe, isBest),
      toned(stack.safe === false ? 'faint' : isBest ? 'strong' : 'plain', name + figures),
      toned('bad', broken === '' ? '' : `  ${clip(broken, Math.max(4, breaksRoom - columnsOf(more)))}`),
      toned('faint', more),
    ),
  ];
}

function mark(safe: boolean | null, isBest: boolean): Span {
  if (safe === null) return toned('doubt', '? ');
  if (!safe) return toned('bad', '✗ ');
  return toned('good', isBest ? '★ ' : '✓ ');
}

function restOf(rest: readonly ReportedStack[]): Line {
  const sold = rest.map(({ goodputPerSecond }) => goodputPerSecond);
  const span = `${Math.max(...sold).toFixed(2)} to ${Math.min(...sold).toFixed(2)} ok/s`;
  const what = rest[0]?.safe === false ? 'more unsafe' : 'more';
  return line(toned('faint', `  … ${countWords(rest.length)} ${what}, ${span}`));
}

function legend({ stacks }: StackReport, shown: readonly Column[], width: number): readonly Line[] {
  const words: readonly [string, string][] = [
    ['ok/s', 'purchases told ok for each second of the load'],
    ['paid', 'part of the purchases told ok by any answer'],
    ['at once', 'by the first answer'],
    ['p50 p99', 'latency of client requests'],
    ['calls', 'gateway calls for each purchase told ok'],
    ['twice', 'purchases charged more than once'],
    ['declines again', 'payments sent again after a decline'],
    ['by breaker, by limiter', 'calls that they refused'],
  ];
  const isShown = ([name]: readonly [string, string]): boolean =>
    shown.some(({ head }) => name.split(/, | (?=p)/).includes(head));
  const text = words.filter(isShown).map(([name, says]) => `${name}: ${says}`);
  const isMany = new Set(stacks.map(({ order }) => order)).size > mostRows.safe;
  const many = isMany ? ['×n: orders that do alike, the first of them named'] : [];
  const layers = 'outermost first: idem(potent), (circuit)breaker, (rate)limit, log(Execution)';
  return wrapItems([layers, ...text, ...many], width - 2).map((part) => line(toned('faint', `  ${part}`)));
}

function verdict(report: StackReport, width: number): readonly Line[] {
  return [
    ...recommendation(report),
    ...triedLines(report),
    ...disagreementLines(report, width),
    ...regressionLines(report),
    ...(report.errorCount > 0
      ? [
          line(
            toned('bad', `  not judged   `),
            `${plural(report.errorCount, 'case')}, the first said: ${clip(report.firstError ?? '', width - 50)}`,
          ),
        ]
      : []),
    ...(report.interrupted
      ? [line(toned('doubt', '  interrupted: these figures cover what was measured until then'))]
      : []),
  ];
}

function recommendation({ recommended, documented, orders }: StackReport): readonly Line[] {
  const safe = orders.filter((order) => order.safe === true).length;
  if (recommended === null) {
    const why = safe === 0 ? 'none of these orders is safe' : 'nothing was measured';
    return [line(toned('strong', '  recommended  '), toned('doubt', why))];
  }
  const among = safe === 1 ? 'the only safe one' : `best of ${countWords(safe)}`;
  const agrees = recommended === documented ? ', as documented' : '';
  const lines = [
    line(
      toned('strong', '  recommended  '),
      toned('good', shortened(recommended)),
      toned('faint', `  ${among}${agrees}`),
    ),
  ];
  const other = orders.find(({ order }) => order === documented);
  if (recommended !== documented && typeof other?.score === 'number') {
    const best = orders.find(({ order }) => order === recommended)?.score ?? 1;
    const gap = `${(((best - other.score) / best) * 100).toFixed(1)} % less goodput`;
    lines.push(line(toned('doubt', `  documented   ${shortened(documented)}`), toned('faint', `  ${gap}`)));
  }
  return lines;
}

function triedLines({ tried, agrees, elapsedMs }: StackReport): readonly Line[] {
  if (tried === null) return [];
  const says = agrees === true ? toned('good', 'checkStack agrees') : toned('bad', 'checkStack disagrees');
  const facts = `${countWords(tried.safe)} of ${countWords(tried.orders)} safe`;
  const cases = `${plural(tried.cases, 'case')} · ${(elapsedMs / 1000).toFixed(1)} s`;
  return [line(toned('strong', '  all orders   '), `${facts} · `, says, toned('faint', ` · ${cases}`))];
}

/** So many orders on which the two disagree are named. */
const mostNamed = 5;

function disagreementLines({ disagreements }: StackReport, width: number): readonly Line[] {
  const named = disagreements.slice(0, mostNamed).map(({ order, broken, warnings }) => {
    const storm = broken.length === 0 ? 'survived' : `broke ${broken.join(' ')}`;
    const check = warnings.length === 0 ? 'no warning' : `warned of ${warnings.join(', ')}`;
    return line(toned('bad', '  disagree     '), clip(`${shortened(order)}  ${storm}, ${check}`, width - 15));
  });
  const more = disagreements.length - named.length;
  return more > 0 ? [...named, line(toned('faint', `               … and ${countWords(more)} more`))] : named;
}

function regressionLines({ regressions }: StackReport): readonly Line[] {
  if (regressions === null) return [];
  if (regressions.length === 0)
    return [line(toned('strong', '  baseline     '), toned('good', 'nothing got worse'))];
  return regressions.map((regression) => line(toned('bad', '  got worse    '), regressionWords(regression)));
}

function regressionWords({ order, profile, figure, was, is, percent: worse }: Regression): string {
  const [before, now] =
    figure === 'p99Ms' ? [latency(was), latency(is)] : [`${was.toFixed(2)} ok/s`, `${is.toFixed(2)} ok/s`];
  const what = figure === 'p99Ms' ? 'p99 ' : '';
  return `${profile} ${shortened(order)}  ${what}${before} → ${now} (${worse} % worse)`;
}

function shortened(order: string): string {
  const known = orderNamed(order);
  return known === undefined ? order : shortOrderName(known);
}

function percent(part: number): string {
  return `${(part * 100).toFixed(1)} %`;
}

/** Three digits are what a quantile of some hundred requests is worth. */
function latency(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return `${(ms / 1_000).toFixed(ms < 9_950 ? 2 : 1)} s`;
}
