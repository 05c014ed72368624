// Convinces by letting one thing go wrong with one delivery at a time, and by reading off the history who was sent what,
// when, and what came of it in the inbox.

import { describe, expect, it } from 'vitest';
import type { Case, Fault } from '../cases/case.ts';
import type { History } from '../history/history.ts';
import type { DeliveryIntent } from '../history/shop.ts';
import { storm } from '../storm.ts';
import type { Target } from '../targets/target.ts';
import { at, first, order, plainShop, posted, reconcile, run, shopCase, without } from './testing.ts';

describe('a delivery', () => {
  const evt = 'twin:deliver:evt_1';
  const under = (kind: Fault['kind'], ms?: number, changed: Partial<Case> = {}): Promise<History> =>
    run({ background: { [evt]: [first('webhook.deliver', kind, ms)] }, ...changed });

  it.each([
    ['webhook-duplicated', [`${evt}#1 200`, `${evt}/dup#1 200`]],
    ['webhook-two-ids', [`${evt}#1 200`, `${evt}_again#1 200`]],
    ['webhook-forged', ['twin:forge:evt_1#1 400', 'twin:forge:evt_1#1 400', `${evt}#1 200`]],
    ['webhook-unsigned', ['twin:forge:evt_1#1 400', `${evt}#1 200`]],
    ['webhook-tampered', ['twin:forge:evt_1#1 400', `${evt}#1 200`]],
    ['webhook-stale', ['twin:forge:evt_1#1 400', 'twin:forge:evt_1#1 400', `${evt}#1 200`]],
    ['request-lost', [`${evt}#1 connection lost`, `${evt}#2 200`]],
    ['response-lost', [`${evt}#1 connection lost`, `${evt}#2 200`]],
    ['refused', [`${evt}#1 connection refused`, `${evt}#2 200`]],
    ['duplicated', [`${evt}#1 200`, `${evt}/dup#1 200`]],
  ] as const)('under %s', async (kind, deliveries) => {
    const history = await under(kind);
    expect(posted(history)).toEqual(deliveries);
    const copies = kind === 'webhook-two-ids' ? ['evt_1', 'evt_1_again'] : ['evt_1'];
    expect(history.books.shop?.inbox.map(({ id }) => id)).toEqual(copies);
  });

  it.each([
    ['webhook-early', undefined, 42],
    ['webhook-reordered', 1_000, 1_542],
    ['webhook-late', 7_000, 7_542],
    ['delay', 30, 542],
  ] as const)('under %s comes at another time', async (kind, ms, calledAtMs) => {
    const [one] = at(await under(kind, ms), 'webhook.deliver');
    expect(one?.called.atMs).toBe(calledAtMs);
    if (kind === 'delay') expect(one?.applied?.atMs).toBe(574);
  });

  it('that is never sent is not made up for by the gateway, only by who asks for it', async () => {
    const asked = await under('webhook-never', undefined, { steps: [order('a'), reconcile] });
    expect(posted(asked)).toEqual([`${evt}#1 200`]);
    expect(at(asked, 'gateway.redeliver')).toMatchObject([
      { actor: 'books', request: { kind: 'charge', id: 'ch_1' } },
    ]);
    const unasked = await storm(
      shopCase({ background: { [evt]: [first('webhook.deliver', 'webhook-never')] } }),
      without('reconcile'),
    );
    expect(posted(unasked)).toEqual([]);
  });

  it('is tried again as often as the case says, and once more when the storm is over', async () => {
    const lost = [1, 2, 3].map((nth): Fault => ({ site: 'webhook.deliver', nth, kind: 'request-lost' }));
    const history = await run({ config: { webhooks: { retries: 2 } }, background: { [evt]: lost } });
    const calls = at(history, 'webhook.deliver').map(({ called }) => called);
    const healed = history.incidents.find(({ kind }) => kind === 'healed')?.at.order ?? 0;
    expect(calls.map(({ order: place }) => place > healed)).toEqual([false, false, false, true]);
    expect(calls.slice(0, 3).map(({ atMs }) => atMs)).toEqual([542, 25_542, 60_542]);
    expect(posted(history).at(-1)).toBe(`${evt}#4 200`);
  });

  it('that is answered with an error is tried again, also when the storm is over', async () => {
    let left = 2;
    const failing: Target = {
      ...plainShop,
      start(env) {
        const subject = plainShop.start(env);
        const { webhook } = subject;
        return {
          ...subject,
          async webhook(...delivery) {
            left -= 1;
            return left >= 0 ? { status: 500 } : ((await webhook?.(...delivery)) ?? { status: 404 });
          },
        };
      },
    };
    const history = await run({ config: { webhooks: { retries: 1 } } }, failing);
    expect(posted(history)).toEqual([`${evt}#1 500`, `${evt}#2 500`, `${evt}#3 200`]);
  });

  it('is given up by the gateway after twenty seconds, whatever the process does', async () => {
    const stalled = await run({ background: { [evt]: [first('inbox.receive', 'stall', 24_000)] } });
    expect(posted(stalled)).toEqual([`${evt}#1 no answer`, `${evt}#2 200`]);
  });

  it('meets the same weather as is recorded of it', async () => {
    const weather = { fromMs: 0, untilMs: 60_000, site: 'webhook.deliver', percent: 50 } as const;
    const met = new Set<boolean>();
    for (let seed = 0; seed < 20; seed++) {
      const history = await run({ seed, episodes: [{ ...weather, kind: 'webhook-forged' }] });
      const deliveries = at(history, 'webhook.deliver');
      const forged = deliveries.some(({ actor }) => actor === 'twin:forge:evt_1');
      const recorded = deliveries.some(
        ({ actor, faults }) => actor === evt && faults.includes('webhook-forged'),
      );
      expect(recorded).toBe(forged);
      met.add(forged);
    }
    expect(met.size).toBe(2);
  });

  it('goes to one process after the other, and a dead one refuses', async () => {
    const crash: Fault = { ...first('inbox.receive', 'crash-after-apply'), restartAfterMs: 60_000 };
    const history = await run({
      config: { processes: 2 },
      steps: [order('a'), order('b', { key: 'k2' }), order('c', { key: 'k3', at: 10 })],
      background: { [evt]: [crash] },
    });
    const before = at(history, 'webhook.deliver').slice(0, 4);
    expect(before.map(({ process }) => process)).toEqual(['p0', 'p1', 'p0', 'p1']);
    expect(posted(history).slice(0, 4)).toEqual([
      `${evt}#1 connection lost`,
      'twin:deliver:evt_2#1 200',
      'twin:deliver:evt_3#1 connection refused',
      `${evt}#2 200`,
    ]);
    expect(history.books.shop?.inbox.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'evt_1 DONE',
      'evt_2 DONE',
      'evt_3 DONE',
    ]);
  });

  it.each([
    ['stripe', 'stripe-signature'],
    ['standard', 'webhook-signature'],
    ['github', 'x-hub-signature-256'],
  ] as const)(
    'is signed as the case says, with either secret while it is changed: %s',
    async (scheme, header) => {
      const config = { webhooks: { scheme, rotates: true } };
      const [one, other] = [await under('webhook-old-secret', undefined, { config }), await run({ config })];
      const signatures = [one, other].map((history) => {
        const [one] = at(history, 'webhook.deliver').map(({ request }) => request as DeliveryIntent);
        return one?.headers[header];
      });
      expect(new Set(signatures).size).toBe(2);
      for (const history of [one, other]) expect(posted(history)).toEqual([`${evt}#1 200`]);
    },
  );

  it('knows one secret only while none is changed', async () => {
    const secretsOf = async (rotates: boolean): Promise<number | undefined> => {
      let count: number | undefined;
      const curious: Target = {
        ...plainShop,
        start(env) {
          count = env.shop?.webhooks.secrets.length;
          return plainShop.start(env);
        },
      };
      await run({ config: { webhooks: { rotates } } }, curious);
      return count;
    };
    expect([await secretsOf(false), await secretsOf(true)]).toEqual([1, 2]);
  });
});
