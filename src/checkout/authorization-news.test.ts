// Convinces by announcing authorisations of orders that are under way, declined, or undone, and reading what stands at the
// gateway afterwards.

import { describe, expect, it } from 'vitest';
import { CardDeclinedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import { mall, order } from './testing.ts';
import { heal, tell } from './testing-news.ts';

describe('announcements of authorisations', () => {
  it('that appear after their order was undone let it go', async () => {
    const place = mall({ dedup: 'none' });
    place.gateway.mishaps('authorize', { lateMs: 600_000 });
    await place.runtime.settle(
      place
        .start()
        .checkout(order)
        .catch(() => undefined),
    );
    for (let round = 0; round < 4; round += 1) {
      await place.runtime.advance(60_000);
      await place.runtime.settle(place.start().recover());
    }
    await expect(place.runtime.settle(place.start().checkout(order))).rejects.toMatchObject({
      code: 'not_charged',
    });
    await place.runtime.advance(600_000);
    const [charge] = place.gateway.charges();
    expect(charge?.status).toBe('authorized');
    const reference = charge?.merchantReference ?? '';
    await tell(place, { object: ['payment', 'ch_1'], status: 'authorized', amountMinor: 0, reference });
    expect(place.gateway.charges()[0]?.status).toBe('voided');
  });

  it('of a declined order let them go, wherever its process died and whenever they come', async () => {
    const lived = async (early: boolean, at?: number) => {
      const place = mall({ dedup: 'none' });
      place.gateway.mishaps('authorize', new CardDeclinedError('no'));
      const first = place.start(at);
      first.checkout(order).catch(() => undefined);
      await place.runtime.advance(1_000);
      if (!early) await heal(place);
      const reference = '$authorize/shop%2Forder-1/authorize/0';
      const names = { idempotencyKey: 'late', merchantReference: reference };
      const { amountMinor, currency, paymentToken } = order;
      const asked = { amountMinor, currency, paymentToken, capture: 'manual', ...names } as const;
      // Where the shop has asked for nothing yet, nothing can appear.
      const appears = await place.gateway.port.authorize(asked).then(
        () => true,
        () => false,
      );
      await tell(place, { object: ['payment', 'ch_1'], status: 'authorized', amountMinor: 0, reference });
      await heal(place);
      const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
      const charges = place.gateway.charges().map(({ status }) => status);
      return { crossings: first.crossings(), appears, end: [record?.state, ...charges] };
    };
    const { crossings } = await lived(true);
    let undone = 0;
    for (const at of [undefined, ...Array(crossings).keys()]) {
      for (const early of [true, false]) {
        const { appears, end } = await lived(early, at);
        const isAdopted = end[0] === 'COMPLETED';
        if (!isAdopted) undone += 1;
        const wanted = isAdopted ? ['COMPLETED', 'captured'] : ['COMPENSATED', 'voided'];
        if (appears) expect({ at, early, end }).toEqual({ at, early, end: wanted });
      }
    }
    expect(undone).toBeGreaterThan(crossings);
  });

  it('that could not be let go are let go by repairing their order, which says so until they are', async () => {
    const place = mall({ dedup: 'none' });
    place.gateway.mishaps('authorize', new CardDeclinedError('no'));
    const first = place.start().checkout(order);
    await expect(place.runtime.settle(first)).rejects.toMatchObject({ code: 'card_declined' });
    const reference = '$authorize/shop%2Forder-1/authorize/0';
    const { amountMinor, currency, paymentToken } = order;
    const names = { idempotencyKey: 'late', merchantReference: reference };
    await place.gateway.port.authorize({ amountMinor, currency, paymentToken, capture: 'manual', ...names });
    const silent = (times: number) => Array.from({ length: times }, () => new GatewayTimeoutError('silent'));
    place.gateway.mishaps('void', ...silent(8));
    await tell(place, { object: ['payment', 'ch_1'], status: 'authorized', amountMinor: 0, reference });
    await heal(place);
    expect(place.pages).toEqual([expect.stringContaining('late_payment shop/order-1 is stuck')]);
    const stuck = { code: 'saga_compensation' };
    await expect(place.runtime.settle(place.start().repair(order))).rejects.toMatchObject(stuck);
    expect(place.gateway.charges()[0]?.status).toBe('authorized');
    const repaired = place.runtime.settle(place.start().repair(order));
    await expect(repaired).rejects.toMatchObject({ code: 'card_declined' });
    expect(place.gateway.charges()[0]?.status).toBe('voided');
  });

  it('go on with an order that waits for them', async () => {
    const place = mall();
    place.gateway.mishaps('capture', ...Array<Error>(3).fill(new GatewayTimeoutError('slow')));
    place.gateway.mishaps('lookup', ...Array<Error>(3).fill(new GatewayTimeoutError('slow')));
    const asked = place.start().checkout(order);
    await place.runtime.settle(asked.catch(() => undefined));
    const reference = place.gateway.charges()[0]?.merchantReference ?? '';
    await tell(place, { object: ['payment', 'ch_1'], status: 'authorized', amountMinor: 0, reference });
    const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
    expect(['COMPLETED', 'COMPENSATED']).toContain(record?.state);
  });

  it('are done with once the order that they go on with has its payment', async () => {
    const ends: unknown[] = [];
    for (let at = 0; at < 24; at += 1) {
      const place = mall();
      place
        .start(at)
        .checkout(order)
        .catch(() => undefined);
      await place.runtime.advance(20_000);
      const [charge] = place.gateway.charges();
      if (charge?.status !== 'authorized') continue;
      const { merchantReference: reference } = charge;
      const told = await tell(place, {
        object: ['payment', 'ch_1'],
        status: 'authorized',
        amountMinor: 0,
        reference,
      });
      const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
      ends.push([told, record?.state]);
    }
    expect(new Set(ends.map(String))).toEqual(new Set(['200 done,COMPLETED']));
  });
});
