// What every thread of a campaign does: take a block, run it, hand in the parts, until there is no block left.

import type { Block, Board } from './board.ts';
import type { Part, PartRunner } from './part.ts';

/** One thread's share of a campaign. */
export interface Work {
  readonly board: Board;
  readonly runner: PartRunner;
  /** Ends with the first broken invariant. */
  readonly bail: boolean;
  /** Takes a part in; the next one is begun when it is done. */
  readonly handIn: (part: Part) => void | Promise<void>;
}

/** Works through blocks until the board has no more. */
export async function workThrough(work: Work): Promise<void> {
  for (let block = work.board.claim(); block !== undefined; block = work.board.claim()) {
    await workOn(block, work);
  }
}

/** Works through one block, to its end unless the campaign ends before. */
export async function workOn({ from, until }: Block, { board, runner, bail, handIn }: Work): Promise<void> {
  let next = from;
  while (next < until && !board.isStopped()) {
    const part = await runner.run({ from: next, until }, board);
    const isLast = bail && part.broken !== undefined;
    // Blocks before this one are being run elsewhere, and may yet come up with an earlier violation.
    if (isLast) board.endAfter(part.to - 1);
    await handIn(part);
    if (isLast) return;
    next = part.to;
  }
}
