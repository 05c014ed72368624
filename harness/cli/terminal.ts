// The two streams of a command: results go to stdout, progress and complaints to stderr.

import colors from 'picocolors';
import { type Line, type Palette, paint } from '../report/text.ts';

/** Where a command writes. */
export interface Terminal {
  /** Writes lines to stdout. */
  print(lines: readonly Line[]): void;
  /** Writes one line of text to stdout as it is; for JSON. */
  printText(text: string): void;
  /** Writes lines to stderr. */
  complain(lines: readonly Line[]): void;
  /** Shows one line on stderr that the next one replaces; on anything but a terminal each is a line of its own. */
  live(text: string): void;
  /** Takes the live line away, so that something else can be written. */
  settle(): void;
  /** Columns of the terminal that stdout goes to, or a hundred. */
  readonly columns: number;
  /** Whether stderr is a terminal. */
  readonly interactive: boolean;
}

/** What a terminal is built on; the process, or a stand-in. */
export interface Streams {
  readonly stdout: Stream;
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** Columns to draw in when stdout is not a terminal. */
const defaultColumns = 100;

/** Builds a terminal over two streams. */
export function terminal({ stdout, stderr, env }: Streams): Terminal {
  const outPalette: Palette = colors.createColors(wantsColour(stdout, env));
  const errPalette: Palette = colors.createColors(wantsColour(stderr, env));
  const interactive = stderr.isTTY === true;
  let liveShown = false;
  const settle = (): void => {
    if (liveShown) stderr.write('\r\u001b[2K');
    liveShown = false;
  };
  return {
    columns: stdout.columns ?? defaultColumns,
    interactive,
    settle,
    print(lines) {
      settle();
      for (const line of lines) stdout.write(`${paint(line, outPalette)}\n`);
    },
    printText(text) {
      settle();
      stdout.write(`${text}\n`);
    },
    complain(lines) {
      settle();
      for (const line of lines) stderr.write(`${paint(line, errPalette)}\n`);
    },
    live(text) {
      if (!interactive) stderr.write(`${text}\n`);
      else stderr.write(`\r\u001b[2K${text.slice(0, (stderr.columns ?? defaultColumns) - 1)}`);
      liveShown = interactive;
    },
  };
}

/** Whether a stream is written in colour: NO_COLOR (no-color.org) and FORCE_COLOR first, else on terminals only. */
export function wantsColour(stream: Stream, env: Streams['env']): boolean {
  const { NO_COLOR: never, FORCE_COLOR: force, TERM: term } = env;
  if (never !== undefined && never !== '') return false;
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return stream.isTTY === true && term !== 'dumb';
}
