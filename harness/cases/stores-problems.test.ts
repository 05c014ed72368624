// Convinces by one case for each way in which tier, stores and faults do not fit, and by one that does.

import { expect, it } from 'vitest';
import { checkCase } from './codec.ts';

function played(how: object, kind = 'redis-oom'): unknown {
  const faults = [{ site: 'store.claim', nth: 1, kind }];
  const step = {
    id: 'a',
    at: 0,
    do: 'charge',
    key: 'k1',
    amountMinor: 500,
    currency: 'USD',
    process: 0,
    faults,
  };
  return { paystorm: 1, target: 'reference', profile: 'stripe', seed: 1, steps: [step], ...how };
}

it.each([
  [
    { tier: 'real', stores: 'postgres' },
    'steps[0].faults[0].kind: redis-oom never befalls postgres; set stores to "redis", or use another kind',
  ],
  [
    { tier: 'real' },
    'steps[0].faults[0].kind: redis-oom never befalls memory; set stores to "redis", or use another kind',
  ],
  [
    { tier: 'msw', stores: 'redis' },
    'stores: tier msw keeps its stores in memory; set tier to "real", or leave stores out',
  ],
])('%j is refused: %s', (how, problem) => {
  expect(() => checkCase(played(how))).toThrow(problem);
});

it('a server and what befalls it make a case', () => {
  expect(checkCase(played({ tier: 'real', stores: 'redis' }))).toMatchObject({ stores: 'redis' });
  expect(checkCase(played({ tier: 'real' }, 'response-lost'))).toMatchObject({ tier: 'real' });
});
