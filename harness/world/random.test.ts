// How this convinces: independence is tried literally (draws for one purpose are inserted and the other stream must not
// move), and the generator against fixed values, so that no platform or version can shift a saved case.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RandomStream, randomStreams } from './random.ts';

const draw = (stream: RandomStream, count: number): readonly number[] =>
  Array.from({ length: count }, stream);
const seeds = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const labels = fc.tuple(fc.string(), fc.string()).filter(([one, other]) => one !== other);

describe('streams', () => {
  it('do not move when another purpose draws', () => {
    fc.assert(
      fc.property(seeds, labels, fc.nat(20), (seed, [label, other], extra) => {
        const alone = draw(randomStreams(seed)(label), 5);
        const streams = randomStreams(seed);
        const first = draw(streams(label), 2);
        draw(streams(other), extra);
        expect([...first, ...draw(streams(label), 3)]).toEqual(alone);
      }),
    );
  });

  it('differ by label and by seed, also by the part of the seed above 32 bits', () => {
    const of = (seed: number, label: string): string => draw(randomStreams(seed)(label), 4).join();
    const all = [
      of(7, 'p0:retry-jitter'),
      of(7, 'p1:retry-jitter'),
      of(7, 'p0:ids'),
      of(8, 'p0:ids'),
      of(7 + 2 ** 32, 'p0:ids'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('are uniform enough in [0, 1)', () => {
    const counts = new Array<number>(10).fill(0);
    for (let seed = 0; seed < 200; seed++) {
      for (const number of draw(randomStreams(seed)('uniform'), 50)) {
        expect(number).toBeGreaterThanOrEqual(0);
        expect(number).toBeLessThan(1);
        const decile = Math.floor(number * 10);
        counts[decile] = (counts[decile] ?? 0) + 1;
      }
    }
    // 10 000 draws: a decile holds 1 000 ± 30; six deviations leave room for nothing but a broken generator.
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(180);
  });

  it('give the same numbers for ever', () => {
    expect(draw(randomStreams(7)('p0:retry-jitter'), 3)).toEqual([
      0.8333579795435071, 0.06938904733397067, 0.2404973164666444,
    ]);
  });
});
