// Convinces by counting how often the journal is read for an announcement: before and after its order has ended, by a process
// that saw the end, by one that did not, and for the one kind that needs to know what the order made of its payment.

import { expect, it, vi } from 'vitest';
import type { GatewayNews } from './gateway-news.ts';
import { mall, order } from './testing.ts';

it('an order that was seen to end is not read again for news that move nothing', async () => {
  const place = mall();
  const read = vi.spyOn(place.stores.sagas, 'read');
  let events = 0;
  const reads = async (system: ReturnType<typeof place.start>, status: string): Promise<number> => {
    const before = read.mock.calls.length;
    const [{ id = '', merchantReference = '' } = {}] = place.gateway.charges();
    const data: GatewayNews = { chargeId: id, merchantReference, amountMinor: 500, currency: 'USD' };
    events += 1;
    const event = { id: `evt_${events}`, type: status, object: { kind: 'payment', id }, transition: status };
    const [body, headers] = place.delivery({ ...event, status, data });
    expect(await place.runtime.settle(system.webhook(body, headers))).toMatchObject({ handled: 'done' });
    return read.mock.calls.length - before;
  };
  const seller = place.start();
  await place.runtime.settle(seller.checkout(order));
  expect(await reads(seller, 'captured')).toBe(0);
  expect(await reads(seller, 'authorized')).toBe(1);
  const other = place.start();
  expect(await reads(other, 'captured')).toBe(1);
  expect(await reads(other, 'captured')).toBe(0);
});
