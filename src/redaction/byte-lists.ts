// A Buffer is written as JSON in the form of a list of its bytes, and a typed array as an object of them. Whoever reads
// the log makes them text again.

import type { Reading } from './reading.ts';

const element = /(?:\\{0,64}"[0-9]{1,9}\\{0,64}":)?([0-9]{1,3})([,\]}])/g;

/** Whether the text may hold bytes as JSON. Quick, and sometimes wrongly yes. */
export function mayHoldBytes(text: string): boolean {
  return text.includes('Buffer') || text.includes('"0');
}

/** Every byte that stands in a list of them, as a character. */
export function readingOfBytes(text: string): Reading {
  const starts: number[] = [];
  const ends: number[] = [];
  let characters = '';
  let last = -1;
  for (const { 0: whole, 1: byte = '', index } of text.matchAll(element)) {
    const end = index + whole.length - 1;
    // A list ends where the next element does not follow at once.
    if (index !== last + 1) append('|', index, index);
    append(String.fromCharCode(Number(byte)), end - byte.length, end);
    last = end;
  }
  return {
    text: characters,
    sourceOf: (at) => starts[at] ?? text.length,
    sourceEnd: (at) => ends[at - 1] ?? text.length,
  };

  function append(character: string, start: number, end: number): void {
    characters += character;
    starts.push(start);
    ends.push(end);
  }
}
