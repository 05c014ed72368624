// Convinces by the saga that is published: it is killed at every crossing of several stories, recovered, and recorded. What
// it really journals and does is what the checkers of sagas read, and they have nothing to say against it; and the same
// runs break them when one thing is taken out of the record.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError } from '../../src/errors/payment-error.ts';
import { type Shop, shop } from '../../src/saga/testing-checkout.ts';
import type { BookedCharge as FakeCharge } from '../../src/saga/testing-gateway.ts';
import type { BookedCharge, BookedRefund, History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { compensatedIsClean } from './compensated-is-clean.ts';
import { compensationsAcknowledged } from './compensations-acknowledged.ts';
import { marksOf } from './marks.ts';
import { reverseCompensation } from './reverse-compensation.ts';
import { sagasEnd } from './sagas-end.ts';
import { stepsResolved } from './steps-resolved.ts';
import { orderIntent, type ShopTale, shopTale } from './testing-shop.ts';
import { bad, good } from './testing-values.ts';

const order = { key: 'order-1', paymentToken: 'tok' };
const refused = new GatewayRejectedError('out of stock');
const always = Array<Error>(99).fill(refused);
const sagaCheckers = [
  reverseCompensation,
  stepsResolved,
  compensatedIsClean,
  compensationsAcknowledged,
  sagasEnd,
];

const stories: Readonly<Record<string, (place: Shop) => void>> = {
  'all goes well': () => {},
  'the shipment is refused': ({ service }) => service.mishaps('ship', ...always),
  'and the refund is pending, then fails': ({ service, gateway }) => {
    service.mishaps('ship', ...always);
    gateway.refundsAre('pending');
  },
  'the authorisation arrives late': ({ gateway }) => gateway.mishaps('authorize', { lateMs: 20_000 }),
  'the capture is refused': ({ gateway }) => gateway.mishaps('capture', ...always),
  'a compensation fails for good': ({ service }) => {
    service.mishaps('ship', ...always);
    service.mishaps('release', ...always);
  },
};

interface Recorded {
  readonly place: Shop;
  readonly story: ShopTale;
  /** Who is said to act from now on. */
  as(actor: string): void;
}

/** A shop every crossing of which is told as a history. */
function recorded(): Recorded & { readonly journal: Shop['journal'] } {
  const place = shop();
  const story = shopTale();
  let actor = 'a';
  let lastMs = place.runtime.monotonicMs();
  const as = (who: string): void => {
    actor = who;
  };
  const sync = (): void => {
    const nowMs = place.runtime.monotonicMs();
    story.wait(nowMs - lastMs);
    lastMs = nowMs;
    for (const charge of place.gateway.charges()) keepBook(story, charge);
  };
  const tell = async (site: Site, request: unknown, act: () => Promise<unknown>): Promise<unknown> => {
    const before = place.gateway.charges().length;
    const done = place.service.done.length;
    sync();
    const result = await act().then(
      (value) => ({ ok: true, value }) as const,
      (error: unknown) => ({ ok: false, error }) as const,
    );
    const charge = place.gateway.charges()[before];
    const happened = charge !== undefined || place.service.done.length > done;
    const effect = result.ok ? good(result.value) : happened ? good(charge) : bad('refused', 'none');
    story.cross(actor, site, request)({ effect, reply: effect });
    sync();
    if (result.ok) return result.value;
    throw result.error;
  };
  const { port } = place.gateway;
  for (const name of ['authorize', 'capture', 'void', 'refund'] as const) {
    const real = port[name].bind(port) as (request: unknown) => Promise<unknown>;
    Object.assign(port, {
      [name]: (request: unknown) => tell(`gateway.${name}`, request, () => real(request)),
    });
  }
  recordService({ place, story, tell, actor: () => actor });
  const journal = new Proxy(place.journal, {
    get: (target, name: keyof Shop['journal']) => (request: never) =>
      tell(`saga.${name}`, request, () => target[name](request)),
  });
  return { place, story, journal, as };
}

const sites: Readonly<Record<string, Site>> = {
  reserve: 'inventory.reserve',
  release: 'inventory.release',
  ship: 'shipping.ship',
};

function recordService({
  place,
  story,
  tell,
  actor,
}: {
  readonly place: Shop;
  readonly story: ShopTale;
  readonly tell: (site: Site, request: unknown, act: () => Promise<unknown>) => Promise<unknown>;
  readonly actor: () => string;
}): void {
  const { act } = place.service;
  Object.assign(place.service, {
    async act(what: string, key: string) {
      const site = sites[what];
      if (site === undefined) return act(what, key);
      let error: unknown;
      const done = place.service.done.length;
      await act(what, key).catch((thrown: unknown) => {
        error = thrown;
      });
      if (place.service.done.length > done) story.serves(actor(), site, { key, order: order.key });
      else await tell(site, { idempotencyKey: key, order: order.key }, async () => undefined);
      if (error !== undefined) throw error;
    },
  });
}

/** Takes over what the gateway's books say now; what is new there is dated now. */
function keepBook(story: ShopTale, { id, status, capturedMinor, openMinor = 0, refunds }: FakeCharge): void {
  const { charges } = story.done().books;
  const known: BookedCharge =
    charges.find((charge) => charge.id === id) ?? story.book({ id, ...order, idempotencyKey: 'authorise' });
  const captures = known.captures ?? [];
  const at = story.now();
  const made = capturedMinor > 0 && captures.length === 0;
  const capture = { idempotencyKey: 'c', merchantReference: 'c', amountMinor: capturedMinor, at };
  const booked = refunds.map((refund, index): BookedRefund => {
    const before = known.refunds?.[index];
    if (before?.status === refund.status) return before;
    const { merchantReference, amountMinor } = refund;
    const first = { idempotencyKey: merchantReference, merchantReference, amountMinor, at };
    return { id: refund.id, ...first, ...before, status: refund.status, changedAtMs: at.atMs };
  });
  const back = booked.filter((refund) => refund.status === 'succeeded');
  const refundedMinor = back.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
  Object.assign(known, {
    status,
    capturedMinor,
    openMinor,
    refundedMinor,
    refunds: booked,
    captures: made ? [capture] : captures,
  });
}

/** Runs a story with a crash at a half crossing of the first life, until nothing is due any more. */
async function run(
  weather: (place: Shop) => void,
  crashAt?: number,
): Promise<{ readonly history: History; readonly halves: number }> {
  const { place, story, journal, as } = recorded();
  weather(place);
  const { scope, key, paymentToken } = { ...orderIntent, ...order };
  story.order('a', { scope, key, paymentToken });
  const first = place.start({ journal }, crashAt);
  first.execute(order.key, { amountMinor: 500 }).catch(() => undefined);
  await place.runtime.advance(60_000);
  for (let round = 0; round < 20; round += 1) {
    as(`recover:${round}`);
    await place.runtime.advance(20_000);
    if (round === 5) place.gateway.settleRefunds('failed');
    if (round === 10) place.gateway.settleRefunds('succeeded');
    await place.runtime.settle(place.start({ journal }).recover());
  }
  for (const { id } of place.pages) story.pages(`saga ${id}`);
  const final = await place.journal.read({ saga: 'checkout', id: order.key });
  story.incident({ kind: 'settled' });
  const history = story.done();
  const { shop: books } = history.books;
  const sagas = final === null ? [] : [final];
  return {
    halves: first.crossings(),
    history: { ...history, books: { ...history.books, ...(books && { shop: { ...books, sagas } }) } },
  };
}

describe('the checkers of sagas and the saga that is published', () => {
  it.each(Object.entries(stories))('agree when %s, with a crash anywhere', async (_, weather) => {
    const { halves } = await run(weather);
    expect(halves).toBeGreaterThan(10);
    for (let crashAt = 0; crashAt <= halves; crashAt += 1) {
      const { history } = await run(weather, crashAt);
      const broken = sagaCheckers.flatMap(({ id, check }) => {
        const verdict = check(history);
        return verdict.verdict === 'holds' ? [] : [{ crashAt, id, verdict }];
      });
      expect(broken).toEqual([]);
    }
  });

  it('judge its way back in every respect, and see what it reached', async () => {
    const { history } = await run(stories['the shipment is refused'] ?? (() => {}));
    const judged = sagaCheckers.map(({ id, check }) => ({ id, ...check(history) }));
    expect(judged.map(({ id, verdict }) => [id, verdict])).toEqual(
      sagaCheckers.map(({ id }) => [id, 'holds']),
    );
    expect(judged.filter((one) => one.verdict === 'holds' && one.judged === 0)).toEqual([]);
    expect(marksOf(history)).toEqual(expect.arrayContaining(['refund-after-capture', 'saga-compensated']));
  });

  it('part when a refund, a release or a write is struck from the record', async () => {
    const { history } = await run(stories['the shipment is refused'] ?? (() => {}));
    const { shop: books } = history.books;
    const without = (changed: Partial<History>) =>
      sagaCheckers.flatMap(({ id, check }) =>
        check({ ...history, ...changed }).verdict === 'breaks' ? [id] : [],
      );
    const charges = history.books.charges.map((charge) => ({ ...charge, refunds: [], refundedMinor: 0 }));
    expect(without({ books: { ...history.books, charges } })).toEqual(['S11', 'S12']);
    const reservations = books?.reservations.map(({ releasedAt: _, ...held }) => held) ?? [];
    expect(
      without({ books: { ...history.books, ...(books && { shop: { ...books, reservations } }) } }),
    ).toEqual(['S11', 'S12']);
    const crossings = history.crossings.filter(({ site }) => site !== 'saga.save');
    expect(without({ crossings })).toEqual(['S10']);
  });
});
