// Calls of a velocity store for parity: a few payments of two cards, around a cap that some of them exceed together.

import fc from 'fast-check';
import type { VelocityStore } from '../../src/fraud/velocity-store.ts';
import { velocityTable } from '../../src/stores/velocity-table.ts';
import type { Call } from './explain.ts';
import type { PortModel } from './parity.ts';

const cards = ['card', 'other'] as const;
const windowMs = fc.integer({ min: 1, max: 80 });
const payment = {
  key: fc.constantFrom(cards[0], ...cards),
  attemptId: fc.constantFrom('a', 'b', 'c'),
  windowMs,
};
const evaluationId = fc.constantFrom('1', '2', '3');
const amount = fc.constantFrom(0, 30, 40, 60);

const calls: fc.Arbitrary<Call<VelocityStore>> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('reserve' as const),
      with: fc.record({
        ...payment,
        evaluationId,
        amount,
        cap: fc.constantFrom(100, 100, 50),
        holdMs: fc.nat(40),
      }),
    }),
  },
  fc.record({ do: fc.constant('confirm' as const), with: fc.record({ ...payment, amount }) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('release' as const),
      with: fc.record({ ...payment, evaluationId }, { requiredKeys: ['key', 'attemptId', 'windowMs'] }),
    }),
  },
);

/** A velocity store as its table. */
export const velocityModel: PortModel<VelocityStore> = {
  table: velocityTable,
  calls,
  looks: cards.flatMap((key) =>
    ['a', 'last'].map((attemptId) => ({
      do: 'reserve' as const,
      with: { key, attemptId, evaluationId: 'last', amount: 1, cap: 1_000, windowMs: 1, holdMs: 1 },
    })),
  ),
};
