// Convinces by asking each service twice under one key, by refusing before and after something was done, and by letting a
// reservation arrive behind its release.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import { actAs, actor } from '../world/actor.ts';
import { oneProcess } from '../world/one-process.ts';
import { type ConnectedServices, services } from './services.ts';

const request = (name: string) => ({ idempotencyKey: `o1:${name}`, order: 'o1' });
const refusal = (site: Fault['site'], nth = 1): Fault => ({ site, nth, kind: 'service-refuses' });

/** What the books hold, and how it ended, once `work` of an actor who carries `faults` is done. */
async function booked(work: (beside: ConnectedServices) => Promise<unknown>, faults: readonly Fault[] = []) {
  const rig = oneProcess();
  const beside = services(rig.world);
  const connected = beside.connect(rig.environment().boundary, 'p0');
  const error = actAs(actor('a', faults), () => work(connected)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  await rig.settle();
  return { books: beside.books(), error: await error };
}

describe('the inventory', () => {
  it('holds once what is reserved twice under one key, and lets it go', async () => {
    const { books } = await booked(async ({ inventory }) => {
      await inventory.reserve(request('reserve'));
      await inventory.reserve(request('reserve'));
      await inventory.release(request('release'));
      await inventory.release(request('release'));
    });
    expect(books.reservations).toMatchObject([
      { idempotencyKey: 'o1:reserve', order: 'o1', at: { atMs: 10 }, releasedAt: { atMs: 50 } },
    ]);
  });

  it('holds again what is reserved under another key', async () => {
    const { books } = await booked(async ({ inventory }) => {
      await inventory.reserve(request('reserve'));
      await inventory.reserve(request('once more'));
    });
    expect(books.reservations).toHaveLength(2);
  });

  it('holds nothing for an order that was let go before', async () => {
    const { books, error } = await booked(async ({ inventory }) => {
      await inventory.release(request('release'));
      await inventory.reserve(request('reserve'));
    });
    expect(books.reservations).toEqual([]);
    expect(error).toMatchObject({ code: 'service_refused', effect: 'none' });
  });

  it('refuses for good without doing anything', async () => {
    const { books, error } = await booked(
      ({ inventory }) => inventory.reserve(request('reserve')),
      [refusal('inventory.reserve')],
    );
    expect(books.reservations).toEqual([]);
    expect(error).toMatchObject({ code: 'service_refused', effect: 'none', retriable: false });
  });

  it('does not take back by a refusal what it has done', async () => {
    const { books, error } = await booked(
      async ({ inventory }) => {
        await inventory.reserve(request('reserve'));
        await inventory.reserve(request('reserve'));
      },
      [refusal('inventory.reserve', 2)],
    );
    expect(error).toBeUndefined();
    expect(books.reservations).toHaveLength(1);
  });
});

describe('the carrier', () => {
  it('ships once under one key, and names the same shipment again', async () => {
    const shipped: unknown[] = [];
    const { books } = await booked(async ({ shipping }) => {
      for (const name of ['ship', 'ship', 'other']) shipped.push(await shipping.ship(request(name)));
    });
    expect(shipped).toEqual([{ shipment: 'shp_1' }, { shipment: 'shp_1' }, { shipment: 'shp_2' }]);
    expect(books.shipments.map((one) => Object.keys(one))).toEqual([
      ['idempotencyKey', 'order', 'at'],
      ['idempotencyKey', 'order', 'at'],
    ]);
  });

  it('has shipped although its answer was lost', async () => {
    const lost: Fault = { site: 'shipping.ship', nth: 1, kind: 'response-lost' };
    const { books, error } = await booked(({ shipping }) => shipping.ship(request('ship')), [lost]);
    expect(error).toMatchObject({ code: 'network_error', effect: 'unknown' });
    expect(books.shipments).toHaveLength(1);
  });
});

describe('who is on call', () => {
  it('is called by a process, unless nobody answers', async () => {
    const { books, error } = await booked(
      async ({ page }) => {
        await page('first');
        await page('second');
      },
      [refusal('oncall.page', 2)],
    );
    expect(books.pages).toMatchObject([{ about: 'first', process: 'p0', at: { atMs: 10 } }]);
    expect(error).toMatchObject({ effect: 'none' });
  });
});
