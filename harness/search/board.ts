// What the threads of a campaign must agree on while it runs, in memory that they share: which cases are taken, and
// where the campaign ends. Cases are handed out in order, a block at a time, to whoever is free: what comes of a case
// depends on its index alone, so it does not matter who runs it.

import type { TierName } from '../cases/tiers.ts';

/** Cases between two looks at the wall clock, by tier. */
export const epochCases = { sim: 1_000, msw: 50, real: 10 } as const;

/** Cases that are handed out at once, by tier: a few milliseconds' worth. Epochs are made of whole blocks. */
const blockCases = { sim: 50, msw: 10, real: 1 } as const;

/** Cases from index `from` on; `until` is the first index that does not belong to them. */
export interface Block {
  readonly from: number;
  readonly until: number;
}

/** The board, as the thread that sits on one of its seats sees it. */
export interface Board {
  /** Takes the next block, or undefined when there is none left to take. */
  claim(): Block | undefined;
  /** Notes which case is begun, so that others know where this thread was if it ends without a word. */
  begin(index: number): void;
  /** No block after the one of `index` will be handed out. */
  endAfter(index: number): void;
  /** The time is up: no epoch begins any more. */
  endEpoch(): void;
  /** Everyone leaves off after their present case. */
  stop(): void;
  isStopped(): boolean;
  /** Where the thread on `seat` is: its block, and the case that it began last. Undefined before its first. */
  whereabouts(seat: number): (Block & { readonly index: number }) | undefined;
}

/** What a campaign's board depends on. */
export interface BoardOptions {
  readonly tier: TierName;
  /** Cases of the whole campaign; undefined when only time bounds it. */
  readonly runs?: number | undefined;
}

/** Memory for a board with so many seats, to be shared among as many threads. */
export function boardMemory(seats: number): SharedArrayBuffer {
  return new SharedArrayBuffer((place.seats + seats * seatWords) * Int32Array.BYTES_PER_ELEMENT);
}

/** Sits down on `seat` (from 0) of the board in `memory`; every thread must give the same options. */
export function boardOn(memory: SharedArrayBuffer, seat: number, { tier, runs }: BoardOptions): Board {
  const words = new Int32Array(memory);
  const size = blockCases[tier];
  const mostBlocks = runs === undefined ? lastWord : Math.min(Math.ceil(runs / size), lastWord);
  const wordsOf = (whose: number): number => place.seats + whose * seatWords;
  const own = wordsOf(seat);

  const isStopped = (): boolean => Atomics.load(words, place.stopped) === 1;
  const beginsEpoch = (block: number): boolean => block > 0 && (block * size) % epochCases[tier] === 0;
  const blockOf = (block: number): Block => ({
    from: block * size,
    until: Math.min((block + 1) * size, runs ?? Number.POSITIVE_INFINITY),
  });

  /** Blocks from `block` on are withheld. What is stored counts down from the last word, so that memory starts as zeroes. */
  const withhold = (block: number): void => {
    const wanted = lastWord - block;
    let known = Atomics.load(words, place.withheld);
    while (known < wanted) known = Atomics.compareExchange(words, place.withheld, known, wanted);
  };

  return {
    isStopped,
    claim() {
      if (isStopped()) return undefined;
      const block = Atomics.add(words, place.next, 1);
      if (block >= mostBlocks || lastWord - block <= Atomics.load(words, place.withheld)) return undefined;
      if (beginsEpoch(block) && Atomics.load(words, place.timeUp) === 1) {
        withhold(block);
        return undefined;
      }
      Atomics.store(words, own, block + 1);
      Atomics.store(words, own + 1, 0);
      return blockOf(block);
    },
    begin: (index) => void Atomics.store(words, own + 1, index % size),
    endAfter: (index) => withhold(Math.floor(index / size) + 1),
    endEpoch: () => void Atomics.store(words, place.timeUp, 1),
    stop: () => void Atomics.store(words, place.stopped, 1),
    whereabouts(whose) {
      const block = Atomics.load(words, wordsOf(whose)) - 1;
      if (block < 0) return undefined;
      const offset = Atomics.load(words, wordsOf(whose) + 1);
      return { ...blockOf(block), index: block * size + offset };
    },
  };
}

const place = { next: 0, withheld: 1, timeUp: 2, stopped: 3, seats: 4 } as const;

/** A seat's words: the number of its block plus one, and the case that it is at, counted within the block. */
const seatWords = 2;

const lastWord = 2 ** 31 - 1;
