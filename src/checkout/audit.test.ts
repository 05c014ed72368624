// Convinces by what the log says of each way in which an order or a refund can be refused, or answered again, at the edge:
// one record, in the words of the audit log.

import { describe, expect, it } from 'vitest';
import { CardDeclinedError, StoreUnavailableError } from '../errors/payment-error.ts';
import { type Mall, mall, order } from './testing.ts';

const refund = { scope: 'shop', order: 'order-1', key: 'r1', amountMinor: 500, currency: 'USD' };

/** What the log says beside attempts while `act` is done. */
async function recordedBy(place: Mall, act: () => Promise<unknown>) {
  const before = place.runtime.logged.length;
  const ended = await place.runtime.settle(act()).then(
    () => 'ok',
    (error: { readonly code?: string }) => error.code,
  );
  const records = place.runtime.logged
    .slice(before)
    .filter(({ audit }) => audit !== undefined && audit !== 'attempt')
    .map(({ audit, operation, code, idempotencyKey }) => [audit, operation, code, idempotencyKey]);
  return { ended, records };
}

const shipped = async (): Promise<Mall> => {
  const place = mall();
  await place.runtime.settle(place.start().checkout(order));
  return place;
};

describe('the audit log', () => {
  it('has one record of an order that is answered again, refused as a conflict, or no order at all', async () => {
    const place = await shipped();
    const ordering = (change: object) =>
      recordedBy(place, () => place.start().checkout({ ...order, ...change }));
    expect(await ordering({})).toEqual({
      ended: 'ok',
      records: [['replay', 'checkout', 'ok', 'shop/order-1']],
    });
    expect(await ordering({ amountMinor: 501 })).toEqual({
      ended: 'idempotency_conflict',
      records: [['conflict', 'checkout', 'idempotency_conflict', 'shop/order-1']],
    });
    expect((await ordering({ amountMinor: 0.5 })).records).toEqual([
      ['rejected', 'checkout', 'validation_error', undefined],
    ]);
  });

  it('has one of an order that could not be begun, and none of one that goes on', async () => {
    const place = mall();
    const open = place.stores.sagas.open;
    Object.assign(place.stores.sagas, { open: () => Promise.reject(new StoreUnavailableError('down')) });
    expect((await recordedBy(place, () => place.start().checkout(order))).records).toEqual([
      ['rejected', 'checkout', 'store_unavailable', 'shop/order-1'],
    ]);
    Object.assign(place.stores.sagas, { open });
    expect((await recordedBy(place, () => place.start().checkout(order))).records).toEqual([]);
  });

  it('has one of a refund that is refused before it is claimed, or before it is sent', async () => {
    const refunding = async (place: Mall, change: object) =>
      (await recordedBy(place, () => place.start().refund({ ...refund, ...change }))).records;
    expect(await refunding(mall(), {})).toEqual([['rejected', 'refund', 'validation_error', 'shop/r1']]);
    const place = await shipped();
    expect(await refunding(place, { currency: 'EUR' })).toEqual([
      ['rejected', 'refund', 'validation_error', 'shop/r1'],
    ]);
    expect(await refunding(place, { amountMinor: 501 })).toEqual([
      [
        'rejected',
        'refund',
        'refund_exceeds_capture',
        expect.stringMatching(/^\$refund\/shop%2Fr1\/refund\//),
      ],
    ]);
    expect(await refunding(place, { key: 'r2' })).toEqual([]);
    expect(await refunding(place, { key: 'r2' })).toEqual([['replay', 'refund', 'ok', '$refund/shop%2Fr2']]);
  });

  it('has one of what is not sent for an order that somebody else may undo by then', async () => {
    const place = mall();
    place.gateway.mishaps('capture', new CardDeclinedError('no'));
    // The process stands still for longer than its lease once it has seen what there is to undo.
    const { lookup } = place.gateway.port;
    const { monotonicMs } = place.runtime;
    let stalledMs = 0;
    Object.assign(place.runtime, { monotonicMs: () => monotonicMs() + stalledMs });
    const stalling: typeof lookup = async (asked) => {
      stalledMs = 60_000;
      return lookup(asked);
    };
    Object.assign(place.gateway.port, { lookup: stalling });
    const key = expect.stringContaining('/void/0');
    expect(await recordedBy(place, () => place.start().checkout(order))).toEqual({
      ended: 'outcome_unknown',
      records: [['rejected', 'void', 'lease_lost', key]],
    });
    expect(place.gateway.charges()[0]?.status).toBe('authorized');
  });
});
