// One way to hold a driver to its table: the same generated calls go to both under the same clock, and every answer has to be
// the same to the last absent member.

import fc from 'fast-check';
import { expect } from 'vitest';
import type { RedisStoreOptions } from '../../../src/redis.ts';
import type { RedisLane } from './testing.ts';

/** One call, or time that passes. */
export type Step = { readonly call: string; readonly args: readonly unknown[] } | { readonly waitMs: number };

/** A driver and the table that it is held to. */
export interface Pair {
  table(nowMs: () => number): object;
  store(options: RedisStoreOptions): object;
  readonly steps: fc.Arbitrary<Step>;
}

/** A call of `name` with drawn arguments, made plain: records are drawn with and without a prototype. */
export function call(name: string, ...args: readonly fc.Arbitrary<unknown>[]): fc.Arbitrary<Step> {
  return fc.tuple(...args).map((drawn) => ({ call: name, args: structuredClone(drawn) }));
}

/** Time that passes, now and then none. */
export const wait: fc.Arbitrary<Step> = fc.nat(40).map((waitMs) => ({ waitMs }));

/** Asserts that both agree on `runs` generated sequences, each under a prefix of its own. */
export async function agree({ table, store, steps }: Pair, lane: RedisLane, runs = 60): Promise<void> {
  const sequences = fc.array(steps, { minLength: 1, maxLength: 80, size: 'max' });
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      // With more digits than Lua prints of its own accord.
      let now = 1_760_000_000_000.125;
      const nowMs = (): number => now;
      const specified = table(nowMs);
      const driven = store({ redis: lane.redis, keyPrefix: lane.keyPrefix(), nowMs });
      for (const step of sequence) {
        if ('waitMs' in step) {
          now += step.waitMs;
          continue;
        }
        const want = invoke(specified, step);
        expect(await invoke(driven, step), JSON.stringify(step)).toStrictEqual(want);
      }
    }),
    { numRuns: runs },
  );
}

function invoke(target: object, { call: name, args }: Extract<Step, { call: string }>): unknown {
  const method: unknown = Reflect.get(target, name);
  if (typeof method !== 'function') throw new Error(`there is no operation ${name}`);
  return Reflect.apply(method, target, args);
}
