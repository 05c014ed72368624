// What an inbox store promises: an event is kept once, handled by one claimer at a time and one after the other for each
// object, and ended together with its effects, which happen once whatever the number of deliveries.

import type { InboxRecord, InboxStore } from '../../src/webhooks/inbox-store.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { delicateJson, hostileTexts } from './hostile-text.ts';
import { claim, dedupTtlMs, failure, finish, leaseMs, move, receive, take } from './inbox-acts.ts';
import { inboxEndings } from './inbox-endings.ts';
import { allAtOnce, names } from './races.ts';

const ready: InboxRecord = {
  id: 'a',
  object: 'a',
  event: '"a"',
  state: 'READY',
  token: 0,
  attemptId: '',
  attempts: 0,
  parks: 0,
  receivedAtMs: epochMs,
  dueAtMs: epochMs,
};
const claimed: InboxRecord = {
  ...ready,
  state: 'CLAIMED',
  token: 1,
  attemptId: 'x',
  attempts: 1,
  dueAtMs: epochMs + leaseMs,
};

const receiving: Contract<InboxStore> = {
  'receive: keeps what is new, and nothing but what is asked': async ({ store, clock }) => {
    const arrival = { id: 'a', object: 'a', event: '"a"', state: 'DONE' };
    same(await store.receive(arrival), { first: true, record: ready, claim: null });
    clock.nowMs += 1;
    const again = await store.receive({ ...arrival, event: '"other"' });
    same(again, { first: false, record: ready, claim: null });
    same(await store.list({ state: 'READY', limit: 9 }), [ready]);
  },

  'receive: of many at once exactly one is the first': async ({ store, connections }) => {
    for (const id of names('event', 10)) {
      const receipts = await allAtOnce(connections, names('', 8), (each) => receive(each, id));
      same(receipts.filter(({ first }) => first).length, 1, 'how many were the first');
    }
    same((await store.list({ state: 'READY', limit: 99 })).length, 10, 'how many were kept');
  },

  'receive: gives the event to who asks for it as a claim does, and the same again when the reply was lost':
    async ({ store, clock }) => {
      const arrive = (attemptId: string, id: string, object = id) =>
        store.receive({ id, object, event: `"${id}"`, claim: { attemptId, leaseMs } });
      const taken = { record: claimed, claim: { position: null } };
      same(await arrive('x', 'a'), { first: true, ...taken });
      clock.nowMs += 1;
      same(await arrive('x', 'a'), { first: false, ...taken });
      same(await arrive('y', 'a'), { first: false, record: claimed, claim: null });
      // Another one about the object waits until the first is let go.
      shows(await arrive('y', 'b', 'a'), { first: true, record: { state: 'READY' }, claim: null });
      await finish(store, 'a', { token: 1, move: { to: { status: 'captured' }, afterRevision: 0 } });
      shows(await arrive('z', 'a'), { record: { state: 'DONE' }, claim: null });
      const position = { status: 'captured', revision: 1 };
      const second = { first: false, record: { id: 'b', token: 2, attempts: 1 } };
      const receipt = await arrive('z', 'b', 'a');
      shows(receipt, second);
      same(receipt.claim, { position }, 'the claim');
      await store.postpone({ id: 'b', token: 2, delayMs: 5, parked: true, failure });
      shows(await arrive('u', 'b', 'a'), { record: { state: 'PARKED' }, claim: null });
      clock.nowMs += 5;
      shows(await arrive('v', 'b', 'a'), { record: { token: 3, attempts: 2 }, claim: { position } });
    },

  'expiry: an id is new again once its record has lived, with a higher token, and no other': async (
    scene,
  ) => {
    const { store, clock } = scene;
    await receive(store, 'a');
    await claim(store, 'x');
    await finish(store, 'a', { token: 1 });
    clock.nowMs += dedupTtlMs - 1;
    const done = { state: 'DONE', expiresAtMs: epochMs + dedupTtlMs };
    shows(await receive(store, 'a'), { first: false, record: done });
    clock.nowMs += 1;
    same(await receive(store, 'a'), {
      first: true,
      record: { ...ready, receivedAtMs: clock.nowMs, dueAtMs: clock.nowMs },
      claim: null,
    });
    shows(await claim(store, 'y'), { record: { token: 2 } });
    await store.bury({ id: 'a', token: 2, failure });
    clock.nowMs += 1e12;
    shows(await receive(store, 'a'), { first: false, record: { state: 'DEAD' } });
  },
};

