// The clauses of an inbox store about how events end, and what is forgotten of them.

import type { InboxRecord, InboxStore } from '../../src/webhooks/inbox-store.ts';
import { type Contract, epochMs } from './contract.ts';
import { same, shows } from './expectation.ts';
import { claim, dedupTtlMs, failure, finish, leaseMs, move, receive, take } from './inbox-acts.ts';
import { allAtOnce, names } from './races.ts';

const all = { olderThanMs: 1_000, limit: 100 };

/** Lets an event come in and have its effect. */
async function handled(store: InboxStore, id: string, ttlMs = dedupTtlMs): Promise<void> {
  const { token } = await take(store, id, `payment:${id}`);
  await finish(store, id, {
    token,
    effects: [{ key: `${id} captured`, payload: '1' }],
    ...move('captured', 0),
    dedupTtlMs: ttlMs,
  });
}

const finishing: Contract<InboxStore> = {
  'finish: applies the event, its effects and the move of its object together': async ({ store, clock }) => {
    const held = await take(store, 'a', 'payment');
    clock.nowMs += 1;
    const effects = [
      { key: 'k', payload: '1' },
      { key: 'l', payload: '2' },
      { key: 'k', payload: '3' },
    ];
    const done = { ...held, state: 'DONE', expiresAtMs: epochMs + 1 + dedupTtlMs };
    same(await finish(store, 'a', { token: 1, effects, ...move('captured', 0) }), {
      written: true,
      record: done,
    });
    same(await Promise.all(['k', 'l', 'm'].map((key) => store.effect(key))), ['1', '2', null]);
    await receive(store, 'b', 'payment');
    same((await claim(store, 'y'))?.position, { status: 'captured', version: 7, revision: 1 });
  },

  'finish: applies an effect under a known key no second time': async ({ store }) => {
    for (const id of ['a', 'b']) {
      const { token } = await take(store, id);
      shows(await finish(store, id, { token, effects: [{ key: 'k', payload: id }] }), { written: true });
    }
    same(await store.effect('k'), 'a');
  },

  'finish: of many at once under one key exactly one effect is applied': async ({ store, connections }) => {
    for (const round of names('round', 5)) {
      const held = await Promise.all(names(`${round}-`, 6).map((id) => take(store, id)));
      const answers = await allAtOnce(connections, held, (each, { id, token }) =>
        finish(each, id, { token, effects: [{ key: round, payload: id }] }),
      );
      for (const answer of answers) shows(answer, { written: true });
      const payload = await store.effect(round);
      same(
        held.some(({ id }) => id === payload),
        true,
        'whether the effect is one of those that were asked for',
      );
      const { id, token } = await take(store, `${round} later`);
      await finish(store, id, { token, effects: [{ key: round, payload: 'later' }] });
      same(await store.effect(round), payload, 'the effect after another');
    }
  },

  'finish: of many at once for one event exactly one is written': async ({ store, connections }) => {
    for (const id of names('event', 6)) {
      const { token } = await take(store, id);
      const ways = names(`${id}-`, 4);
      const answers = await allAtOnce(connections, ways, (each, key) =>
        finish(each, id, { token, effects: [{ key, payload: key }], ...move(key, 0) }),
      );
      same(answers.filter(({ written }) => written).length, 1, 'how many were written');
      const applied = await Promise.all(ways.map((key) => store.effect(key)));
      same(
        applied.map((payload) => payload !== null),
        answers.map(({ written }) => written),
        'whose effects were applied',
      );
    }
  },

  'finish: of two at once that move one object from the same place, one is refused': async (scene) => {
    const { store, other, clock } = scene;
    for (const object of names('payment', 8)) {
      // Two events of one object are in somebody's hands once the lease of the first is over and nobody has taken it.
      const first = await take(store, `${object}/1`, object);
      clock.nowMs += leaseMs;
      const second = await take(other, `${object}/2`, object);
      const write = (each: InboxStore, { id, token }: InboxRecord) =>
        finish(each, id, { token, ...move(id, 0), effects: [{ key: id, payload: '' }] });
      const answers = await Promise.all([write(store, first), write(other, second)]);
      const refusals = answers.flatMap((answer) => (answer.written ? [] : [answer.why]));
      same(refusals, ['moved'], 'the refusals');
      const applied = await Promise.all(
        [first, second].map(async ({ id }) => (await store.effect(id)) !== null),
      );
      same(
        applied,
        answers.map(({ written }) => written),
        'whose effects were applied',
      );
      clock.nowMs += leaseMs;
      for (const { id, token } of [first, second]) {
        await store.bury({ id, token, failure });
      }
    }
  },

  'fencing: nothing is written under a token that was taken over': async ({ store, other, clock }) => {
    const { id, token } = await take(store, 'a');
    clock.nowMs += leaseMs;
    const taken = await claim(other, 'taker', id);
    const refused = { written: false, why: 'lost', record: taken?.record };
    same(await store.finish({ id, token, effects: [{ key: 'k', payload: '' }], dedupTtlMs }), refused);
    same(await store.postpone({ id, token, delayMs: 1, parked: false, failure }), refused);
    same(await store.bury({ id, token, failure }), refused);
    same(await store.list({ state: 'CLAIMED', limit: 9 }), [taken?.record]);
    same(await store.effect('k'), null);
  },

  'finish: changes nothing when it is applied twice, or the object has moved since': async ({ store }) => {
    await receive(store, 'a', 'payment');
    await claim(store, 'x');
    await finish(store, 'a', { token: 1, ...move('authorized', 0) });
    const again = await finish(store, 'a', { token: 1, ...move('captured', 1) });
    shows(again, { written: false, why: 'lost', record: { state: 'DONE', token: 1 } });
    await receive(store, 'b', 'payment');
    await claim(store, 'y');
    const late = { token: 2, effects: [{ key: 'k', payload: '1' }], ...move('captured', 0) };
    const moved = { written: false, why: 'moved', record: { state: 'CLAIMED', token: 2 } };
    shows(await finish(store, 'b', late), moved);
    same(await store.effect('k'), null);
    shows(await finish(store, 'b', { token: 2 }), { written: true });
    await receive(store, 'c', 'payment');
    same((await claim(store, 'z'))?.position, { status: 'authorized', version: 7, revision: 1 });
    same(await finish(store, 'nothing', { token: 1 }), { written: false, why: 'lost', record: null });
  },
};

