// Concurrent callers of an idempotency store, observed.

import { performance } from 'node:perf_hooks';
import type { IdempotencyStore, Owned } from '../../src/idempotency/store.ts';
import { randomStreams } from '../world/random.ts';
import type { ObservedOperation } from './history.ts';
import { observation } from './observe.ts';

/** What {@link slotHistory} plays. */
export interface SlotPlay {
  /** A connection of its own for each caller, to the same store. */
  readonly connect: (caller: string) => IdempotencyStore;
  readonly callers: number;
  /** How many operations each caller makes, one behind the other. */
  readonly rounds: number;
  readonly seed: number;
  /** 1 by default: the fewer keys, the more meet on each. */
  readonly keys?: number;
  /** Put before keys, so that plays do not meet. */
  readonly prefix?: string;
  /** Called now and then beside an operation, such as to tear connections off. */
  readonly disturb?: () => void;
  /** What a caller waits for when an operation of its was rejected, such as for its connection to be back. */
  readonly recovered?: (caller: string) => Promise<unknown>;
}

/**
 * Lets callers claim and write the same keys at the same time, under tokens that they hold, held or guess, and returns what
 * they saw. No lease and no record runs out within it; a call that is rejected has an unknown outcome.
 */
export async function slotHistory(play: SlotPlay): Promise<readonly ObservedOperation[]> {
  const { connect, callers, rounds, seed, keys = 1, prefix = '', disturb, recovered } = play;
  const { operations, by } = observation(() => performance.now());
  const random = randomStreams(seed);
  const objectOf = (request: unknown): string =>
    typeof request === 'string' ? request : (request as Owned).key;
  const lives = Array.from({ length: callers }, async (_, index) => {
    const caller = `c${index}`;
    const store = by(caller, connect(caller), objectOf);
    const stream = random(caller);
    const draw = (below: number): number => Math.floor(stream() * below);
    const tokens = new Map<string, number>();
    for (let round = 0; round < rounds; round++) {
      const key = `${prefix}k${draw(keys)}`;
      if (draw(30) === 0) disturb?.();
      await step({ store, key, attemptId: `${caller}/${draw(rounds)}`, tokens, draw }).catch(() =>
        recovered?.(caller),
      );
    }
  });
  await Promise.all(lives);
  return operations();
}

interface Step {
  readonly store: IdempotencyStore;
  readonly key: string;
  readonly attemptId: string;
  /** The last token that the caller knows of each key. */
  readonly tokens: Map<string, number>;
  readonly draw: (below: number) => number;
}

const oneHourMs = 3_600_000;

async function step({ store, key, attemptId, tokens, draw }: Step): Promise<void> {
  const owned = { key, token: tokens.get(key) ?? 1 + draw(3) };
  const ttlMs = oneHourMs;
  switch (draw(9)) {
    case 0:
      return void (await store.release(owned));
    case 1:
      return void (await store.suspend({ ...owned, state: 'UNKNOWN', sent: true, sealed: false }));
    case 2:
      return void (await store.advance(owned));
    case 3:
      return void (await store.renew({ ...owned, leaseMs: oneHourMs }));
    case 4:
      // Rarely, because it ends the slot for good.
      return void (await (draw(4) === 0
        ? store.complete({ ...owned, result: `"${attemptId}"`, ttlMs })
        : store.read(key)));
    case 5:
      return void (await store.read(key));
    default: {
      const answer = await store.claim({
        key,
        fingerprint: 'f',
        request: '{}',
        attemptId,
        leaseMs: oneHourMs,
      });
      if (answer.owned) tokens.set(key, answer.record.token);
    }
  }
}
