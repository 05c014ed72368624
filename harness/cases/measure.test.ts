// Convinces by a case that holds one of everything, counted by hand.

import { expect, it } from 'vitest';
import { measureCase } from './measure.ts';

it('counts requests, what befalls them, and what only comes later', () => {
  const charge = { do: 'charge', key: 'k1', amountMinor: 5, currency: 'USD', process: 0 } as const;
  const site = 'store.claim';
  const faults = [
    { site, nth: 1, kind: 'delay' } as const,
    { site, nth: 1, kind: 'refused' } as const,
    { site, nth: 2, kind: 'crash-after-apply' } as const,
  ];
  const weather = { fromMs: 0, untilMs: 9_000, site, percent: 100 } as const;
  const size = measureCase({
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 0,
    config: { sweepEveryMs: 1_000 },
    steps: [
      { id: 'a', at: 0, ...charge, faults, retries: [{ afterMs: 5, faults: [] }, { afterMs: 5 }] },
      { id: 'b', at: 0, do: 'clock', process: 0, jumpMs: -5 },
      { id: 'c', at: 0, do: 'step-up', key: 'k1', outcome: 'failed' },
    ],
    background: { 'sweep:1': [{ site: 'store.list', nth: 1, kind: 'stall' }] },
    episodes: [
      { ...weather, kind: 'response-lost' },
      { ...weather, kind: 'reply-delay' },
    ],
  });
  expect(size).toEqual({ requests: 3, faults: 4, preemptions: 3 });
});
