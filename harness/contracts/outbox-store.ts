// What an outbox promises: every committed event is handed out until it is settled, to one relay at a time and in the order
// of its aggregate.

import type { ClaimedEvent, DeliveryOutcome } from '../../src/ledger/outbox-store.ts';
import { type Contract, epochMs, type Scene } from './contract.ts';
import { same, shows } from './expectation.ts';
import { type BooksStore, event, tell, unit } from './ledger-acts.ts';
import { allAtOnce, names } from './races.ts';

const leaseMs = 100;
const delivered: DeliveryOutcome = { kind: 'delivered' };
const dead: DeliveryOutcome = { kind: 'dead', reason: 'poison' };

function claim(store: BooksStore, limit = 10): Promise<readonly ClaimedEvent[]> {
  return store.claim({ limit, leaseMs });
}

async function ids(store: BooksStore, limit = 10): Promise<readonly string[]> {
  return (await claim(store, limit)).map(({ event: { id } }) => id);
}

async function only(store: BooksStore): Promise<ClaimedEvent> {
  const [first, ...others] = await claim(store);
  same(others, [], 'what else was handed out');
  if (first === undefined) throw new Error('one event must be handed out, and there was none');
  return first;
}

function settle(
  store: BooksStore,
  { event: { id }, token }: ClaimedEvent,
  outcome: DeliveryOutcome,
): Promise<boolean> {
  return store.settle({ id, token, outcome });
}

const claiming: Contract<BooksStore> = {
  'outbox: hands out in the order of commits, one of each aggregate, up to the limit': async ({ store }) => {
    await tell(store, event('b1', 'b'), event('a1', 'a'), event('b2', 'b'), event('c1', 'c'));
    same(await ids(store, 0), []);
    same(await ids(store, 2), ['b1', 'a1']);
    same(await ids(store), ['c1']);
    same(await ids(store), []);
  },

  'outbox: goes on with an aggregate once its first event is delivered': async ({ store }) => {
    await tell(store, event('a1', 'a'), event('a2', 'a'));
    const first = await only(store);
    same(first, { event: event('a1', 'a'), token: 1, attempts: 1, hasNext: true });
    same(await settle(store, first, delivered), true);
    same(await only(store), { event: event('a2', 'a'), token: 1, attempts: 1, hasNext: false });
  },

  'outbox: of many claimers at once each aggregate’s first event goes to one': async (scene) => {
    const { store, connections, clock } = scene;
    const aggregates = names('aggregate', 6);
    await tell(store, ...aggregates.flatMap((each) => names(`${each}/`, 3).map((id) => event(id, each))));
    for (const round of ['1', '2', '3']) {
      const claims = await allAtOnce(connections, names('', 8), (each) => claim(each, 4));
      // Whoever was held up by the others may find less than there is, but what is left comes with the next claim.
      const held = [...claims.flat(), ...(await claim(store, 99))];
      const wanted = aggregates.map((each) => `${each}/${round}`);
      same(held.map(({ event: { id } }) => id).sort(), wanted, 'the events handed out');
      for (const each of held) same(each.token, 1, 'the token');
      clock.nowMs += 1;
      for (const each of held) same(await settle(store, each, delivered), true);
    }
    same(await claim(store), []);
  },

  'outbox: many commits at once to one aggregate are told in the order of their places': async (scene) => {
    const { store, connections } = scene;
    const all = names('event', 12);
    await allAtOnce(connections, all, (each, id) => each.commit([unit(id, { events: [event(id, 'a')] })]));
    const told: string[] = [];
    for (let left = all.length; left > 0; left -= 1) {
      const next = await only(store);
      same(next.hasNext, left > 1, 'whether another waits');
      told.push(next.event.id);
      await settle(store, next, delivered);
    }
    same(told.sort(), [...all].sort(), 'the events told');
  },

  'outbox: hands an event out again when its lease is over, and not a millisecond before': async ({
    store,
    clock,
  }) => {
    await tell(store, event('a1'));
    await claim(store);
    clock.nowMs += leaseMs - 1;
    same(await claim(store), []);
    clock.nowMs += 1;
    shows(await only(store), { token: 2, attempts: 2 });
  },
};

