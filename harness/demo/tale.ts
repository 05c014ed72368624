// A walkthrough as it is read in a terminal, and as a program reads it.

import { clip, columnsOf, type Line, line, toned, wrap } from '../report/text.ts';
import { durationWords, plural } from '../report/words.ts';
import type { TaleLine } from './narration.ts';
import type { Played } from './play.ts';
import { type Check, isMet } from './walkthrough.ts';

const dayMs = 86_400_000;
const widestWho = 24;

/** Title, what happened line by line, and what was looked for; in at most `columns`. */
export function taleOf(played: Played, columns: number): readonly Line[] {
  const { walkthrough, tale, checks, judged, broken, passed } = played;
  const times = Math.max(...tale.map(({ atMs }) => columnsOf(timeWords(atMs))), 0);
  const whos = Math.min(widestWho, Math.max(...tale.map(({ who }) => columnsOf(who)), 0));
  const title = wrap(walkthrough.title, columns - 5);
  return [
    ...title.map((words, index) =>
      line(
        index > 0 ? '  ' : toned(passed ? 'good' : 'bad', passed ? '✓ ' : '✗ '),
        toned('strong', `${index > 0 ? ' ' : walkthrough.id}  ${words}`),
      ),
    ),
    ...tale.flatMap((told) => taleLines(told, { times, whos, columns })),
    ...checks.flatMap((check) => checkLines(check, columns)),
    broken.length === 0
      ? line('     ', toned('good', '✓ '), `${plural(judged, 'invariant')} judged, none broken`)
      : line('     ', toned('bad', '✗ '), `broken: ${broken.join(', ')}`),
    line(),
  ];
}

interface Layout {
  readonly times: number;
  readonly whos: number;
  readonly columns: number;
}

function taleLines({ atMs, who, what, wrong }: TaleLine, { times, whos, columns }: Layout): readonly Line[] {
  const lead = 5 + times + 2 + whos + 2;
  const room = Math.max(20, columns - lead);
  const words = wrap(wrong === '' ? what : `${what} ✗ ${wrong}`, room);
  return words.map((text, index) => {
    const first = index === 0;
    const head = first ? `${timeWords(atMs).padStart(times)}  ` : ' '.repeat(times + 2);
    const name = (first ? clip(who, whos) : '').padEnd(whos + 2);
    return line(
      '     ',
      toned('faint', head),
      toned('name', name),
      toned(wrong === '' ? 'plain' : 'bad', text),
    );
  });
}

function checkLines(check: Check, columns: number): readonly Line[] {
  const met = isMet(check);
  const { about, expected, found } = check;
  const text = met ? `${about}: ${found}` : `${about}: expected ${expected}; got ${found}`;
  return wrap(text, columns - 7).map((words, index) =>
    line('     ', toned(met ? 'good' : 'bad', index > 0 ? '  ' : met ? '✓ ' : '✗ '), words),
  );
}

/** Days are counted, what remains of the last one is told as a duration. */
function timeWords(atMs: number): string {
  const days = Math.floor(atMs / dayMs);
  return days === 0 ? durationWords(atMs) : `day ${days + 1}, ${durationWords(atMs % dayMs)}`;
}

/** A walkthrough in `demo --json`. */
export function taleReport({
  walkthrough,
  tale,
  checks,
  judged,
  broken,
  historyHash,
  passed,
}: Played): unknown {
  const { id, name, title } = walkthrough;
  return {
    id,
    name,
    title,
    passed,
    checks: checks.map((check) => ({ ...check, met: isMet(check) })),
    invariants: { judged, broken },
    historyHash,
    tale,
  };
}
