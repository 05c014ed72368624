// Convinces by the walkthroughs of a checkout from outside: what the client was told, what the gateway's strict books hold,
// what the services did in which order, and that our own books agree.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  GatewayRejectedError,
  NetworkError,
  StoreUnavailableError,
} from '../errors/payment-error.ts';
import { balanceOf } from '../saga/testing-gateway.ts';
import { type Mall, mall, order } from './testing.ts';

const transient = () => new NetworkError('reset', { effect: 'unknown' });
const refusal = new GatewayRejectedError('no such address');

async function ledgerOf(place: Mall) {
  const [row] = await place.runtime.settle(place.start().observe(order));
  return row === undefined ? undefined : { captured: row.capturedMinor, net: row.netMinor };
}

describe('the walkthroughs', () => {
  it('1: succeeds after two transient network errors', async () => {
    const place = mall();
    place.gateway.mishaps('authorize', transient(), transient());
    const done = await place.runtime.settle(place.start().checkout(order));
    expect(done).toMatchObject({ order: 'shop/order-1', shipment: 'shp_1', charge: { capturedMinor: 500 } });
    expect(place.gateway.charges().map(balanceOf)).toEqual([{ netMinor: 500, heldMinor: 0 }]);
    expect(place.service.done).toEqual(['reserve', 'ship']);
    expect(await ledgerOf(place)).toEqual({ captured: 500n, net: 500n });
  });

  it('2: answers a repetition, of another process too, with the same body and no second gateway call', async () => {
    const place = mall();
    const first = await place.runtime.settle(place.start().checkout(order));
    const sent = place.gateway.sent.length;
    let replays = 0;
    const again = await place.runtime.settle(place.start().checkout(order, () => (replays += 1)));
    expect(JSON.stringify(again)).toBe(JSON.stringify(first));
    expect({ sent: place.gateway.sent.length, replays }).toEqual({ sent, replays: 1 });
  });

  it('3: returns the money and releases the goods, in reverse order, when the shipment fails after the capture', async () => {
    const place = mall();
    place.service.mishaps('ship', refusal);
    await expect(place.runtime.settle(place.start().checkout(order))).rejects.toMatchObject({
      name: 'NotChargedError',
      effect: 'final',
    });
    const mutations = place.gateway.sent.map((text) => text.split(' ')[0]);
    expect(mutations).toEqual(['authorize', 'capture', 'refund']);
    expect(place.service.done).toEqual(['reserve', 'release']);
    const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
    const { steps } = JSON.parse(record?.progress ?? '{}') as { steps: { name: string; state: string }[] };
    expect(steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'reserve_inventory undone',
      'authorize_payment undone',
      'capture_payment undone',
      'create_shipment not-done',
    ]);
    expect(place.gateway.charges().map(balanceOf)).toEqual([{ netMinor: 0, heldMinor: 0 }]);
    expect(await ledgerOf(place)).toEqual({ captured: 500n, net: 0n });
  });

  it('4: blocks fraud before any gateway call and lets the goods go', async () => {
    const place = mall();
    const thief = { ...order, payer: { email: 'thief@x.test' } };
    await expect(place.runtime.settle(place.start().checkout(thief))).rejects.toMatchObject({
      code: 'fraud_blocked',
    });
    expect(place.gateway.sent).toEqual([]);
    expect(place.service.done).toEqual(['reserve', 'release']);
  });

  it('5: accepts a webhook, knows its repetition, and refuses a tampered one', async () => {
    const place = mall();
    const system = place.start();
    const { charge } = await place.runtime.settle(system.checkout(order));
    const news = { chargeId: charge.id, merchantReference: 're_ref', amountMinor: 200, currency: 'USD' };
    const event = {
      id: 'evt_1',
      type: 'dispute.open',
      object: { kind: 'dispute', id: 'dp_1' },
      transition: 'open',
      status: 'open',
      version: 1,
      data: news,
    };
    const [body, headers] = place.delivery(event, 'whsec_old');
    const told = [
      await place.runtime.settle(system.webhook(body, headers)),
      await place.runtime.settle(place.start().webhook(...place.delivery(event))),
      await place.runtime.settle(system.webhook(new TextEncoder().encode('{"id":"evt_2"}'), headers)),
      await place.runtime.settle(system.webhook(...place.delivery({ ...event, id: 'evt_1_again' }))),
    ];
    expect(told.map(({ status, outcome }) => `${status} ${outcome}`)).toEqual([
      '200 accepted',
      '200 duplicate',
      '400 refused',
      '200 accepted',
    ]);
    expect(await ledgerOf(place)).toEqual({ captured: 500n, net: 300n });
  });

  it('6: finds three discrepancies, repairs what can be, and pages for what the gateway lacks; once', async () => {
    const place = mall();
    const { charge } = await place.runtime.settle(place.start().checkout(order));
    const other = { ...order, key: 'order-2' };
    const { charge: kept } = await place.runtime.settle(place.start().checkout(other));
    const late = { amountMinor: 70, currency: 'USD', capture: 'automatic', paymentToken: 'tok_9' } as const;
    const names = { idempotencyKey: 'k9', merchantReference: 'ref-9' };
    const foreign = await place.gateway.port.authorize({ ...late, ...names });
    const at = { currency: 'USD', atMs: place.runtime.wallMs() };
    place.reported.push(
      { kind: 'charge', gatewayId: kept.id, amountMinor: 400, status: 'captured', ...at },
      {
        kind: 'charge',
        gatewayId: foreign.id,
        merchantReference: 'ref-9',
        amountMinor: 70,
        status: 'captured',
        ...at,
      },
    );
    await place.runtime.advance(4 * 86_400_000);
    const { report, repairs } = await place.runtime.settle(place.start().reconcile('2026-01-01'));
    expect(report.summary()).toBe(
      '0/3 matched, 3 discrepancies: 1 missing_internal, 1 missing_gateway, 1 amount_mismatch',
    );
    expect({ repaired: repairs.repaired.length, open: repairs.open.length }).toEqual({
      repaired: 1,
      open: 2,
    });
    const pages = [...place.pages];
    expect(pages.some((page) => page.includes('MISSING_GATEWAY') && page.includes(charge.id))).toBe(true);
    const second = await place.runtime.settle(place.start().reconcile('2026-01-01'));
    expect(second.report.matched).toBe(1);
    expect(second.report.discrepancies.map(({ type }) => type).sort()).toEqual([
      'AMOUNT_MISMATCH',
      'MISSING_GATEWAY',
    ]);
    expect({ repaired: second.repairs.repaired, pages: place.pages }).toEqual({ repaired: [], pages });
  });
});

