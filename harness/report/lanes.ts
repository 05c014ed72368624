// Draws rows as three lanes, client, service and gateway, in the columns that a terminal has.

import { type Arrow, isArrow, type Note, type Row } from './row.ts';
import { clip, columnsOf, type Line, line, type Span, toned } from './text.ts';
import { durationWords } from './words.ts';

/** How to draw. */
export interface Drawing {
  /** Columns of the terminal. */
  readonly columns: number;
  /** Index of the row to point at, and what to say there. */
  readonly pointer?: { readonly row: number; readonly words: string } | undefined;
}

interface Widths {
  readonly time: number;
  readonly client: number;
  readonly service: number;
  readonly gateway: number;
}

const numberColumns = 3;
const shortestClient = 15;
const shortestService = 20;

/** Draws `rows` under a header; numbered, with virtual times where a story lasts long enough for them to matter. */
export function drawLanes(rows: readonly Row[], drawing: Drawing): readonly Line[] {
  const widths = widthsOf(rows, drawing.columns);
  const lines = [header(widths)];
  rows.forEach((row, index) => {
    const sinceMs = rows[index - 1]?.atMs;
    lines.push(
      ...drawRow(row, {
        widths,
        drawing,
        index,
        showTime: sinceMs === undefined || durationWords(sinceMs) !== durationWords(row.atMs),
      }),
    );
  });
  return lines;
}

function widthsOf(rows: readonly Row[], columns: number): Widths {
  const lastMs = rows.at(-1)?.atMs ?? 0;
  const firstMs = rows[0]?.atMs ?? 0;
  const actors = new Set(rows.map((row) => row.actor));
  const times = lastMs - firstMs >= 1000 || actors.size > 2;
  const time = times ? Math.max(...rows.map((row) => columnsOf(durationWords(row.atMs)))) + 1 : 0;
  const gateway = Math.min(28, Math.max(8, ...rows.map((row) => columnsOf(row.gateway))));
  const room = columns - numberColumns - time - 3 - gateway - 1;
  const client = Math.max(shortestClient, ...rows.map((row) => needed(row.client)));
  const service = Math.max(shortestService, ...rows.map((row) => needed(row.service)));
  // When both lanes cannot have what they need, the client's gives way first, but not below its fair share.
  const fairClient = Math.min(client, Math.floor(room * 0.45));
  const clientShare = Math.max(shortestClient, fairClient, Math.min(client, room - service));
  return {
    time,
    client: clientShare,
    service: Math.max(shortestService, Math.min(service, room - clientShare)),
    gateway,
  };
}

function needed(part: Arrow | Note | undefined): number {
  if (part === undefined) return 0;
  if (!isArrow(part)) return columnsOf(noteText(part)) + 2;
  const fault = part.fault === undefined ? 0 : columnsOf(part.fault) + 3;
  return columnsOf(part.label) + fault + 6;
}

function noteText({ text, times }: Note): string {
  return times === undefined ? text : `${text} ×${times}`;
}

function header({ time, client, service }: Widths): Line {
  const lead = ' '.repeat(numberColumns + time);
  return line(toned('faint', `${lead}${'client'.padEnd(client + 1)}${'service'.padEnd(service + 1)}gateway`));
}

interface Placing {
  readonly widths: Widths;
  readonly drawing: Drawing;
  readonly index: number;
  readonly showTime: boolean;
}

function drawRow(row: Row, { widths, drawing, index, showTime }: Placing): readonly Line[] {
  const { client, service } = row;
  const number = toned('faint', `${String(index + 1).padStart(numberColumns - 1)} `);
  const timeText = showTime && widths.time > 0 ? `${durationWords(row.atMs).padStart(widths.time - 1)} ` : '';
  const time = toned('faint', timeText.padEnd(widths.time));
  const spans: Span[] = [
    number,
    time,
    toned('faint', client?.way === 'there' ? '├' : '│'),
    ...drawPart(client, widths.client),
    toned('faint', serviceLine(row)),
    ...drawPart(service, widths.service),
    toned('faint', isArrow(service) && service.way === 'back' ? '┤' : '│'),
    toned(
      row.gateway.startsWith('captured') ? 'strong' : 'plain',
      row.gateway === '' ? '' : ` ${row.gateway}`,
    ),
  ];
  const { pointer } = drawing;
  if (pointer?.row !== index) return [spans];
  return point(spans, { words: pointer.words, columns: drawing.columns, widths });
}

