// Looks for card numbers that are spread over neighbouring members of a structure.

import { keptOf, type Piece, splitNumbersIn } from './split-numbers.ts';

/**
 * Masks in `copies` the parts of every card number that is spread over neighbouring `values`. Says whether there was one.
 */
export function maskSplitNumbers(values: readonly unknown[], copies: unknown[]): boolean {
  let found = false;
  for (let from = 0; from < values.length; from += 1) {
    const pieces = piecesFrom(values, from);
    for (const split of splitNumbersIn(pieces)) {
      const parts = pieces.slice(split.from, split.to);
      const kept = keptOf(parts);
      for (const [index, { digits }] of parts.entries()) {
        copies[from + split.from + index] = maskedPart(digits, kept[index] ?? 0);
      }
      found = true;
    }
    from += pieces.length;
  }
  return found;
}

/** A part of a card number, of which the last `kept` digits stay visible. */
export function maskedPart(digits: string, kept: number): string {
  return '*'.repeat(digits.length - kept) + digits.slice(digits.length - kept);
}

/** Neighbouring members that consist of digits. */
function piecesFrom(values: readonly unknown[], from: number): Piece[] {
  const pieces: Piece[] = [];
  for (let at = from; at < values.length; at += 1) {
    const value = values[at];
    const quoted = typeof value === 'string';
    if (!quoted && typeof value !== 'number' && typeof value !== 'bigint') break;
    const digits = String(value);
    if (!/^[0-9]{1,18}$/.test(digits)) break;
    pieces.push({ digits, quoted });
  }
  return pieces;
}
