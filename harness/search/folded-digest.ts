// One digest over many cases that does not care in which order they finished, so that shards and workers can add
// theirs up.

import { digest } from '../history/digest.ts';

/** A digest being folded. */
export interface FoldedDigest {
  /** Adds the history digest (16 hex digits) of the case at `index`; each index once. */
  add(index: number, historyDigest: string): void;
  /** Adds everything that another folded digest, given as 16 hex digits, covers. */
  merge(hex: string): void;
  /** The digest of everything added, 16 hex digits. */
  hex(): string;
}

/** The history digest that stands for a case that could not be run. */
export const noHistory = '0000000000000000';

/** An empty digest. The sum of the mixed pairs (index, digest) modulo 2^32, in two lanes. */
export function foldedDigest(): FoldedDigest {
  let first = 0;
  let second = 0;
  const merge = (hex: string): void => {
    first = (first + lane(hex, 0)) >>> 0;
    second = (second + lane(hex, 1)) >>> 0;
  };
  return {
    add(index, historyDigest) {
      const mixed = digest();
      mixed.word(index);
      mixed.word(lane(historyDigest, 0));
      mixed.word(lane(historyDigest, 1));
      merge(mixed.hex());
    },
    merge,
    hex: () => first.toString(16).padStart(8, '0') + second.toString(16).padStart(8, '0'),
  };
}

function lane(hex: string, which: 0 | 1): number {
  return Number.parseInt(hex.slice(which * 8, which * 8 + 8), 16);
}
