// How this convinces: programs are caught in the middle of what they do (a sleep, a timer, a call), their process is
// crashed, stalled or its clock moved, and what they then see, and when, is compared with what a real machine would show.

import { describe, expect, it } from 'vitest';
import { maxTimerMs } from '../../src/kernel/runtime.ts';
import { crossOnce, oneProcess, recorded } from './one-process.ts';
import { startOfTimeMs } from './world.ts';

describe('a crash', () => {
  it('ends everything that the program was waiting for', async () => {
    const rig = oneProcess();
    const seen: string[] = [];
    const { runtime } = rig.environment();
    void runtime.sleep(100).then(() => seen.push('slept'));
    runtime.after(100, () => seen.push('timer'));
    const crossing = crossOnce(rig, { site: 'gateway.authorize' });
    rig.world.after(10, () => rig.process.crash(1));
    await rig.settle();
    expect(seen).toEqual([]);
    expect(crossing.saw).toBeUndefined();
    expect(crossing.applied).toHaveLength(1);
  });

  it('is followed by a new life, whose ids were never issued before', async () => {
    const rig = oneProcess();
    const first = rig.environment();
    const ids = [first.runtime.id('x'), first.runtime.id('x')];
    rig.process.crash(500);
    expect(rig.process.program()).toBeUndefined();
    await rig.settle();
    expect(rig.world.nowMs()).toBe(500);
    const second = rig.environment();
    expect(second).not.toBe(first);
    expect(rig.process.life().incarnation).toBe(2);
    ids.push(second.runtime.id('x'));
    expect(new Set(ids).size).toBe(3);
  });

  it('strikes once, and a second start changes nothing', async () => {
    const rig = oneProcess();
    rig.process.start();
    rig.process.crash(500);
    rig.process.crash(500);
    await rig.settle();
    expect(recorded(rig).incidents.map(({ kind, at }) => [kind, at.atMs])).toEqual([
      ['started', 0],
      ['crashed', 0],
      ['started', 500],
    ]);
  });

  it('tells those who listen to the life that ended, and nobody else', async () => {
    const rig = oneProcess();
    const told: number[] = [];
    rig.process.onCrash(() => told.push(1));
    rig.process.crash(1);
    await rig.settle();
    rig.process.onCrash(() => told.push(2));
    rig.process.crash(1);
    expect(told).toEqual([1, 2]);
  });
});

describe('a stall', () => {
  it('defers replies, timers and new work to its end, in their order', async () => {
    const rig = oneProcess();
    const seen: (readonly [string, number])[] = [];
    const see = (what: string) => (): void => void seen.push([what, rig.world.nowMs()]);
    const { runtime } = rig.environment();
    void runtime.sleep(10).then(see('slept'));
    runtime.after(20, see('timer'));
    rig.process.stall(1_000);
    rig.world.after(5, () => rig.process.whenAwake(see('request')));
    await rig.settle();
    expect(seen).toEqual([
      ['request', 1_000],
      ['slept', 1_000],
      ['timer', 1_000],
    ]);
  });

  it('can be prolonged while it lasts, and is not cut short by a shorter one', async () => {
    const rig = oneProcess();
    const seen: number[] = [];
    rig.process.stall(1_000);
    rig.process.whenAwake(() => seen.push(rig.world.nowMs()));
    rig.world.after(500, () => rig.process.stall(900));
    rig.world.after(600, () => rig.process.stall(1));
    await rig.settle();
    expect(seen).toEqual([1_400]);
  });

  it('does not outlive the process', async () => {
    const rig = oneProcess();
    rig.process.stall(10_000);
    rig.process.crash(100);
    await rig.settle();
    const seen = crossOnce(rig, { site: 'store.read' });
    await rig.settle();
    expect(seen.sawAtMs).toBe(102);
  });
});

describe('clocks', () => {
  it('show the start of time plus what has passed, each process with its own error', async () => {
    const rig = oneProcess({ skewMs: -250 });
    const { runtime } = rig.environment();
    await Promise.all([runtime.sleep(1_000), rig.world.run()]);
    expect(runtime.wallMs()).toBe(startOfTimeMs + 1_000 - 250);
    expect(runtime.monotonicMs()).toBe(1_000);
  });

  it('jump forward and back on the wall, never on the monotonic clock, and keep the error over a crash', async () => {
    const rig = oneProcess();
    rig.process.jumpClock(5_000);
    rig.process.jumpClock(-20_000);
    expect(rig.environment().runtime.wallMs()).toBe(startOfTimeMs - 15_000);
    expect(rig.environment().runtime.monotonicMs()).toBe(0);
    rig.process.crash(100);
    await rig.settle();
    expect(rig.environment().runtime.wallMs()).toBe(startOfTimeMs + 100 - 15_000);
  });
});

describe('timers', () => {
  it('fire once, unless they are cancelled', async () => {
    const { world, environment } = oneProcess();
    const fired: string[] = [];
    environment().runtime.after(10, () => fired.push('kept'));
    environment().runtime.after(10, () => fired.push('cancelled'))();
    await world.run();
    expect(fired).toEqual(['kept']);
  });

  it('can be cancelled while a stall holds them back', async () => {
    const { world, process, environment } = oneProcess();
    const fired: string[] = [];
    const cancel = environment().runtime.after(10, () => fired.push('late'));
    process.stall(100);
    world.after(50, cancel);
    await world.run();
    expect(fired).toEqual([]);
  });

  it.each([maxTimerMs + 1, Number.POSITIVE_INFINITY, Number.NaN, -1])(
    'of %d ms fire at once, as in Node',
    async (ms) => {
      const { world, environment } = oneProcess();
      let fired = 0;
      environment().runtime.after(ms, () => {
        fired += 1;
      });
      void environment()
        .runtime.sleep(ms)
        .then(() => {
          fired += 1;
        });
      await world.run();
      expect(fired).toBe(2);
      expect(world.nowMs()).toBe(0);
    },
  );

  it('that never stop being set are reported, not followed for ever', async () => {
    const { world, environment } = oneProcess();
    const again = (): void => void environment().runtime.after(0, again);
    again();
    await expect(world.run()).rejects.toThrow(/it goes in circles/);
  });
});

it('draws chance from streams of its own', () => {
  const draw = (seed: number): number => oneProcess({ seed }).environment().runtime.random('jitter');
  expect(draw(1)).toBe(draw(1));
  expect(draw(1)).not.toBe(draw(2));
});