/** The pointer stands beside the row, or below it when the row is too long for that. */
function point(
  spans: readonly Span[],
  { words, columns, widths }: { readonly words: string; readonly columns: number; readonly widths: Widths },
): readonly Line[] {
  const mark = toned('bad', `◀ ${words}`);
  const used = spans.reduce((sum, span) => sum + columnsOf(span.text), 0);
  if (used + 3 + columnsOf(mark.text) <= columns) return [[...spans, toned('plain', '   '), mark]];
  const lead = ' '.repeat(numberColumns + widths.time);
  const rails = `${lead}│${' '.repeat(widths.client)}│${' '.repeat(widths.service)}│ `;
  const room = Math.max(0, columns - columnsOf(mark.text));
  return [spans, [toned('faint', rails.slice(0, room)), mark]];
}

function serviceLine({ client, service }: Row): string {
  const leaves = isArrow(service) && service.way === 'there' && service.continued !== true;
  const answers = client?.way === 'back';
  if (leaves && answers) return '┼';
  if (leaves) return '├';
  return answers ? '┤' : '│';
}

function drawPart(part: Arrow | Note | undefined, width: number): readonly Span[] {
  if (part === undefined) return [toned('plain', ' '.repeat(width))];
  if (!isArrow(part))
    return [toned(part.bad ? 'bad' : 'plain', ` ${clip(noteText(part), width - 1)}`.padEnd(width))];
  return part.way === 'there' ? drawThere(part, width) : drawBack(part, width);
}

function drawThere({ end, label, fault, continued }: Arrow, width: number): readonly Span[] {
  if (continued === true) {
    const text = clip(label, width - 6);
    return [toned('faint', `┄ ${text} ${'┄'.repeat(width - columnsOf(text) - 4)}▶`)];
  }
  const missed = end === 'lost' ? '✗' : '';
  const mark = fault === undefined ? missed : `✗ ${clip(fault, width - 10)} `;
  const words = clip(label, Math.max(4, width - columnsOf(mark) - 4));
  const rest = Math.max(0, width - columnsOf(words) - columnsOf(mark) - 3);
  if (end === 'lost') {
    const shaft = '─'.repeat(Math.min(rest, 3));
    return [
      toned('faint', '─ '),
      toned('plain', `${words} `),
      toned('faint', shaft),
      toned('bad', mark.padEnd(width - columnsOf(words) - 3 - shaft.length)),
    ];
  }
  const shaft = end === 'leaves' ? '┄'.repeat(rest) : `${'─'.repeat(Math.max(0, rest - 1))}▶`;
  return [toned('faint', '─ '), toned('plain', `${words} `), toned('bad', mark), toned('faint', shaft)];
}

function drawBack({ end, label, fault }: Arrow, width: number): readonly Span[] {
  const mark = fault === undefined ? '' : `${label === '' ? '' : ' '}${clip(fault, width - 6)} ✗`;
  const words = clip(label, Math.max(0, width - columnsOf(mark) - 5));
  const tail = mark === '' ? ' ─' : '─';
  const rest = Math.max(0, width - columnsOf(words) - columnsOf(mark) - 1 - tail.length);
  const shaft = end === 'lost' ? ' '.repeat(rest) : `◀${'─'.repeat(Math.max(0, rest - 1))}`;
  return [toned('faint', `${shaft} `), toned('plain', words), toned('bad', mark), toned('faint', tail)];
}
