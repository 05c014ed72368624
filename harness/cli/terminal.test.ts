// Convinces by writing to recorded streams: colour appears exactly where NO_COLOR, FORCE_COLOR and the kind of
// stream say, and a live line never leaves debris in front of a result.

import { describe, expect, it } from 'vitest';
import { line, toned } from '../report/text.ts';
import { type Streams, terminal, wantsColour } from './terminal.ts';

describe('colour', () => {
  const tty = { write: () => true, isTTY: true };
  const pipe = { write: () => true };

  it.each([
    { of: 'a terminal', stream: tty, env: {}, expected: true },
    { of: 'a pipe', stream: pipe, env: {}, expected: false },
    { of: 'a dumb terminal', stream: tty, env: { TERM: 'dumb' }, expected: false },
    { of: 'NO_COLOR on a terminal', stream: tty, env: { NO_COLOR: '1' }, expected: false },
    { of: 'an empty NO_COLOR', stream: tty, env: { NO_COLOR: '' }, expected: true },
    { of: 'FORCE_COLOR on a pipe', stream: pipe, env: { FORCE_COLOR: '1' }, expected: true },
    { of: 'FORCE_COLOR=0 on a terminal', stream: tty, env: { FORCE_COLOR: '0' }, expected: false },
    {
      of: 'NO_COLOR against FORCE_COLOR',
      stream: pipe,
      env: { NO_COLOR: '1', FORCE_COLOR: '1' },
      expected: false,
    },
  ])('of $of', ({ stream, env, expected }) => {
    expect(wantsColour(stream, env)).toBe(expected);
  });
});

describe('streams', () => {
  function recorded(interactive: boolean): { readonly streams: Streams; readonly written: string[] } {
    const written: string[] = [];
    const stdout = { write: (text: string) => written.push(`out ${text}`), isTTY: false };
    const stderr = { write: (text: string) => written.push(`err ${text}`), isTTY: interactive, columns: 40 };
    return { streams: { stdout, stderr, env: {} }, written };
  }

  it('keep results and complaints apart', () => {
    const { streams, written } = recorded(false);
    const output = terminal(streams);
    output.print([line('found ', toned('bad', 'it'))]);
    output.complain([line('oh')]);
    expect(written).toEqual(['out found it\n', 'err oh\n']);
  });

  it('replace the live line on a terminal and take it away before anything else', () => {
    const { streams, written } = recorded(true);
    const output = terminal(streams);
    output.live('one');
    output.live('x'.repeat(100));
    output.printText('done');
    expect(written).toEqual([
      'err \r\u001b[2Kone',
      `err \r\u001b[2K${'x'.repeat(39)}`,
      'err \r\u001b[2K',
      'out done\n',
    ]);
  });

  it('write progress as lines elsewhere', () => {
    const { streams, written } = recorded(false);
    terminal(streams).live('one');
    expect(written).toEqual(['err one\n']);
  });
});
