// Convinces by bringing announcements late, early, twice and in both orders, and reading our books and what the gateway
// was asked to do about them.

import { describe, expect, it } from 'vitest';
import { CardDeclinedError, GatewayRejectedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import { type Mall, mall, order } from './testing.ts';

let events = 0;

interface Told {
  readonly object: readonly [kind: string, id: string];
  readonly status: string;
  readonly amountMinor: number;
  readonly chargeId?: string;
  readonly reference?: string;
}

async function tell(
  place: Mall,
  { object: [kind, id], status, amountMinor, ...told }: Told,
): Promise<string> {
  events += 1;
  const { chargeId = 'ch_1', reference } = told;
  const named = reference === undefined ? {} : { merchantReference: reference };
  const event = {
    id: `evt_${events}`,
    type: `${kind}.${status}`,
    object: { kind, id },
    transition: status,
    status,
    data: { chargeId, amountMinor, currency: 'USD', ...named },
  };
  const answer = await place.runtime.settle(place.start().webhook(...place.delivery(event)));
  return `${answer.status} ${answer.handled}`;
}

async function view(place: Mall) {
  const [row] = await place.runtime.settle(place.start().observe(order));
  return row && { captured: row.capturedMinor, refunded: row.refundedMinor, disputed: row.disputedMinor };
}

async function shipped(place = mall()): Promise<Mall> {
  await place.runtime.settle(place.start().checkout(order));
  return place;
}

async function heal(place: Mall): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    await place.runtime.advance(20_000);
    await place.runtime.settle(place.start().recover());
  }
}

const refundKey = { scope: 'shop', order: order.key, key: 'r', currency: 'USD' };

