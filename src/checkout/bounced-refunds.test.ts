// Convinces by refunds that come back after nobody heard that they were made: at every crossing at which the process may have
// died, and whichever announcement comes first, the payer has the money once, and was told nothing else.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  CircuitOpenError,
  GatewayRejectedError,
  GatewayTimeoutError,
  PaymentError,
} from '../errors/payment-error.ts';
import { balanceOf } from '../saga/testing-gateway.ts';
import { type Mall, mall, order } from './testing.ts';

const refundKey = { scope: 'shop', order: order.key, key: 'r', currency: 'USD' };
const statuses = ['succeeded', 'failed'] as const;
let events = 0;

/** Brings what the gateway announces of a refund; answers what was done about it. */
async function tell(
  place: Mall,
  { id, merchantReference, amountMinor }: Refund,
  status: string,
): Promise<string> {
  events += 1;
  const data = { chargeId: 'ch_1', amountMinor, currency: 'USD', merchantReference };
  const object = { kind: 'refund', id };
  const event = { id: `evt_${events}`, type: `refund.${status}`, object, transition: status, status, data };
  const answer = await place.runtime.settle(place.start().webhook(...place.delivery(event)));
  return `${answer.handled}`;
}

type Refund = ReturnType<Mall['gateway']['charges']>[number]['refunds'][number];

function refundsOf({ gateway }: Mall): readonly Refund[] {
  return gateway.charges()[0]?.refunds ?? [];
}

function netMinor({ gateway }: Mall): number | undefined {
  const [charge] = gateway.charges();
  return charge && balanceOf(charge).netMinor;
}

/** The payer's bank sends the first refund back. */
function bounce(place: Mall): Refund | undefined {
  const [refund] = refundsOf(place);
  if (refund !== undefined) Object.assign(refund, { status: 'failed' });
  return refund;
}

async function heal(place: Mall): Promise<void> {
  for (let round = 0; round < 12; round += 1) {
    await place.runtime.advance(20_000);
    await place.runtime.settle(place.start().recover());
  }
}

/** What is told of a client's refund. */
async function told(place: Mall, system = place.start()): Promise<string> {
  try {
    await place.runtime.settle(system.refund({ ...refundKey, amountMinor: 200 }));
    return 'ok';
  } catch (error) {
    return error instanceof PaymentError ? error.code : String(error);
  }
}

