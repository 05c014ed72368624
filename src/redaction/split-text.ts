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
  `[,&](?:${[
    `(?<=(?<![0-9.])[0-9]{4,18}.)(?<!(?<![0-9])[017][0-9]{11,17}.)${toNext}${quote}[0-9]+(?![0-9.])`,
    `(?<=(?<![0-9.])[0-9]{1,2}.)${toNext}${small}(?:[,&]${toNext}${small}){4}`,
    `(?<=(?<![0-9A-Za-z._+-])[0-9]{1,18}\\\\{0,64}["'].)${toNext}${value}`,
  ].join('|')})`,
  'y',
);

/** Whether the text may hold a split number. Quick, and sometimes wrongly yes. */
export function mayHoldSplitNumber(text: string): boolean {
  return mayBeCutAt(text, ',') || mayBeCutAt(text, '&');
}

/** Whether `mark` parts two such values. Most marks do not stand between digits, and the pattern is slow to find that out. */
function mayBeCutAt(text: string, mark: ',' | '&'): boolean {
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    const last = lastBefore(text, at);
    const length = isDigit(text, last) ? lengthOfPiece(text, last, last < at - 1) : 0;
    if (length === 0) continue;
    const first = firstBehind(text, at);
    if (!isDigit(text, first)) continue;
    // A bare number of two digits counts among numbers as small only.
    if (length <= 2 && last === at - 1 && isDigit(text, first + 1) && isDigit(text, first + 2)) continue;
    neighbours.lastIndex = at;
    if (neighbours.test(text)) return true;
  }
  return false;
}

const longestPiece = 18;

/** How many digits the value has that ends with `last`; 0 for one that cannot be a piece, or is left out by itself. */
function lengthOfPiece(text: string, last: number, quoted: boolean): number {
  let length = 1;
  while (length <= longestPiece && isDigit(text, last - length)) length += 1;
  const before = text.charCodeAt(last - length);
  if (length > longestPiece || before === point) return 0;
  if (quoted) return kindOf(before) === ofName ? 0 : length;
  return length === 3 || (length >= 12 && isOfTime(text.charCodeAt(last - length + 1))) ? 0 : length;
}

/** Where the last character of the value before `at` stands, its closing quote aside. */
function lastBefore(text: string, at: number): number {
  let last = at - 1;
  if (isQuote(text.charCodeAt(last))) last -= 1;
  while (text.charCodeAt(last) === backslash) last -= 1;
  return last;
}

/** Where the first character of the value behind `at` can stand: at once, or behind a name. */
function firstBehind(text: string, at: number): number {
  const first = opened(
    text,
    text.charCodeAt(at + 4) === semicolon && text.startsWith('amp;', at + 1) ? at + 5 : at + 1,
  );
  let next = first;
  while (kindOf(text.charCodeAt(next)) === ofName) next += 1;
  next = opened(text, next);
  const unit = text.charCodeAt(next);
  return unit === 0x3a || unit === 0x3d ? opened(text, next + 1) : first;
}

/** Skips quotes, what escapes them, and space; of characters beyond ASCII all, for some are space. */
function opened(text: string, from: number): number {
  let at = from;
  while (kindOf(text.charCodeAt(at)) === opening) at += 1;
  return at;
}

const backslash = 0x5c;
const point = 0x2e;
const semicolon = 0x3b;

const ofName = 1;
const opening = 2;
/** Of every code unit in ASCII, whether it may be part of a name, stands before one or before a value, or does neither. */
const kinds = new Uint8Array(128);
for (let unit = 0; unit < kinds.length; unit += 1)
  kinds[unit] = /[\w$.-]/.test(String.fromCharCode(unit)) ? ofName : unit <= 0x20 ? opening : 0;
for (const unit of '"\'\\') kinds[unit.charCodeAt(0)] = opening;

/** Neither, behind the end of the text, where the unit is NaN. */
function kindOf(unit: number): number {
  return unit > 0x7f ? opening : (kinds[unit] ?? 0);
}

/** Times of 12 digits and more begin with one of 0, 1, and 7. */
function isOfTime(unit: number): boolean {
  return unit === 0x30 || unit === 0x31 || unit === 0x37;
}

function isDigit(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  return unit >= 0x30 && unit <= 0x39;
}

function isQuote(unit: number): boolean {
  return unit === 0x22 || unit === 0x27;
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
