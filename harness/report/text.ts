// Rendering and printing are kept apart: renderers produce lines of toned spans, whose width can be measured and
// whose words can be tested; only the last step turns tones into escape codes, or leaves them out.

/** What a piece of text means; the terminal decides how that looks. */
export type Tone = 'plain' | 'faint' | 'strong' | 'bad' | 'good' | 'doubt' | 'name';

/** A piece of text in one tone. */
export interface Span {
  readonly text: string;
  readonly tone: Tone;
}

/** One line of output, without its line break. */
export type Line = readonly Span[];

/** The part of picocolors that is used here, so that tests need no terminal. */
export type Palette = Readonly<
  Record<'dim' | 'bold' | 'red' | 'green' | 'yellow' | 'cyan', (text: string) => string>
>;

/** Builds a line; bare strings are plain. */
export function line(...parts: readonly (string | Span)[]): Line {
  return parts.map((part) => (typeof part === 'string' ? { text: part, tone: 'plain' } : part));
}

/** Shorthand for a span. */
export function toned(tone: Tone, text: string): Span {
  return { text, tone };
}

/** The words of a line without any tone. */
export function plainText(value: Line): string {
  return value
    .map((span) => span.text)
    .join('')
    .trimEnd();
}

/** How many terminal columns a text takes, if every character is one column wide, as box characters are. */
export function columnsOf(text: string): number {
  return Array.from(text).length;
}

/** The line with escape codes, as `palette` makes them. */
export function paint(value: Line, palette: Palette): string {
  const painted = value.map((span) => paintSpan(span, palette)).join('');
  return painted.trimEnd();
}

/** Cuts `text` to at most `columns`, with an ellipsis where something was cut. */
export function clip(text: string, columns: number): string {
  const characters = Array.from(text);
  return characters.length <= columns ? text : `${characters.slice(0, Math.max(0, columns - 1)).join('')}…`;
}

/**
 * Text from a case or a target, made safe to print: control characters, which could rewrite the terminal, become
 * `�`, and what is longer than `columns` is cut.
 */
export function printable(text: string, columns = 24): string {
  return clip(text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�'), columns);
}

/** Breaks a sentence into lines of at most `columns`: at spaces, and inside words that are longer than a line. */
export function wrap(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(' ').flatMap((whole) => pieces(whole, columns))) {
    if (current !== '' && columnsOf(current) + 1 + columnsOf(word) > columns) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

function pieces(word: string, columns: number): readonly string[] {
  const characters = Array.from(word);
  const parts: string[] = [];
  do parts.push(characters.splice(0, columns).join(''));
  while (characters.length > 0);
  return parts;
}

/** Joins items with dots into lines of at most `columns`; an item is never broken. */
export function wrapItems(items: readonly string[], columns: number): readonly string[] {
  const lines: string[] = [];
  for (const item of items) {
    const joined = `${lines.at(-1) ?? ''} · ${item}`;
    if (lines.length > 0 && columnsOf(joined) <= columns) lines[lines.length - 1] = joined;
    else lines.push(item);
  }
  return lines;
}

function paintSpan({ text, tone }: Span, palette: Palette): string {
  switch (tone) {
    case 'faint':
      return palette.dim(text);
    case 'strong':
      return palette.bold(text);
    case 'bad':
      return palette.red(text);
    case 'good':
      return palette.green(text);
    case 'doubt':
      return palette.yellow(text);
    case 'name':
      return palette.cyan(text);
    default:
      return text;
  }
}
