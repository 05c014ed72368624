// A whole idempotent call over any store, for tests that count what it costs there.

import { type IdempotencyOptions, idempotent, systemRuntime } from '../../src/index.ts';
import type { IdempotencyStore } from '../../src/stores.ts';

interface Payment {
  readonly key: string;
  readonly note: string;
}

/** What a store has to bring back to the last character. */
export const note = 'null \u0000, quotes " \\ and \u{1f701} \uffff, lines \r\n';

/** A payment of {@link note}, answered with what it cost by `sent`: how many round trips were made so far. */
export function costOver(
  store: IdempotencyStore,
  sent: () => number,
): (key: string) => Promise<readonly [answer: unknown, roundTrips: number]> {
  let charged = 0;
  const options: IdempotencyOptions<Payment, unknown> = {
    runtime: systemRuntime(),
    store,
    scope: () => 'shop',
    key: ({ key }) => key,
    resolve: {
      capabilities: {
        dedup: 'every-answer',
        lookup: { by: ['reference'], consistentAfterMs: 0 },
        keyRetentionMs: 86_400_000,
        maxEffectDelayMs: 30_000,
        cancelByKey: false,
        captureModes: ['automatic'],
      },
      find: async () => ({ kind: 'absent' }),
    },
  };
  const charge = idempotent(options)(async (payment) => {
    charged += 1;
    return { id: `ch_${charged}`, note: payment.note };
  });
  return async (key) => {
    const before = sent();
    const answer = await charge({ key, note });
    return [answer, sent() - before];
  };
}
