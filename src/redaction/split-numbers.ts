// A card number may be spread over neighbours: `{ first: '41111111', last: '11111111' }`, `['4111', '1111', …]`. Whoever
// reads the record reads the number. Neighbouring numbers that have nothing to do with each other are far more common
// (`"level":30,"time":1732182300000`), so only what is cut as people cut card numbers is taken for one.

import { isCardNumber } from './card-numbers.ts';

/** A whole member or element that consists of digits. */
export interface Piece {
  readonly digits: string;
  /** False for a number. */
  readonly quoted: boolean;
}

/** Pieces `from` up to, not including, `to` are one card number. */
export interface Split {
  readonly from: number;
  readonly to: number;
}

/**
 * The card numbers that are spread over neighbouring pieces. Promised: numbers cut behind the 4th, 6th, 8th, 10th, 12th
 * or 16th digit or before the last four, into single digits, or into pairs; and strings cut anywhere, where they have
 * no other neighbour made of digits.
 */
export function splitNumbersIn(pieces: readonly Piece[]): Split[] {
  const found: Split[] = [];
  for (let from = 0; from + 1 < pieces.length; from += 1) {
    const to = endOfNumber(pieces, from);
    if (to === 0) continue;
    found.push({ from, to });
    from = to - 1;
  }
  return found;
}

/** The digits that stay visible of each piece of a split number: none, but the last four of the whole. */
export function keptOf(pieces: readonly Piece[]): number[] {
  let kept = 4;
  return pieces
    .toReversed()
    .map(({ digits }) => {
      const here = Math.min(kept, digits.length);
      kept -= here;
      return here;
    })
    .toReversed();
}

const most = 19;

function endOfNumber(pieces: readonly Piece[], from: number): number {
  let digits = '';
  let end = 0;
  const sizes: number[] = [];
  for (let to = from; to < pieces.length; to += 1) {
    const piece = pieces[to]?.digits ?? '';
    digits += piece;
    sizes.push(piece.length);
    if (digits.length > most) break;
    if (digits.length < 13 || sizes.length === 1) continue;
    const whole = from === 0 && to === pieces.length - 1 && pieces.every(({ quoted }) => quoted);
    if ((whole || cutAsCard(sizes, digits.length)) && isCardNumber(digits)) end = to + 1;
  }
  return end;
}

const usualCuts = [4, 6, 8, 10, 12, 16];

function cutAsCard(sizes: readonly number[], length: number): boolean {
  let cut = 0;
  const usual = sizes.slice(0, -1).every((size) => {
    cut += size;
    return usualCuts.includes(cut) || cut === length - 4;
  });
  return usual || sizes.every((size) => size === 1) || isPairs(sizes);
}

function isPairs(sizes: readonly number[]): boolean {
  return sizes.every((size, index) => size === 2 || (size === 1 && index === sizes.length - 1));
}
