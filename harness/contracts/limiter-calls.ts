// Calls of a limiter store for parity: a few calls under two names, around the limit.

import fc from 'fast-check';
import type { LimiterStore } from '../../src/resilience/limiter-store.ts';
import { limiterTable } from '../../src/stores/limiter-table.ts';
import type { PortModel } from './parity.ts';

const limits = ['gateway', 'other'] as const;

/** A limiter store as its table. */
export const limiterModel: PortModel<LimiterStore> = {
  table: limiterTable,
  calls: fc.record({
    do: fc.constant('admit' as const),
    with: fc.record({
      name: fc.constantFrom(limits[0], ...limits),
      callId: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      maxCalls: fc.constantFrom(2, 2, 1, 3),
      periodMs: fc.constantFrom(60, 60, 30, 59.5),
    }),
  }),
  looks: limits.map((name) => ({ do: 'admit', with: { name, callId: 'look', maxCalls: 2, periodMs: 60 } })),
};