const claiming: Contract<InboxStore> = {
  'claim: gives what has been due for longest, then what came first, one after the other': async ({
    store,
    clock,
  }) => {
    for (const id of ['a', 'c', 'b']) await receive(store, id);
    same(await claim(store, 'x'), { record: claimed, position: null });
    await store.postpone({ id: 'a', token: 1, delayMs: 1, parked: false, failure });
    clock.nowMs += 1;
    await receive(store, 'd');
    for (const wanted of ['c', 'b', 'a', 'd', undefined]) {
      same((await claim(store, `y${wanted}`))?.record.id, wanted, 'the next event');
    }
  },

  'claim: of many at once each gets another event, under a token of its own': async ({
    store,
    connections,
  }) => {
    for (const id of names('event', 8)) await receive(store, id);
    const claims = await allAtOnce(connections, names('attempt', 12), (each, attempt) =>
      claim(each, attempt),
    );
    const held = claims.flatMap((each) => each?.record ?? []);
    same(held.map(({ id }) => id).sort(), [...names('event', 8)].sort(), 'the events given');
    same(
      held.map(({ token }) => token).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8],
      'the tokens given',
    );
  },

  'claim: of many at once exactly one gets an event of an object that has several': async ({
    store,
    connections,
    clock,
  }) => {
    for (const id of names('event', 6)) await receive(store, id, 'payment');
    for (let round = 1; round <= 6; round += 1) {
      const attempts = names(`attempt${round}-`, 8);
      const claims = await allAtOnce(connections, attempts, (each, attempt) => claim(each, attempt));
      const held = claims.flatMap((each) => each?.record ?? []);
      same(
        held.map(({ id }) => id),
        [`event${round}`],
        'the events given',
      );
      clock.nowMs += 1;
      for (const { id, token } of held) await finish(store, id, { token });
    }
  },

  'claim: an abandoned event is given again when the lease is over, under a higher token': async ({
    store,
    other,
    clock,
  }) => {
    await receive(store, 'a');
    await claim(store, 'x');
    clock.nowMs += leaseMs - 1;
    same(await claim(other, 'y'), null);
    clock.nowMs += 1;
    const taken = { token: 2, attempts: 2, attemptId: 'y', dueAtMs: epochMs + 2 * leaseMs };
    shows(await claim(other, 'y'), { record: taken });
    const effects = [{ key: 'k', payload: '1' }];
    shows(await finish(store, 'a', { token: 1, effects }), { written: false, why: 'lost', record: taken });
    same(await store.effect('k'), null);
  },

  'claim: recognises its own when the reply was lost, and gives no second event for it': async ({
    store,
    other,
    clock,
  }) => {
    await receive(store, 'a');
    await receive(store, 'b');
    const first = await claim(store, 'x');
    clock.nowMs += 500;
    same(await claim(other, 'x'), first);
    clock.nowMs += 500;
    shows(await claim(other, 'x'), { record: { id: 'b' } });
  },

  'claim: one attempt that asks many times at once gets one event': async ({ store, connections }) => {
    for (const id of names('event', 4)) await receive(store, id);
    const claims = await allAtOnce(connections, names('', 8), (each) => claim(each, 'x'));
    for (const each of claims) shows(each, { record: { id: 'event1', token: 1, attempts: 1 } });
  },

  'claim: the second event of an object waits while the first is held': async ({ store }) => {
    await receive(store, 'a', 'payment');
    await receive(store, 'b', 'payment');
    await receive(store, 'c', 'other');
    shows(await claim(store, 'x'), { record: { id: 'a' } });
    same(await claim(store, 'y', 'b'), null);
    shows(await claim(store, 'y'), { record: { id: 'c' } });
    await finish(store, 'a', { token: 1 });
    shows(await claim(store, 'z'), { record: { id: 'b' } });
  },

  'claim: gives the event asked for, when it is due': async ({ store }) => {
    await receive(store, 'a');
    await receive(store, 'b');
    shows(await claim(store, 'x', 'b'), { record: { id: 'b' } });
    same(await claim(store, 'y', 'b'), null);
    same(await claim(store, 'y', 'nothing'), null);
    await finish(store, 'b', { token: 1 });
    same(await claim(store, 'y', 'b'), null);
  },
};

const input: Contract<InboxStore> = {
  'list: tells the events in one state, in the order in which they came in': async ({ store }) => {
    for (const id of ['c', 'a', 'b']) await receive(store, id);
    await claim(store, 'x', 'a');
    const ids = async (limit: number) => (await store.list({ state: 'READY', limit })).map(({ id }) => id);
    same(await ids(9), ['c', 'b']);
    same(await ids(1), ['c']);
    same(await ids(0), []);
  },

  'input: ids and objects that look alike are kept apart, or refused': async ({ store }) => {
    const taken: string[] = [];
    for (const text of hostileTexts) {
      const arrival = { id: text, object: text, event: '{}', claim: { attemptId: text, leaseMs } };
      const receipt = await orRefused(store.receive(arrival));
      if (receipt === null) continue;
      taken.push(text);
      const got = { first: true, record: { id: text, object: text, attemptId: text, token: taken.length } };
      shows(receipt, { ...got, claim: { position: null } }, JSON.stringify(text));
      const effects = [{ key: text, payload: text }];
      shows(await finish(store, text, { token: taken.length, effects, ...move(text, 0) }), { written: true });
    }
    for (const text of taken) {
      shows(await receive(store, text), { first: false, record: { id: text } });
      same(await store.effect(text), text, `the effect under ${JSON.stringify(text)}`);
    }
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },

  'input: events, effects and reasons come back as they were, byte by byte': async ({ store }) => {
    for (const [index, json] of delicateJson.entries()) {
      const id = `event${index}`;
      shows(await store.receive({ id, object: id, event: json }), { record: { event: json } });
      const first = await take(store, id);
      const reason = { code: 'error', message: json };
      await store.postpone({ id, token: first.token, delayMs: 0, parked: false, failure: reason });
      const { token, event, failure: kept } = await take(store, id);
      same([event, kept], [json, reason], 'what was kept');
      await finish(store, id, { token, effects: [{ key: id, payload: json }] });
      same(await store.effect(id), json);
    }
  },
};

/** The contract of an `InboxStore`. */
export const inboxContract: Contract<InboxStore> = { ...receiving, ...claiming, ...inboxEndings, ...input };
