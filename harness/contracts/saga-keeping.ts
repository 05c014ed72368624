// The clauses of a saga journal about what is found again, what is forgotten, and what is kept as it was.

import type { SagaJournal } from '../../src/saga/journal.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { delicateJson, hostileTexts } from './hostile-text.ts';
import { leaseMs, name, openAs, progress } from './saga-acts.ts';

const all = { saga: 'checkout', olderThanMs: 1_000, limit: 100 };

/** Begins a saga and leaves it as its first driver. */
async function end(
  journal: SagaJournal,
  id: string,
  how: Partial<Parameters<SagaJournal['leave']>[0]>,
): Promise<void> {
  await openAs(journal, 'a', { id, saga: how.saga ?? 'checkout' });
  await journal.leave({ ...progress(1, 1), id, ...how });
}

/** What is found again, forgotten, and kept as it was. */
export const sagaKeeping: Contract<SagaJournal> = {
  'list: what is due longest first, what waits for a repair oldest first, of the definitions asked for':
    async (scene) => {
      const { store, clock } = scene;
      for (const id of ['d', 'c', 'b', 'a']) {
        await openAs(store, id, { id });
        clock.nowMs += 1;
      }
      await openAs(store, 'x', { id: 'other' });
      await openAs(store, 'x', { saga: 'refund' });
      await store.leave({ ...progress(1, 1), id: 'a', dueInMs: 0 });
      for (const id of ['b', 'c']) await store.leave({ ...progress(1, 1), id, state: 'FAILED_COMPENSATION' });
      clock.nowMs = epochMs + 1_000;
      const ids = async (queue: 'recovery' | 'repair', limit = 9, sagas = ['checkout']) =>
        (await store.list({ sagas, queue, limit })).map(({ id }) => id);
      same(await ids('recovery'), ['a', 'd']);
      same(await ids('recovery', 1), ['a']);
      same(await ids('recovery', 0), []);
      same(await ids('repair'), ['c', 'b']);
      same(await ids('repair', 1), ['c']);
      clock.nowMs += 10;
      same(await ids('recovery', 9, ['refund', 'checkout']), ['a', 'd', 'i', 'other']);
      same(await ids('recovery', 3, ['refund', 'checkout']), ['a', 'd', 'i']);
      same(await ids('recovery', 9, []), []);
      same(await store.list({ sagas: ['refund'], queue: 'recovery', limit: 1 }), [
        await store.read({ saga: 'refund', id: 'i' }),
      ]);
    },

  'prune: forgets what ended well, and never while anything is left to do': async ({ store, clock }) => {
    await end(store, 'completed', { state: 'COMPLETED' });
    await end(store, 'compensated', { state: 'COMPENSATED' });
    await end(store, 'failed', { state: 'FAILED_COMPENSATION' });
    await end(store, 'waiting', { state: 'COMPENSATING', dueInMs: 5 });
    await end(store, 'looked after', { state: 'COMPLETED', dueInMs: 5 });
    await openAs(store, 'a', { id: 'driven' });
    await end(store, 'of others', { state: 'COMPLETED', saga: 'subscription' });
    clock.nowMs += 999;
    same(await store.prune(all), 0, 'how many were forgotten too early');
    clock.nowMs += 1;
    same(await store.prune(all), 2, 'how many were forgotten');
    for (const id of ['completed', 'compensated']) same(await store.read({ ...name, id }), null);
    for (const id of ['failed', 'waiting', 'looked after', 'driven'])
      shows(await store.read({ ...name, id }), { id });
    shows(await store.read({ saga: 'subscription', id: 'of others' }), { state: 'COMPLETED' });
    clock.nowMs += 1_000_000;
    same(await store.prune(all), 0, 'how many were forgotten later');
  },

  'prune: counts from the end, which a repeated last word does not move': async ({ store, clock }) => {
    await openAs(store, 'a');
    const last = { ...progress(1, 1), state: 'COMPLETED' } as const;
    await store.leave(last);
    clock.nowMs += 700;
    shows(await store.leave(last), { written: true });
    clock.nowMs += 299;
    same(await store.prune(all), 0);
    clock.nowMs += 1;
    same(await store.prune(all), 1);
    same(await store.leave(last), { written: false, record: null, nowMs: clock.nowMs });
    shows(await openAs(store, 'b'), { owned: true, record: { token: 1, version: 0 } });
  },

  'prune: a few at a time, what ended first goes first': async ({ store, clock }) => {
    for (const id of ['c', 'a', 'b']) {
      await end(store, id, { state: 'COMPLETED' });
      clock.nowMs += 1;
    }
    clock.nowMs += 1_000;
    same(await store.prune({ ...all, limit: 2 }), 2);
    shows(await store.read({ ...name, id: 'b' }), { id: 'b' });
    same(await store.prune({ ...all, limit: 2 }), 1);
    same(await store.prune({ ...all, limit: 2 }), 0);
  },

  'input: names that look alike are kept apart, or refused': async ({ store }) => {
    const pairs = hostileTexts.flatMap((text) => [
      { saga: text, id: 'i' },
      { saga: 'i', id: text },
    ]);
    const taken: (typeof pairs)[number][] = [];
    for (const pair of pairs) {
      const answer = await orRefused(openAs(store, `by ${taken.length}`, pair));
      if (answer === null) continue;
      shows(answer, { owned: true, record: { ...pair, token: 1 } }, `the opening of ${JSON.stringify(pair)}`);
      taken.push(pair);
    }
    for (const [index, pair] of taken.entries())
      shows(await store.read(pair), { ...pair, attemptId: `by ${index}` });
    same(taken.slice(0, 4), pairs.slice(0, 4), 'what must be taken');
  },

  'input: progress comes back as it was, byte by byte': async ({ store }) => {
    for (const [index, json] of delicateJson.entries()) {
      const id = `saga${index}`;
      await store.open({ ...name, id, fingerprint: 'f', progress: json, attemptId: 'a', leaseMs });
      same((await store.read({ ...name, id }))?.progress, json);
      await store.save({ ...progress(1, 1, ` ${json}`), id, leaseMs });
      same((await store.read({ ...name, id }))?.progress, ` ${json}`);
    }
  },
};
