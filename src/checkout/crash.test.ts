// Convinces by killing the process at every crossing of a store, the gateway, a service, a sleep or a page, before and
// after its effect; another process then recovers, the client asks again, and the books of the gateway, of the services
// and our own are read.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError } from '../errors/payment-error.ts';
import type { GatewayCapabilities } from '../gateway/port.ts';
import { balanceOf } from '../saga/testing-gateway.ts';
import { type Mall, mall, order } from './testing.ts';

interface Story {
  readonly weather?: (place: Mall) => void;
  readonly promised?: Partial<GatewayCapabilities>;
  /** Refunded by the client after the order was shipped, and crashed there as well. */
  readonly refundMinor?: number;
  readonly ships: boolean;
}

const refusal = new GatewayRejectedError('no such address');

const stories: Readonly<Record<string, Story>> = {
  'all goes well': { ships: true },
  'the shipment is refused': {
    weather: ({ service }) => service.mishaps('ship', ...Array<Error>(99).fill(refusal)),
    ships: false,
  },
  'the reply to the authorisation is lost, at a gateway without keys': {
    weather: ({ gateway }) => gateway.mishaps('authorize', 'reply lost'),
    promised: { dedup: 'none' },
    ships: true,
  },
  'the reply to the capture is lost': {
    weather: ({ gateway }) => gateway.mishaps('capture', 'reply lost'),
    ships: true,
  },
  'and a part is refunded': { refundMinor: 200, ships: true },
  'and a part is refunded, whose reply is lost at a gateway without keys': {
    weather: ({ gateway }) => gateway.mishaps('refund', 'reply lost'),
    promised: { dedup: 'none' },
    refundMinor: 200,
    ships: true,
  },
};

const refund = { scope: 'shop', key: 'refund-1', order: order.key, currency: 'USD' };

async function heal(place: Mall): Promise<void> {
  for (let round = 0; round < 8; round += 1) {
    await place.runtime.advance(20_000);
    await place.runtime.settle(place.start().recover());
  }
}

async function act({ refundMinor }: Story, system: ReturnType<Mall['start']>): Promise<void> {
  await system.checkout(order);
  if (refundMinor !== undefined) await system.refund({ ...refund, amountMinor: refundMinor });
}

/** Asks until there is an answer that is final. */
async function ask(place: Mall, request: (system: ReturnType<Mall['start']>) => Promise<unknown>) {
  for (let round = 0; round < 4; round += 1) {
    const asked = request(place.start()).then(
      () => 'ok',
      (error: { readonly effect: string }) => error.effect,
    );
    const told = await place.runtime.settle(asked);
    if (told === 'ok' || told === 'final') return told;
    await heal(place);
  }
  return 'nothing final';
}

const isMoney = /^(capture|refund|refund-failed)$/;

/** Lives through a story, with a crash at half crossing `at`. Returns how many there were, and how it ended. */
async function run(story: Story, at?: number) {
  const place = mall(story.promised);
  story.weather?.(place);
  const first = place.start(at);
  act(story, first).catch(() => undefined);
  await place.runtime.advance(60_000);
  await heal(place);
  const { refundMinor: amountMinor } = story;
  const told = await ask(place, (system) => system.checkout(order));
  const given =
    amountMinor === undefined || told !== 'ok'
      ? 'none asked'
      : await ask(place, (system) => system.refund({ ...refund, amountMinor }));
  await heal(place);
  const sums = place.gateway.charges().map(balanceOf);
  const entries = await place.stores.ledger.entries({ after: 0, limit: 99 });
  const on = (account: string): number =>
    entries
      .flatMap(({ postings }) => postings)
      .reduce((sum, posting) => (posting.account === account ? sum + posting.amountMinor : sum), 0);
  const { done } = place.service;
  return {
    halves: first.crossings(),
    told,
    given,
    end: {
      netMinor: sums.reduce((sum, { netMinor }) => sum + netMinor, 0),
      heldMinor: sums.reduce((sum, { heldMinor }) => sum + heldMinor, 0),
      bookedMinor: 0 - on('captured') - on('refunded'),
      payableMinor: on('refunds-payable'),
      shipped: done.filter((what) => what === 'ship').length,
      kept: done.includes('reserve') && !done.includes('release'),
      undecided: (await place.stores.idempotency.list({ limit: 9 })).length,
      untold: entries.filter(({ kind, key }) => isMoney.test(kind) && !place.news.includes(key)).length,
      pages: place.pages,
    },
  };
}

/** What has to be true, given what the client was told. */
function endOf({ refundMinor = 0 }: Story, { told, given }: Awaited<ReturnType<typeof run>>) {
  const isShipped = told === 'ok';
  const netMinor = isShipped ? 500 - (given === 'ok' ? refundMinor : 0) : 0;
  const money = { netMinor, heldMinor: 0, bookedMinor: netMinor, payableMinor: 0 };
  return { ...money, shipped: isShipped ? 1 : 0, kept: isShipped, undecided: 0, untold: 0, pages: [] };
}

describe.each(Object.entries(stories))('%s', (_, story) => {
  it('ends alike after a crash anywhere', { timeout: 60_000 }, async () => {
    const calm = await run(story);
    expect(calm.halves).toBeGreaterThan(20);
    expect(calm.told).toBe(story.ships ? 'ok' : 'final');
    for (const at of [undefined, ...Array(calm.halves).keys()]) {
      const lived = await run(story, at);
      const { told, given, end } = lived;
      expect({ at, told, given, ...end }).toEqual({ at, told, given, ...endOf(story, lived) });
      expect({ at, told: ['ok', 'final'].includes(told) }).toEqual({ at, told: true });
      expect({ at, given: given === 'nothing final' }).toEqual({ at, given: false });
    }
  });
});