const settling: Contract<BooksStore> = {
  'outbox: holds a failed event back for its delay, and the aggregate with it': async ({ store, clock }) => {
    await tell(store, event('a1', 'a'), event('a2', 'a'), event('b1', 'b'));
    const [first] = await claim(store);
    if (first !== undefined) same(await settle(store, first, { kind: 'failed', delayMs: 500 }), true);
    clock.nowMs += 499;
    same(await ids(store), ['b1']);
    clock.nowMs += 1;
    same(await ids(store), ['a1']);
  },

  'outbox: goes on without a dead letter, keeps it, and puts it first when it is requeued': async (scene) => {
    const { store, clock } = scene;
    await tell(store, event('a1', 'a'), event('a2', 'a'));
    clock.nowMs += 7;
    await settle(store, await only(store), dead);
    const letter = { event: event('a1', 'a'), attempts: 1, reason: 'poison', diedAtMs: epochMs + 7 };
    same(await store.deadLetters({ limit: 5 }), [letter]);
    same(await store.deadLetters({ limit: 0 }), []);
    const requeued = [await store.requeue('a1'), await store.requeue('a1'), await store.requeue('nobody')];
    same(requeued, [true, false, false]);
    same(await store.deadLetters({ limit: 5 }), []);
    same(await only(store), { event: event('a1', 'a'), token: 2, attempts: 1, hasNext: true });
    same(await ids(store), []);
  },

  ...Object.fromEntries(
    [delivered, { kind: 'failed', delayMs: 0 } as const, dead].map((outcome) => [
      `fencing: nothing is taken from an owner whose claim is over: ${outcome.kind}`,
      async ({ store, other, clock }: Scene<BooksStore>) => {
        await tell(store, event('a1'));
        const stale = await only(store);
        clock.nowMs += leaseMs;
        const current = await only(other);
        same(await settle(store, stale, outcome), false);
        same(await settle(store, { ...current, event: event('nobody') }, outcome), false);
        same(await claim(store), []);
        same(await settle(store, current, outcome), true);
        same(await settle(store, current, delivered), false);
        same(await settle(store, current, dead), false);
      },
    ]),
  ),

  'fencing: of many outcomes at once exactly one is recorded': async ({ store, connections }) => {
    for (const id of names('event', 8)) {
      await tell(store, event(id));
      const held = await only(store);
      const outcomes: readonly DeliveryOutcome[] = [delivered, dead, delivered, dead];
      const heard = await allAtOnce(connections, outcomes, (each, outcome) => settle(each, held, outcome));
      same(heard.filter(Boolean).length, 1, 'how many were recorded');
      const isDead = outcomes[heard.indexOf(true)] === dead;
      same(await store.requeue(id), isDead, 'whether it was dead');
      if (isDead) await settle(store, await only(store), delivered);
    }
  },

  'prune: forgets what was delivered, and the books still know that it was told': async ({
    store,
    clock,
  }) => {
    const all = { olderThanMs: 1_000, limit: 100 };
    await tell(store, event('delivered'), event('dead'), event('failed'));
    const outcomes: Readonly<Record<string, DeliveryOutcome>> = {
      delivered,
      dead,
      failed: { kind: 'failed', delayMs: 1 },
    };
    for (const each of await claim(store)) await settle(store, each, outcomes[each.event.id] ?? delivered);
    clock.nowMs += 999;
    same(await store.prune(all), 0);
    clock.nowMs += 1;
    same(await store.prune({ ...all, limit: 0 }), 0);
    same(await store.prune(all), 1);
    shows(await store.deadLetters({ limit: 9 }), [{ event: { id: 'dead' } }]);
    shows(await tell(store, event('delivered')), {
      committed: true,
      outcomes: [{ applied: false, newEvents: [] }],
    });
    same(await ids(store), ['failed']);
  },
};

/** The clauses of an `OutboxStore`. */
export const outboxClauses: Contract<BooksStore> = { ...claiming, ...settling };
