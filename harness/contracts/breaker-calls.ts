// Calls of a breaker store for parity: a few calls of two breakers that open, rest and close within milliseconds.

import fc from 'fast-check';
import type { BreakerStore } from '../../src/resilience/breaker-store.ts';
import { breakerTable } from '../../src/stores/breaker-table.ts';
import type { Call } from './explain.ts';
import type { PortModel } from './parity.ts';

const limits = { failureThreshold: 2, windowMs: 80, recoveryTimeoutMs: 30, halfOpenProbes: 2 };
const breakers = ['gateway', 'other'] as const;
const call = {
  name: fc.constantFrom(breakers[0], breakers[0], ...breakers),
  callId: fc.constantFrom('a', 'b', 'c', 'd'),
  limits: fc.constant(limits),
};

const calls: fc.Arbitrary<Call<BreakerStore>> = fc.oneof(
  fc.record({ do: fc.constant('enter' as const), with: fc.record(call) }),
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('leave' as const),
      with: fc.record({
        ...call,
        generation: fc.constantFrom(0, 0, 1, 2, 2, 3, 4),
        verdict: fc.constantFrom(
          'failure' as const,
          'failure' as const,
          'success' as const,
          'neither' as const,
        ),
      }),
    }),
  },
);

/** A breaker store as its table. */
export const breakerModel: PortModel<BreakerStore> = {
  table: breakerTable,
  calls,
  looks: breakers.flatMap((name) =>
    ['x', 'y'].map((callId) => ({ do: 'enter' as const, with: { name, callId, limits } })),
  ),
};