describe('announcements', () => {
  it('book nothing twice that the answer has booked', async () => {
    const place = await shipped();
    const reference = place.gateway.charges()[0]?.merchantReference ?? '';
    const told = { object: ['payment', 'ch_1'], status: 'captured', amountMinor: 500, reference } as const;
    expect([await tell(place, told), await tell(place, told)]).toEqual(['200 done', '200 done']);
    expect(await view(place)).toEqual({ captured: 500n, refunded: 0n, disputed: 0n });
  });

  it.each([
    [['open', 'won'], 0n],
    [['won', 'open'], 0n],
    [['open', 'lost'], 300n],
    [['open', 'open'], 300n],
  ])('of a dispute book the same in any order: %s', async (statuses, disputed) => {
    const place = await shipped();
    for (const status of statuses)
      await tell(place, { object: ['dispute', 'dp_1'], status, amountMinor: 300 });
    expect(await view(place)).toEqual({ captured: 500n, refunded: 0n, disputed });
  });

  it('of what is not known yet wait for it', async () => {
    const place = mall();
    const dispute = { object: ['dispute', 'dp_1'], status: 'open', amountMinor: 300 } as const;
    expect(await tell(place, dispute)).toBe('200 parked');
    await place.runtime.settle(place.start().checkout(order));
    await place.runtime.advance(10_000);
    await place.runtime.settle(place.start().recover());
    expect(await view(place)).toMatchObject({ disputed: 300n });
  });

  it('that a refund came back are followed by one more refund, and after that by people', async () => {
    const place = await shipped();
    await place.runtime.settle(place.start().refund({ ...refundKey, amountMinor: 500 }));
    const reference = '$refund/shop%2Fr/refund/0';
    place.gateway.refundsAre('succeeded');
    const back = { object: ['refund', 're_1'], status: 'failed', amountMinor: 500 } as const;
    const bounced = place.gateway.charges()[0]?.refunds[0];
    if (bounced !== undefined) Object.assign(bounced, { status: 'failed' });
    expect(await tell(place, { ...back, reference })).toBe('200 done');
    expect(place.gateway.sent.filter((text) => text.startsWith('refund'))).toHaveLength(2);
    expect(await view(place)).toMatchObject({ refunded: 500n });
    expect(place.pages).toEqual([]);
    const again = { object: ['refund', 're_2'], status: 'failed', amountMinor: 500 } as const;
    await tell(place, { ...again, reference: '$return/re_1/return/0' });
    expect(place.gateway.sent.filter((text) => text.startsWith('refund'))).toHaveLength(2);
    expect(place.pages).toHaveLength(1);
  });

  it.each([
    { disputed: 300, again: 200 },
    { disputed: 500, again: undefined },
  ])(
    'that a refund came back pay again what the bank has not taken: $disputed',
    async ({ disputed, again }) => {
      const place = await shipped();
      await place.runtime.settle(place.start().refund({ ...refundKey, amountMinor: 500 }));
      const bounced = place.gateway.charges()[0]?.refunds[0];
      if (bounced !== undefined) Object.assign(bounced, { status: 'failed' });
      await tell(place, { object: ['dispute', 'dp_1'], status: 'open', amountMinor: disputed });
      const reference = '$refund/shop%2Fr/refund/0';
      const back = { object: ['refund', 're_1'], status: 'failed', amountMinor: 500, reference } as const;
      place.gateway.mishaps('refund', 'reply lost');
      await tell(place, back);
      place.gateway.refundsAre('succeeded');
      // Told of again by another event: what has been asked for stands, though less is left by now.
      for (let round = 0; round < 3; round += 1) {
        await place.runtime.advance(120_000);
        await place.runtime.settle(place.start().recover());
        expect(await tell(place, back)).toBe('200 done');
      }
      const refunds = place.gateway.charges()[0]?.refunds.map(({ amountMinor }) => amountMinor);
      expect(refunds).toEqual(again === undefined ? [500] : [500, again]);
      expect(await view(place)).toMatchObject({ refunded: BigInt(again ?? 0), disputed: BigInt(disputed) });
      expect(place.pages).toEqual([]);
    },
  );

  it('that a refund came back ask for the same again, though the bank takes a part before the answer is heard', async () => {
    const place = await shipped();
    await place.runtime.settle(place.start().refund({ ...refundKey, amountMinor: 500 }));
    const bounced = place.gateway.charges()[0]?.refunds[0];
    if (bounced !== undefined) Object.assign(bounced, { status: 'failed' });
    const reference = '$refund/shop%2Fr/refund/0';
    place.gateway.mishaps('refund', 'reply lost', ...Array<Error>(9).fill(new GatewayTimeoutError('slow')));
    await tell(place, { object: ['refund', 're_1'], status: 'failed', amountMinor: 500, reference });
    await tell(place, { object: ['dispute', 'dp_1'], status: 'open', amountMinor: 300 });
    place.gateway.mishaps('refund');
    await heal(place);
    const news = await place.stores.inbox.list({ state: 'DONE', limit: 9 });
    expect(news.find(({ object }) => object === 'refund/re_1')).toMatchObject({ attempts: 2 });
    expect(place.gateway.charges()[0]?.refunds.map(({ amountMinor }) => amountMinor)).toEqual([500, 500]);
    expect(place.pages).toEqual([]);
  });

  describe('that a refund came back, when paying it again comes to nothing', () => {
    const bounced = async (trouble: (place: Mall) => void, promised: Parameters<typeof mall>[0] = {}) => {
      const place = await shipped(mall(promised));
      await place.runtime.settle(place.start().refund({ ...refundKey, amountMinor: 500 }));
      const first = place.gateway.charges()[0]?.refunds[0];
      if (first !== undefined) Object.assign(first, { status: 'failed' });
      const reference = '$refund/shop%2Fr/refund/0';
      trouble(place);
      await tell(place, { object: ['refund', 're_1'], status: 'failed', amountMinor: 500, reference });
      for (let round = 0; round < 6; round += 1) {
        await heal(place);
        place.gateway.settleRefunds('failed');
      }
      const refunds = place.gateway.charges()[0]?.refunds.map(({ status }) => status);
      return { refunds, refunded: (await view(place))?.refunded, pages: place.pages };
    };

    it('pay it under another name: the gateway had refused', async () => {
      const end = await bounced(({ gateway }) => gateway.mishaps('refund', new GatewayRejectedError('no')));
      expect(end).toEqual({ refunds: ['failed', 'succeeded'], refunded: 500n, pages: [] });
    });

    it('pay it under another name: the refund failed after it was taken', async () => {
      const end = await bounced(({ gateway }) => gateway.refundsAre('pending'));
      expect(end).toEqual({ refunds: ['failed', 'failed', 'succeeded'], refunded: 500n, pages: [] });
    });

    it('pay it under another name: it was lost on the way to a gateway that forgets keys', async () => {
      const end = await bounced(({ gateway }) => gateway.mishaps('refund', new GatewayTimeoutError('slow')), {
        dedup: 'none',
      });
      expect(end).toEqual({ refunds: ['failed', 'succeeded'], refunded: 500n, pages: [] });
    });

    it('call people when that is refused again and again', async () => {
      const no = Array<Error>(9).fill(new GatewayRejectedError('no'));
      const { pages, ...end } = await bounced(({ gateway }) => gateway.mishaps('refund', ...no));
      expect(end).toEqual({ refunds: ['failed'], refunded: 0n });
      expect(pages).toEqual([
        expect.stringContaining("refund re_1 of ch_1 came back and can't be paid again"),
      ]);
    });
  });

  it('that a refund failed before its success was heard of book nothing, then or later', async () => {
    const place = await shipped();
    const refund = { object: ['refund', 're_7'], amountMinor: 100, reference: 'elsewhere' } as const;
    await tell(place, { ...refund, status: 'failed' });
    await tell(place, { ...refund, status: 'succeeded' });
    expect(await view(place)).toMatchObject({ refunded: 0n });
    expect(place.pages).toEqual([]);
  });

  it('of refunds that others made count against what is left', async () => {
    const place = await shipped();
    await tell(place, {
      object: ['refund', 're_9'],
      status: 'succeeded',
      amountMinor: 400,
      reference: 'desk',
    });
    const more = place.start().refund({ ...refundKey, amountMinor: 101 });
    await expect(place.runtime.settle(more)).rejects.toMatchObject({ code: 'refund_exceeds_capture' });
  });

  it('of an authorisation that appears after its order was undone let it go', async () => {
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

  it('of an authorisation of a declined order let it go, wherever its process died and whenever they come', async () => {
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
