// Looks for card numbers that are spread over neighbouring values of JSON, of a form, or of what a program prints.

import { type Piece, splitNumbersIn } from './split-numbers.ts';

/** One piece of a split number, and where its digits stand. */
export interface TextPiece extends Piece {
  readonly start: number;
  readonly end: number;
}

const quote = `\\\\{0,64}["']?`;
const name = `(?:\\\\{0,64}["']?[\\w$.-]{1,60}\\\\{0,64}["']?\\s*[:=]\\s*)?`;
const toNext = `(?:amp;)?\\s*${name}`;
const link = `[,&]${toNext}`;
const value = `(${quote})([0-9]{1,18})${quote}(?![0-9A-Za-z._+-])(?!\\s*:)`;
const chain = new RegExp(`(?<![0-9A-Za-z._+-])${value}(?:${link}${value}){1,4000}`, 'g');
const pieceOf = new RegExp(`(?:${link})?${value}`, 'y');

/**
 * Two values made of digits side by side that may be parts of one number. It begins with what is rare, and leaves out
 * what log lines are full of: times, process ids, fractions, and a few small numbers in a row.
 */
const small = `${quote}[0-9]{1,2}(?![0-9.])${quote}`;
const neighbours = new RegExp(
  `[,&](?<=[0-9]\\\\{0,64}["']?.)(?:${[
    `(?<=(?<![0-9.])[0-9]{4,18}.)(?<!(?<![0-9])[017][0-9]{11,17}.)${toNext}${quote}[0-9]+(?![0-9.])`,
    `(?<=(?<![0-9.])[0-9]{1,2}.)${toNext}${small}(?:[,&]${toNext}${small}){4}`,
    `(?<=["'].)${toNext}${quote}[0-9]`,
  ].join('|')})`,
);

/** Whether the text may hold a split number. Quick, and sometimes wrongly yes. */
export function mayHoldSplitNumber(text: string): boolean {
  return neighbours.test(text);
}

/** Every split card number in the text, as the pieces that it is made of. */
export function splitNumbersInText(text: string): TextPiece[][] {
  const found: TextPiece[][] = [];
  for (const { 0: whole, index } of text.matchAll(chain)) {
    const pieces = piecesOf(text, index, index + whole.length);
    for (const { from, to } of splitNumbersIn(pieces)) found.push(pieces.slice(from, to));
  }
  return found;
}

function piecesOf(text: string, from: number, to: number): TextPiece[] {
  const pieces: TextPiece[] = [];
  pieceOf.lastIndex = from;
  while (pieceOf.lastIndex < to) {
    const match = pieceOf.exec(text);
    if (match === null) break;
    const { 1: opening = '', 2: digits = '' } = match;
    const end = pieceOf.lastIndex - (match[0].length - match[0].lastIndexOf(digits) - digits.length);
    pieces.push({ digits, quoted: opening !== '', start: end - digits.length, end });
  }
  return pieces;
}
