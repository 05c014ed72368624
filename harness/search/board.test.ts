// Convinces by letting several threads' views of one board take turns within one thread: every block goes to exactly
// one of them, in order, and the ends that one writes down hold for all.

import { describe, expect, it } from 'vitest';
import { type Board, type BoardOptions, boardMemory, boardOn } from './board.ts';

function boards(options: BoardOptions, count = 2): readonly Board[] {
  const memory = boardMemory(count);
  return Array.from({ length: count }, (_, seat) => boardOn(memory, seat, options));
}

/** Claims in turn until nobody gets anything, and the first index of each claim. */
function claimAll(all: readonly Board[]): readonly number[] {
  const firsts: number[] = [];
  for (let idle = 0, turn = 0; idle < all.length; turn++) {
    const block = all[turn % all.length]?.claim();
    if (block === undefined) idle += 1;
    else {
      idle = 0;
      firsts.push(block.from);
    }
  }
  return firsts;
}

describe('a board', () => {
  it('hands out every case once, in order, up to the last', () => {
    const all = boards({ tier: 'sim', runs: 170 }, 3);
    const blocks = all.map((board) => board.claim());
    expect(blocks.map((block) => block?.from)).toEqual([0, 50, 100]);
    expect(all[1]?.claim()).toEqual({ from: 150, until: 170 });
    expect(claimAll(all)).toEqual([]);
  });

  it('hands out nothing behind a given end, whoever gave it and however late', () => {
    const [one, two] = boards({ tier: 'sim', runs: 1_000 });
    one?.claim();
    two?.endAfter(120);
    two?.endAfter(700);
    expect(claimAll([one, two].filter((board) => board !== undefined))).toEqual([50, 100]);
  });

  it('finishes the epoch when the time is up, and begins no other', () => {
    const all = boards({ tier: 'msw' });
    all[0]?.claim();
    all[1]?.endEpoch();
    expect(claimAll(all)).toEqual([10, 20, 30, 40]);
    expect(claimAll(boards({ tier: 'msw', runs: 95 }))).toHaveLength(10);
  });

  it('hands out nothing once it is stopped', () => {
    const [one, two] = boards({ tier: 'sim' });
    two?.stop();
    expect(one?.isStopped()).toBe(true);
    expect(one?.claim()).toBeUndefined();
  });

  it('knows where a thread was', () => {
    const [one, two] = boards({ tier: 'sim', runs: 1_000 });
    expect(one?.whereabouts(1)).toBeUndefined();
    one?.claim();
    two?.claim();
    two?.begin(77);
    expect(one?.whereabouts(1)).toEqual({ from: 50, until: 100, index: 77 });
    two?.claim();
    expect(one?.whereabouts(1)).toEqual({ from: 100, until: 150, index: 100 });
  });
});
