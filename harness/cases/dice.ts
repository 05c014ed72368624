// Chance for generation, addressed by position: the dice of case 1 000 000 cost as much as those of case 0, so
// workers, shards and repeats depend on nothing but the seed and the index.

import * as fc from 'fast-check';

/** A generator of random numbers as fast-check 4 takes them: 32-bit integers, changed in place. */
interface Generator {
  clone(): Generator;
  /** Skips ahead. Without it fast-check wraps the generator in an adapter whose clones share their state. */
  jump(): void;
  next(): number;
  getState(): readonly number[];
}

/**
 * Randomness for the case at `index` of the campaign called `seed`, both non-negative safe integers. Equal
 * arguments give equal draws on every platform.
 */
export function diceAt(seed: number, index: number): fc.Random {
  const generator = sfc32([low(index), low(seed), high(seed) ^ Math.imul(high(index), 0x9e3779b1), 1]);
  for (let round = 0; round < 15; round++) generator.next();
  return new fc.Random(generator);
}

function low(value: number): number {
  return value | 0;
}

function high(value: number): number {
  return Math.floor(value / 4_294_967_296) | 0;
}

/** Chris Doty-Humphrey's Small Fast Counter, 32 bit (PractRand); three words of state and a counter. */
function sfc32(state: readonly [number, number, number, number]): Generator {
  let [a, b, c, counter] = state;
  const generator: Generator = {
    clone: () => sfc32([a, b, c, counter]),
    getState: () => [a, b, c, counter],
    next() {
      const sum = (((a + b) | 0) + counter) | 0;
      counter = (counter + 1) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (c << 21) | (c >>> 11);
      c = (c + sum) | 0;
      return sum;
    },
    jump() {
      for (let draw = 0; draw < 42; draw++) generator.next();
    },
  };
  return generator;
}
