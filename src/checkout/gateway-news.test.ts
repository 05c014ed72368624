// Convinces by bringing announcements late, early, twice and in both orders, and reading our books and what the gateway
// was asked to do about them.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import { type Mall, mall, order } from './testing.ts';
import { heal, tell } from './testing-news.ts';

async function view(place: Mall) {
  const [row] = await place.runtime.settle(place.start().observe(order));
  return row && { captured: row.capturedMinor, refunded: row.refundedMinor, disputed: row.disputedMinor };
}

async function shipped(place = mall()): Promise<Mall> {
  await place.runtime.settle(place.start().checkout(order));
  return place;
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
});
