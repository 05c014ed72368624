// The story of one broken invariant: what happened, where it broke, what was expected, why it can happen, and how
// to see it again.

import type { Checker } from '../checkers/checker.ts';
import type { ChargeIntent, Crossing, History } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import { type Scene, sceneOf } from './beats.ts';
import { drawLanes } from './lanes.ts';
import { type PointAt, pointerOf } from './pointers.ts';
import type { Row } from './row.ts';
import { isAsked } from './shop-words.ts';
import { rowsOf, stageOf } from './telling.ts';
import { type Line, line, printable, toned, wrap } from './text.ts';

/** What a story is told from. */
export interface StoryOf {
  readonly history: History;
  readonly checker: Pick<Checker, 'id' | 'name' | 'hint'>;
  /** The verdict's sentence and evidence. */
  readonly because: string;
  readonly crossings: readonly number[];
  /** Columns to draw in; below 80 it is drawn as for 80. */
  readonly columns: number;
}

/** Most rows that a story shows; more are folded in the middle. */
const longestStory = 40;

/** Tells the story: the lanes, the verdict's sentence and the hint, without headline and replay command. */
export function tellStory(story: StoryOf): readonly Line[] {
  const columns = Math.max(80, Math.min(story.columns, 120));
  const scene = sceneOf(story.history, evidenceOf(story));
  const all = rowsOf(scene);
  const pointed = pointedRow(all, scene, story);
  const { rows, leftOut } = fold(all, pointed?.row);
  const pointer =
    pointed === undefined ? undefined : { row: rows.indexOf(pointed.row), words: pointed.words };
  return [
    ...drawLanes(rows, { columns, pointer }),
    ...(leftOut === 0
      ? []
      : [line(toned('faint', `   (${leftOut} uneventful lines left out; the saved case has them all)`))]),
    ...sentence('', story.because, columns),
    ...sentence('why it can happen: ', story.checker.hint, columns),
  ];
}

/** What the verdict names. A leak into a log has no crossing of its own: it shows at the request that brought the text. */
function evidenceOf({ history, checker, crossings }: StoryOf): readonly number[] {
  if (checker.id !== 'S21' || crossings.length > 0) return crossings;
  const brought = history.crossings.find(
    ({ site, request }) => site === 'client.checkout' && (request as OrderIntent).note !== undefined,
  );
  return brought === undefined ? [] : [brought.id];
}

function sentence(lead: string, text: string, columns: number): readonly Line[] {
  const lines = wrap(printable(`${lead}${text}`, 600), columns - 3);
  return lines.map((words, index) => {
    const rest = index === 0 ? words.slice(lead.length) : words;
    return line(
      '   ',
      toned('faint', index === 0 ? lead : ''),
      toned(lead === '' ? 'strong' : 'plain', rest),
    );
  });
}

interface Pointed {
  readonly row: Row;
  readonly words: string;
}

/** The row at which to point: the last piece of evidence of the kind that shows this invariant best. */
function pointedRow(rows: readonly Row[], scene: Scene, { history, checker }: StoryOf): Pointed | undefined {
  const { at, words } = pointerOf(checker.id);
  const booking = at === 'booking' ? rows.findLast((row) => row.booked) : undefined;
  const evidence = history.crossings.filter(({ id }) => scene.evidence.has(id));
  const fitting = evidence.filter(({ site }) => prefixes[at].some((prefix) => site.startsWith(prefix)));
  const candidates = fitting.length > 0 ? fitting : evidence;
  for (const crossing of candidates.toReversed()) {
    const row = rowTelling(rows, crossing, at);
    if (row !== undefined)
      return { row: booking ?? row, words: words.replace('{key}', keyNear(history, crossing)) };
  }
  return undefined;
}

const prefixes = {
  booking: ['gateway.'],
  send: ['gateway.'],
  request: ['client.'],
  answer: ['client.'],
  write: ['store.'],
} as const;

function rowTelling(rows: readonly Row[], crossing: Crossing, at: PointAt): Row | undefined {
  const answered = isAsked(crossing) && at !== 'request';
  const stages = answered ? ['replied', 'applied', 'called'] : ['again', 'applied', 'called', 'replied'];
  for (const stage of stages) {
    const name = stageOf(crossing, stage);
    const row = rows.find((candidate) => candidate.stages.includes(name));
    if (row !== undefined) return row;
  }
  return undefined;
}

/** The client's key of the purchase that a crossing is about, by the payment token or the actor that they share. */
function keyNear(history: History, crossing: Crossing): string {
  const token = (crossing.request as { readonly paymentToken?: unknown } | undefined)?.paymentToken;
  const asked = history.crossings.filter(({ site }) => site === 'client.charge');
  const match =
    asked.find(({ request }) => (request as ChargeIntent).paymentToken === token) ??
    asked.find(({ actor }) => actor === crossing.actor);
  return match === undefined ? 'one purchase' : printable((match.request as ChargeIntent).key, 16);
}

/** Keeps the rows that carry weight, and the newest of the rest, within {@link longestStory}. */
function fold(
  rows: readonly Row[],
  pointed: Row | undefined,
): { readonly rows: readonly Row[]; readonly leftOut: number } {
  if (rows.length <= longestStory) return { rows, leftOut: 0 };
  const weighty = rows.filter((row) => row.weighty || row === pointed);
  const tail = Math.min(weighty.length, longestStory - 10);
  const kept = new Set<Row>(pointed === undefined ? [] : [pointed]);
  for (const row of [...weighty.slice(0, 8), ...weighty.slice(-tail)]) kept.add(row);
  for (const row of rows.toReversed()) if (kept.size < longestStory) kept.add(row);
  const shown = rows.filter((row) => kept.has(row));
  return { rows: shown, leftOut: rows.length - shown.length };
}
