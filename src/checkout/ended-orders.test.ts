// Convinces by counting how often the journal is read for an announcement: before and after its order has ended, by a process
// that saw the end, by one that did not, and for the one kind that needs to know what the order made of its payment.

import { expect, it, vi } from 'vitest';
import { NotChargedError, OutcomeUnknownError } from '../errors/payment-error.ts';
import type { GatewayNews } from './gateway-news.ts';
import { type Mall, mall, order } from './testing.ts';

function reading(place: Mall) {
  const read = vi.spyOn(place.stores.sagas, 'read');
  let events = 0;
  return async (system: ReturnType<Mall['start']>, status: string): Promise<number> => {
    const before = read.mock.calls.length;
    const [{ id = '', merchantReference = '' } = {}] = place.gateway.charges();
    const data: GatewayNews = { chargeId: id, merchantReference, amountMinor: 500, currency: 'USD' };
    events += 1;
    const event = { id: `evt_${events}`, type: status, object: { kind: 'payment', id }, transition: status };
    const [body, headers] = place.delivery({ ...event, status, data });
    expect(await place.runtime.settle(system.webhook(body, headers))).toMatchObject({ handled: 'done' });
    return read.mock.calls.length - before;
  };
}

it('an order that was seen to end is not read again for news that move nothing', async () => {
  const place = mall();
  const reads = reading(place);
  const seller = place.start();
  await place.runtime.settle(seller.checkout(order));
  expect(await reads(seller, 'captured')).toBe(0);
  expect(await reads(seller, 'authorized')).toBe(1);
  const other = place.start();
  expect(await reads(other, 'captured')).toBe(1);
  expect(await reads(other, 'captured')).toBe(0);
});

it('an order that is still being undone is gone on with whenever there is news', async () => {
  const place = mall();
  const reads = reading(place);
  place.service.mishaps('ship', ...Array<Error>(99).fill(new NotChargedError('no carrier goes there')));
  place.gateway.refundsAre('pending');
  const seller = place.start();
  await expect(place.runtime.settle(seller.checkout(order))).rejects.toThrow(OutcomeUnknownError);
  expect(await reads(seller, 'captured')).toBe(2);
  expect(await reads(seller, 'captured')).toBe(2);
});
