// Convinces by stories that broke the shop once, as a storm found and shrank them: each leaves everything as it should be.

import { expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import { judge } from '../judge.ts';
import { first, order, run } from '../shop/testing.ts';
import { reference } from './reference.ts';

it('a payment that appears late and can be undone by people alone is let go by those who close the books', async () => {
  const silence = { fromMs: 0, untilMs: 32_617, site: 'gateway.lookup', kind: 'hang', percent: 42 } as const;
  const late = order('a', { amountMinor: 100, faults: [first('gateway.authorize', 'late-authorization')] });
  const history = await run({ seed: 560_508_270, steps: [late], episodes: [silence] }, reference);
  const { pages = [], sagas = [] } = history.books.shop ?? {};
  expect(pages[0]?.about).toContain('late_payment shop/k1 is stuck');
  expect(sagas.map(({ saga, state }) => [saga, state])).toContainEqual(['late_payment', 'COMPENSATED']);
  expect(judge(history).broken).toEqual([]);
});

it('a refund that comes back while the order is held up is made again before the order is undone', async () => {
  const faults: Fault[] = [
    first('shipping.ship', 'service-refuses'),
    first('gateway.refund', 'response-lost'),
    first('gateway.refund', 'refund-bounces'),
    { site: 'gateway.lookup', nth: 3, kind: 'stale' },
  ];
  const history = await run({ steps: [order('a', { faults })] }, reference);
  expect(history.books.charges.map(({ refunds }) => refunds?.map(({ status }) => status))).toEqual([
    ['failed', 'succeeded'],
  ]);
  expect(judge(history).broken).toEqual([]);
});
