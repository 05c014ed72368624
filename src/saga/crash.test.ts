// Convinces by killing the process at every single crossing of a journal, gateway, service, sleep or page, before and
// after its effect, and once more during the recovery, and then reading the books: a completed checkout took the money
// once and shipped once, a compensated one left nothing behind.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError, GatewayTimeoutError } from '../errors/payment-error.ts';
import type { GatewayCapabilities } from '../gateway/port.ts';
import { type Shop, shop } from './testing-checkout.ts';
import { balanceOf } from './testing-gateway.ts';

const name = { saga: 'checkout', id: 'order-1' };
const order = { amountMinor: 500 };
const refused = new GatewayRejectedError('out of stock');

const always = (error: Error): Error[] => Array<Error>(99).fill(error);

interface Story {
  readonly weather: (shop: Shop) => void;
  readonly promised?: Partial<GatewayCapabilities>;
  readonly ends: readonly string[];
}

const stories: Readonly<Record<string, Story>> = {
  'all goes well': { weather: () => {}, ends: ['COMPLETED', 'COMPENSATED'] },
  'the shipment is refused after the capture': {
    weather: ({ service }) => service.mishaps('ship', ...always(refused)),
    ends: ['COMPENSATED'],
  },
  'and the refund is pending, then fails': {
    weather: ({ service, gateway }) => {
      service.mishaps('ship', ...always(refused));
      gateway.refundsAre('pending');
    },
    ends: ['COMPENSATED'],
  },
  'and the reply to the refund is lost, at a gateway that refunds again for a repeated key': {
    weather: ({ service, gateway }) => {
      service.mishaps('ship', ...always(refused));
      gateway.mishaps('refund', 'reply lost');
    },
    promised: { dedup: 'none' },
    ends: ['COMPENSATED'],
  },
  'the authorisation arrives late': {
    weather: ({ gateway }) => gateway.mishaps('authorize', { lateMs: 20_000 }),
    promised: { dedup: 'none' },
    ends: ['COMPLETED', 'COMPENSATED'],
  },
  'the reply to the capture is lost': {
    weather: ({ gateway }) => gateway.mishaps('capture', 'reply lost', new GatewayTimeoutError('again')),
    ends: ['COMPLETED', 'COMPENSATED'],
  },
  'a compensation fails for good': {
    weather: ({ service }) => {
      service.mishaps('ship', ...always(refused));
      service.mishaps('release', ...always(refused));
    },
    ends: ['FAILED_COMPENSATION'],
  },
};

/** Lets recovery run, in lives that don't crash, until nothing is due any more. */
async function heal(place: Shop): Promise<void> {
  for (let round = 0; round < 40; round += 1) {
    await place.runtime.advance(20_000);
    if (round === 5) place.gateway.settleRefunds('failed');
    if (round === 10) place.gateway.settleRefunds('succeeded');
    await place.runtime.settle(place.start().recover());
  }
}

async function judge(place: Shop, ends: readonly string[], where: string): Promise<void> {
  const record = await place.journal.read(name);
  const { done } = place.service;
  const took = place.gateway.charges().map(balanceOf);
  if (record === null) return expect({ where, done, took }).toEqual({ where, done: [], took: [] });
  const { state } = record;
  expect({ where, state: ends.includes(state) ? 'fits' : state }).toEqual({ where, state: 'fits' });
  expect({ where, due: record.dueAtMs }).toEqual({ where, due: undefined });
  expect(new Set(done).size).toBe(done.length);
  const sums = {
    net: took.reduce((sum, { netMinor }) => sum + netMinor, 0),
    held: took.reduce((sum, { heldMinor }) => sum + heldMinor, 0),
  };
  const completed = state === 'COMPLETED';
  expect({ where, ...sums }).toEqual({ where, net: completed ? 500 : 0, held: 0 });
  expect({ where, shipped: done.includes('ship'), told: done.includes('tell') }).toEqual({
    where,
    shipped: completed,
    told: completed,
  });
  const kept = done.includes('reserve') && !done.includes('release');
  expect({ where, kept }).toEqual({ where, kept: state !== 'COMPENSATED' && done.includes('reserve') });
  const isPaged = state === 'FAILED_COMPENSATION';
  expect({ where, paged: place.pages.length > 0 }).toEqual({ where, paged: isPaged });
}

/** Runs a story with a crash in the first life, and one in the life that recovers. Returns how many halves each had. */
async function run(story: Story, first?: number, second?: number): Promise<readonly [number, number]> {
  const place = shop(story.promised);
  story.weather(place);
  const begun = place.start({}, first);
  begun.execute(name.id, order).catch(() => undefined);
  await place.runtime.advance(60_000);
  const next = place.start({}, second);
  next.recover().catch(() => undefined);
  await place.runtime.advance(60_000);
  await heal(place);
  await judge(place, story.ends, `crash at ${first}, then at ${second}`);
  return [begun.crossings(), next.crossings()];
}

describe.each(Object.entries(stories))('%s', (_, story) => {
  it('ends alike after a crash anywhere', async () => {
    const [halves] = await run(story);
    expect(halves).toBeGreaterThan(10);
    for (let at = 0; at < halves; at += 1) await run(story, at);
  });

  it('ends alike after a second crash anywhere in the recovery', async () => {
    const [halves] = await run(story);
    for (let at = 1; at < halves; at += 5) {
      const [, recovering] = await run(story, at);
      for (let again = at % 2; again < recovering; again += 2) await run(story, at, again);
    }
  });
});