const postponing: Contract<InboxStore> = {
  'postpone: puts an event back for a while, and counts what was parked': async ({ store, clock }) => {
    const held = await take(store, 'a');
    const write = { id: 'a', token: 1, delayMs: 500, parked: true, failure };
    const parked = { ...held, state: 'PARKED', parks: 1, dueAtMs: epochMs + 500, failure };
    same(await store.postpone(write), { written: true, record: parked });
    same(await store.postpone(write), { written: false, why: 'lost', record: parked });
    clock.nowMs += 499;
    same(await claim(store, 'y'), null);
    clock.nowMs += 1;
    shows(await claim(store, 'y'), { record: { attempts: 2, parks: 1, failure } });
    const back = await store.postpone({ ...write, token: 2, parked: false });
    shows(back, { written: true, record: { state: 'READY', parks: 1 } });
  },

  'bury: gives an event up until somebody revives it': async ({ store, clock }) => {
    await receive(store, 'b');
    const held = await take(store, 'a');
    shows(await store.bury({ id: 'a', token: 9, failure }), { written: false, why: 'lost' });
    const dead = { ...held, state: 'DEAD', failure };
    same(await store.bury({ id: 'a', token: 1, failure }), { written: true, record: dead });
    clock.nowMs += 1e9;
    same(await claim(store, 'y', 'a'), null);
    same(await store.list({ state: 'DEAD', limit: 9 }), [dead]);
    same(await store.revive('a'), true);
    same(await store.revive('a'), false);
    same(await store.revive('nothing'), false);
    shows(await claim(store, 'y', 'a'), { record: { attempts: 1, parks: 0, token: 2 } });
  },
};

const forgetting: Contract<InboxStore> = {
  'prune: forgets what is done and can be new again, with its effects, and nothing that is not done': async ({
    store,
    clock,
  }) => {
    await handled(store, 'short', 10);
    await handled(store, 'long', 5_000);
    await receive(store, 'ready');
    const { token } = await take(store, 'dead');
    await store.bury({ id: 'dead', token, failure });
    clock.nowMs += 999;
    same(await store.prune(all), 0, 'how many were forgotten too early');
    clock.nowMs += 1;
    // One event, and the effects of both.
    same(await store.prune(all), 3, 'how many were forgotten');
    same([await store.effect('short captured'), await store.effect('long captured')], [null, null]);
    shows(await receive(store, 'long', 'payment:long'), { first: false });
    clock.nowMs += 9_000;
    same(await store.prune(all), 1, 'how many were forgotten later');
    const counts = ['READY', 'DEAD', 'DONE'].map(
      async (state) => (await store.list({ state: state as 'READY' | 'DEAD' | 'DONE', limit: 9 })).length,
    );
    same(await Promise.all(counts), [1, 1, 0], 'how many are left, READY, DEAD and DONE');
  },

  'prune: keeps where objects stand, so that no late event takes one back': async ({ store, clock }) => {
    await handled(store, 'e', 10);
    clock.nowMs += 5_000;
    await store.prune(all);
    await receive(store, 'late', 'payment:e');
    same((await claim(store, 'late'))?.position, { status: 'captured', version: 7, revision: 1 });
  },

  'prune: does not forget an event that came in again and waits': async ({ store, clock }) => {
    await handled(store, 'e', 10);
    clock.nowMs += 500;
    shows(await receive(store, 'e', 'payment:e'), { first: true });
    clock.nowMs += 4_500;
    await store.prune(all);
    shows(await store.list({ state: 'READY', limit: 9 }), [{ id: 'e' }]);
  },

  'prune: counts events and effects together': async ({ store, clock }) => {
    await handled(store, 'e', 10);
    clock.nowMs += 5_000;
    for (const count of [1, 1, 0]) same(await store.prune({ ...all, limit: 1 }), count);
  },
};

/** How events end. */
export const inboxEndings: Contract<InboxStore> = { ...finishing, ...postponing, ...forgetting };