describe('a row in another state than the books', () => {
  it('is for people where no look-up brings that state about, once', async () => {
    const place = mall();
    const { charge } = await place.runtime.settle(place.start().checkout(order));
    const row = {
      kind: 'charge',
      gatewayId: charge.id,
      currency: 'USD',
      atMs: place.runtime.wallMs(),
    } as const;
    place.reported.push({ ...row, amountMinor: 500, status: 'pending' });
    await place.runtime.advance(4 * 86_400_000);
    for (const repairs of [1, 2]) {
      const told = await place.runtime.settle(place.start().reconcile('2026-01-01'));
      expect(told.report.discrepancies.map(({ type }) => type)).toEqual(['STATUS_MISMATCH']);
      expect([repairs, told.repairs.open.length, told.repairs.repaired]).toEqual([repairs, 1, []]);
      expect(place.pages).toEqual([expect.stringContaining(`STATUS_MISMATCH ${charge.id}`)]);
    }
  });
});

describe('the edge', () => {
  it('journals nothing that is no part of an order', async () => {
    const place = mall();
    const noted = { ...order, note: 'card 4111-1111-1111-1111 cvv: 999' };
    await place.runtime.settle(place.start().checkout(noted));
    const record = await place.stores.sagas.read({ saga: 'checkout', id: 'shop/order-1' });
    expect(record?.progress).not.toContain('4111');
  });

  it.each([
    ['no money', { ...order, amountMinor: 0 }],
    ['half a cent', { ...order, amountMinor: 0.5 }],
    ['an unknown currency', { ...order, currency: 'XXX1' }],
    ['no key', { ...order, key: '' }],
    ['a payer of unknown shape', { ...order, payer: { pan: '4111111111111111' } }],
    ['nothing', null],
  ])('refuses %s before anything is done', async (_, given) => {
    const place = mall();
    await expect(place.start().checkout(given as never)).rejects.toMatchObject({ code: 'validation_error' });
    expect([...place.service.calls, ...place.gateway.sent]).toEqual([]);
  });

  it('tells a decline as itself, and keeps two orders of one key in two scopes apart', async () => {
    const place = mall();
    place.gateway.mishaps('authorize', new CardDeclinedError('no'));
    await expect(place.runtime.settle(place.start().checkout(order))).rejects.toMatchObject({
      code: 'card_declined',
    });
    await expect(place.runtime.settle(place.start().checkout(order))).rejects.toMatchObject({
      code: 'card_declined',
    });
    const other = await place.runtime.settle(place.start().checkout({ ...order, scope: 'other' }));
    expect(other.shipment).toBe('shp_1');
  });

  it('never charges for an order that was undone, though the slot of its payment was left claimed', async () => {
    const place = mall();
    const refused = new NetworkError('refused', { effect: 'none' });
    place.gateway.mishaps('authorize', refused, refused, refused);
    const release = async (): Promise<never> => {
      throw new StoreUnavailableError('no answer');
    };
    const { release: well } = place.stores.idempotency;
    Object.assign(place.stores.idempotency, { release });
    const undone = { code: 'not_charged', effect: 'final' };
    await expect(place.runtime.settle(place.start().checkout(order))).rejects.toMatchObject(undone);
    Object.assign(place.stores.idempotency, { release: well });
    for (const ms of [20_000, 60_000, 60_000]) {
      await place.runtime.advance(ms);
      await place.runtime.settle(place.start().recover());
    }
    expect(place.gateway.charges()).toEqual([]);
    expect(await place.stores.idempotency.list({ limit: 9 })).toEqual([]);
  });

  it('refuses another order under the same key', async () => {
    const place = mall();
    await place.runtime.settle(place.start().checkout(order));
    await expect(
      place.runtime.settle(place.start().checkout({ ...order, amountMinor: 501 })),
    ).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect(place.gateway.charges()).toHaveLength(1);
  });
});
