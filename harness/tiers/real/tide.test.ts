// Convinces by a hand-made world: what is under way elsewhere is set by hand, and what may happen next is read off.

import { describe, expect, it } from 'vitest';
import { createWorld } from '../../world/world.ts';
import { realTide } from './tide.ts';

function rig() {
  const elsewhere = { running: 0, outside: 0 };
  const tide = realTide({ running: () => elsewhere.running, outside: () => elsewhere.outside });
  const world = createWorld({ seed: 1, latestMs: 1_000, drive: tide.drive, tide });
  return { elsewhere, tide, world };
}

describe('the tide', () => {
  it('jumps over days while nothing is under way', async () => {
    const { world } = rig();
    const seen: number[] = [];
    for (const ms of [86_400_000, 5]) world.after(ms, () => seen.push(world.nowMs()));
    await world.run();
    expect(seen).toEqual([5, 86_400_000]);
  });

  it('stands still while a worker runs, however long that takes', async () => {
    const { world, elsewhere, tide } = rig();
    const seen: number[] = [];
    elsewhere.running = 1;
    world.after(1, () => seen.push(world.nowMs()));
    const done = world.run();
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([seen, world.nowMs()]).toEqual([[], 0]);
    elsewhere.running = 0;
    tide.turn(world);
    await done;
    expect(seen).toEqual([1]);
  });

  it('flows while something is outside, and takes what is due then', async () => {
    const { world, elsewhere, tide } = rig();
    const seen: string[] = [];
    elsewhere.outside = 1;
    world.after(10, () => seen.push('due'));
    world.after(86_400_000, () => seen.push('tomorrow'));
    const done = world.run();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(seen).toEqual(['due']);
    elsewhere.outside = 0;
    tide.turn(world);
    await done;
    expect(seen).toEqual(['due', 'tomorrow']);
  });

  it('never lets time pass the next event', () => {
    const { world } = rig();
    world.after(10, () => {});
    world.advance(500);
    expect(world.nowMs()).toBe(10);
  });

  it('ends the run with what went wrong elsewhere', async () => {
    const { world, elsewhere, tide } = rig();
    elsewhere.running = 1;
    const done = world.run();
    tide.fail(new Error('p0: worker 7 ended by itself'));
    await expect(done).rejects.toThrow('worker 7 ended by itself');
  });
});