describe.each(['every-answer', 'none'] as const)('a refund that comes back, with dedup %s', (dedup) => {
  const unheard = async (): Promise<Mall> => {
    const place = mall({ dedup });
    await place.runtime.settle(place.start().checkout(order));
    const lost = dedup === 'none' ? 1 : 3;
    place.gateway.mishaps('refund', ...Array.from({ length: lost }, () => 'reply lost' as const));
    expect(await told(place)).not.toBe('ok');
    return place;
  };

  it('is paid again, and told as made, once its success was booked', async () => {
    const place = await unheard();
    const [refund] = refundsOf(place);
    if (refund === undefined) throw new Error('nothing was refunded');
    expect(await tell(place, refund, 'succeeded')).toBe('done');
    bounce(place);
    expect(await tell(place, refund, 'failed')).toBe('done');
    await heal(place);
    expect(await told(place)).toBe('ok');
    expect(netMinor(place)).toBe(300);
  });

  it('waits while another refund has what it needs, which may have come back too, and is for people in the end', async () => {
    const place = mall({ dedup });
    await place.runtime.settle(place.start().checkout(order));
    expect(await told(place)).toBe('ok');
    const [refund] = refundsOf(place);
    if (refund === undefined) throw new Error('nothing was refunded');
    // Somebody else returned more than there was beside it.
    const desk = { ...refund, id: 're_9', merchantReference: 'desk', amountMinor: 400 };
    expect(await tell(place, desk, 'succeeded')).toBe('done');
    bounce(place);
    expect(await tell(place, refund, 'failed')).toBe('parked');
    expect(place.pages).toEqual([]);
    for (let day = 0; day < 40; day += 1) {
      await place.runtime.advance(86_400_000);
      await place.runtime.settle(place.start().recover());
    }
    expect(place.pages).toEqual([expect.stringContaining('was given up')]);
    expect(netMinor(place)).toBe(500);
  });

  it('is not paid again, and told as failed, when its success was never booked', async () => {
    const place = await unheard();
    const refund = bounce(place);
    await heal(place);
    expect(await told(place)).toBe('refund_failed');
    for (const status of statuses) if (refund !== undefined) await tell(place, refund, status);
    await heal(place);
    expect(await told(place)).toBe('refund_failed');
    expect(netMinor(place)).toBe(500);
  });

  it.each(['before', 'after'] as const)(
    'of an order that is undone is made good once, wherever its process died, told of %s it is gone on with',
    async (when) => {
      let waited = 0;
      for (let crashAt = 1; ; crashAt += 1) {
        const place = mall({ dedup });
        place.service.mishaps(
          'ship',
          ...Array.from({ length: 9 }, () => new CardDeclinedError('no carrier')),
        );
        const system = place.start(crashAt);
        system.checkout(order).catch(() => undefined);
        await place.runtime.advance(1_000);
        const refund = bounce(place);
        if (when === 'after') await heal(place);
        for (const status of statuses)
          if (refund !== undefined && (await tell(place, refund, status)) === 'parked') waited += 1;
        await heal(place);
        expect([crashAt, netMinor(place) ?? 0]).toEqual([crashAt, 0]);
        if (system.crossings() < crashAt) break;
      }
      expect(waited > 0).toBe(when === 'before');
    },
  );

  it('of an order that is still at it is made again by the order, and nowhere told as failed before', async () => {
    const place = mall({ dedup });
    place.service.mishaps('ship', new CardDeclinedError('no carrier'));
    // The first refund is heard of; what is undone after it has to wait, for longer than the refund takes to come back.
    const silent = Array.from({ length: 4 }, () => new CircuitOpenError('the gateway is not asked'));
    place.gateway.mishaps('lookup', null, ...silent);
    const asked = place.start().checkout(order);
    await expect(place.runtime.settle(asked)).rejects.toMatchObject({ code: 'outcome_unknown' });
    const refund = bounce(place);
    if (refund === undefined) throw new Error('nothing was refunded');
    const failures = async (): Promise<number> => {
      const entries = await place.stores.ledger.entries({ after: 0, limit: 100 });
      return entries.filter(({ kind }) => kind === 'refund-failed').length;
    };
    place.gateway.mishaps('lookup', ...silent);
    expect([await tell(place, refund, 'failed'), await failures()]).toEqual(['parked', 0]);
    place.gateway.mishaps('lookup');
    await heal(place);
    const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
    const names = refundsOf(place).map(({ merchantReference }) => merchantReference);
    expect([record?.state, await failures(), netMinor(place)]).toEqual(['COMPENSATED', 1, 0]);
    expect(names).toEqual([0, 1].map((round) => expect.stringMatching(`^undo/.*/refund/${round}$`)));
  });

  it.each([
    ['release', 'done', 're_1/return'],
    ['lookup', 'parked', 'refund/1'],
  ] as const)(
    'of an order that is stuck at a %s is %s, and made again as %s',
    async (stuckAt, handled, name) => {
      const place = mall({ dedup });
      place.service.mishaps('ship', new CardDeclinedError('no carrier'));
      const silent = Array.from({ length: 4 }, () => new GatewayTimeoutError('silent'));
      if (stuckAt === 'release') place.service.mishaps('release', ...silent);
      else place.gateway.mishaps('lookup', null, ...silent);
      await place.runtime.settle(
        place
          .start()
          .checkout(order)
          .catch(() => undefined),
      );
      const refund = bounce(place);
      expect(refund && (await tell(place, refund, 'failed'))).toBe(handled);
      const repaired = place
        .start()
        .repair(order)
        .catch(() => undefined);
      await place.runtime.settle(repaired);
      await heal(place);
      const names = refundsOf(place).map(({ merchantReference }) => merchantReference);
      expect(names).toEqual([expect.stringContaining('refund/0'), expect.stringContaining(name)]);
      expect(netMinor(place)).toBe(0);
    },
  );

  it('of an order that people were called for is left to their repair', async () => {
    const place = mall({ dedup });
    place.service.mishaps('ship', new CardDeclinedError('no carrier'));
    const refusals = Array.from({ length: 40 }, () => new GatewayRejectedError('not now'));
    // Unheard, and never sent again until it is known to have come back.
    place.gateway.mishaps('refund', 'reply lost', ...refusals);
    const asked = place
      .start()
      .checkout(order)
      .catch(() => undefined);
    await place.runtime.advance(50);
    const refund = bounce(place);
    await place.runtime.settle(asked);
    await heal(place);
    const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
    expect(record?.state).toBe('FAILED_COMPENSATION');
    place.gateway.mishaps('refund');
    for (const status of statuses) if (refund !== undefined) await tell(place, refund, status);
    expect(netMinor(place)).toBe(500);
    const repaired = place
      .start()
      .repair(order)
      .catch(() => undefined);
    await place.runtime.settle(repaired);
    await heal(place);
    expect(netMinor(place)).toBe(0);
  });
});
