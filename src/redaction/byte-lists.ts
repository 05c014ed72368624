// A Buffer is written as JSON in the form of a list of its bytes, and a typed array as an object of them. Whoever reads
// the log makes them text again.

import type { Reading } from './reading.ts';

const element = /(?:\\{0,64}"[0-9]{1,9}\\{0,64}":)?([0-9]{1,3})([,\]}])/g;

/** Whether the text may hold bytes as JSON. Quick, and sometimes wrongly yes. */
export function mayHoldBytes(text: string): boolean {
  return text.includes('Buffer') || text.includes('{"0') || (text.includes('\\') && text.includes('\\"0'));
}

/** All bytes that stand in lists, as the text that they are in UTF-8, or as a character each where they are none. */
export function readingOfBytes(text: string): Reading {
  const bytes: Byte[] = [];
  let last = -1;
  for (const { 0: whole, 1: digits = '', index } of text.matchAll(element)) {
    const end = index + whole.length - 1;
    // A list ends where the next element does not follow at once.
    if (index !== last + 1) bytes.push({ value: 0x7c, start: index, end: index });
    bytes.push({ value: Number(digits) & 0xff, start: end - digits.length, end });
    last = end;
  }
  const { text: characters, spans } = charactersOf(bytes);
  return {
    text: characters,
    sourceOf: (at) => spans[at]?.start ?? text.length,
    sourceEnd: (at) => spans[at - 1]?.end ?? text.length,
  };
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface Byte extends Span {
  readonly value: number;
}

/** The characters, and for each of their code units where its bytes stand. */
function charactersOf(bytes: readonly Byte[]): { readonly text: string; readonly spans: readonly Span[] } {
  const spans: Span[] = [];
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]?.value ?? 0);
    const sequence = bytes.slice(at, at + length);
    const character = Buffer.from(sequence.map(({ value }) => value)).toString('utf8');
    const whole = sequence.length === length && !character.includes('\ufffd');
    const taken = whole ? sequence : sequence.slice(0, 1);
    const spelled = whole ? character : String.fromCharCode(taken[0]?.value ?? 0);
    const span = { start: taken[0]?.start ?? 0, end: taken.at(-1)?.end ?? 0 };
    text += spelled;
    for (let unit = 0; unit < spelled.length; unit += 1) spans.push(span);
    at += taken.length;
  }
  return { text, spans };
}

/** How many bytes the character has that begins with this one (RFC 3629, 3). */
function sequenceLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
