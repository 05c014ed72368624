// What a saga journal promises: one driver of a saga at a time, each write once and in order, and nothing unfinished that is
// not found again.

import type { SagaJournal } from '../../src/saga/journal.ts';
import { type Contract, epochMs } from './contract.ts';
import { lacks, same, shows } from './expectation.ts';
import { allAtOnce, names } from './races.ts';
import { claimAs, leaseMs, name, openAs, progress } from './saga-acts.ts';
import { sagaKeeping } from './saga-keeping.ts';

const custody: Contract<SagaJournal> = {
  'open: begins a saga with its opener as its driver': async ({ store, clock }) => {
    const record = {
      ...name,
      state: 'RUNNING',
      fingerprint: 'f',
      progress: '{}',
      token: 1,
      version: 0,
      attemptId: 'a',
      startedAtMs: epochMs,
      dueAtMs: epochMs + 1_000,
    };
    same(await openAs(store, 'a'), { owned: true, nowMs: clock.nowMs, record });
    same(await store.read(name), record, 'the record');
  },

  'open: recognises a driver whose reply was lost, and nobody else, until the lease is over': async (
    scene,
  ) => {
    const { store, other, clock } = scene;
    const first = await openAs(store, 'a');
    clock.nowMs = epochMs + 999;
    same(await openAs(other, 'a'), { ...first, nowMs: clock.nowMs });
    shows(await openAs(other, 'b'), { owned: false, record: { token: 1 } });
    shows(await claimAs(other, 'b', 'repair'), { owned: false });
    clock.nowMs = epochMs + 1_000;
    const taken = { token: 2, attemptId: 'b', dueAtMs: epochMs + 2_000 };
    shows(await claimAs(other, 'b'), { owned: true, record: taken });
  },

  'open: of many at once exactly one begins the saga, or takes it over': async ({ connections, clock }) => {
    for (let token = 1; token <= 8; token += 1) {
      const answers = await allAtOnce(connections, names(`driver${token}-`, 8), (journal, id) =>
        openAs(journal, id),
      );
      same(
        answers.filter(({ owned }) => owned).map(({ record }) => record?.token),
        [token],
        'tokens given',
      );
      clock.nowMs += leaseMs;
    }
  },

  'open: is not given to another context': async ({ store, clock }) => {
    await openAs(store, 'a');
    clock.nowMs += 9_000;
    const answer = await openAs(store, 'b', { fingerprint: 'g' });
    shows(answer, { owned: false, record: { token: 1, attemptId: 'a', fingerprint: 'f' } });
  },

  'claim: of many at once exactly one recovers a saga that is due': async ({ store, connections, clock }) => {
    await openAs(store, 'a');
    for (let token = 2; token <= 8; token += 1) {
      clock.nowMs += leaseMs;
      const answers = await allAtOnce(connections, names(`driver${token}-`, 8), (journal, id) =>
        claimAs(journal, id),
      );
      same(
        answers.filter(({ owned }) => owned).map(({ record }) => record?.token),
        [token],
        'tokens given',
      );
    }
  },

  'claim: what does not exist is neither claimed nor written': async ({ store, clock }) => {
    same(await claimAs(store, 'a'), { owned: false, record: null, nowMs: clock.nowMs });
    const refused = { written: false, record: null, nowMs: clock.nowMs };
    same(await store.save({ ...progress(1, 1), leaseMs }), refused);
    same(await store.leave(progress(1, 1)), refused);
    same(await store.renew({ ...name, token: 1, leaseMs }), refused);
    same(await store.read(name), null);
  },
};

const writing: Contract<SagaJournal> = {
  'write: each is taken once, in order, and extends the lease': async ({ store, other, clock }) => {
    await openAs(store, 'a');
    clock.nowMs = epochMs + 100;
    const saved = await store.save({ ...progress(1, 1), leaseMs });
    shows(saved, { written: true, record: { version: 1, dueAtMs: epochMs + 1_100 } });
    clock.nowMs = epochMs + 200;
    // Sent again because its reply was lost; what it says now is not looked at.
    same(await other.save({ ...progress(1, 1, 'other'), leaseMs }), { ...saved, nowMs: clock.nowMs });
    shows(await store.save({ ...progress(1, 3), leaseMs }), { written: false, record: { version: 1 } });
    shows(await store.save({ ...progress(1, 2), leaseMs }), {
      written: true,
      record: { progress: '{"v":2}' },
    });
    shows(await store.save({ ...progress(1, 1), leaseMs }), { written: false, record: { version: 2 } });
    const renewed = await store.renew({ ...name, token: 1, leaseMs: 5_000 });
    shows(renewed, { written: true, record: { dueAtMs: epochMs + 5_200, version: 2 } });
    same(await store.read(name), renewed.record, 'the record');
  },

  'write: of two that follow the same version only one is applied': async ({ store, connections }) => {
    for (const id of names('saga', 8)) {
      await openAs(store, 'a', { id });
      const texts = names('text', 4);
      const answers = await allAtOnce(connections, texts, (journal, text) =>
        journal.save({ ...progress(1, 1, text), id, leaseMs }),
      );
      const standing = await store.read({ ...name, id });
      shows(standing, { version: 1 });
      for (const answer of answers) shows(answer, { written: true, record: standing });
    }
  },

  'fencing: nothing is written under a token that was taken over': async ({ store, other, clock }) => {
    await openAs(store, 'a');
    clock.nowMs += leaseMs;
    const { record } = await claimAs(other, 'b');
    const refused = { written: false, record, nowMs: clock.nowMs };
    for (const token of [1, 3]) {
      same(await store.save({ ...progress(token, 1), leaseMs }), refused);
      same(await store.leave(progress(token, 1)), refused);
      same(await store.renew({ ...name, token, leaseMs }), refused);
    }
    same(await store.read(name), record, 'the record');
  },

  'fencing: of a late driver and a taker at once, the write counts only if it came first': async (scene) => {
    const { store, other, clock } = scene;
    for (const id of names('saga', 8)) {
      await openAs(store, 'late', { id });
      clock.nowMs += leaseMs;
      const [{ written }, { owned, record }] = await Promise.all([
        store.leave({ ...progress(1, 1), id, state: 'COMPLETED' }),
        other.claim({ ...name, id, attemptId: 'taker', leaseMs, why: 'recovery' }),
      ]);
      same(owned, !written, 'that exactly one prevailed');
      same(await store.read({ ...name, id }), record, 'what the taker was shown');
    }
  },

  'leave: for later, it is due then for recovery, and at once for who asks for it by id': async (scene) => {
    const { store, clock } = scene;
    await openAs(store, 'a');
    const left = await store.leave({ ...progress(1, 1), dueInMs: 500 });
    lacks(left.record, 'attemptId');
    shows(left, { written: true, record: { dueAtMs: epochMs + 500, version: 1 } });
    same(await store.leave({ ...progress(1, 1), dueInMs: 900 }), left, 'the answer to the same again');
    shows(await store.save({ ...progress(1, 2), leaseMs }), { written: false });
    shows(await store.renew({ ...name, token: 1, leaseMs }), { written: false });
    shows(await claimAs(store, 'b'), { owned: false });
    clock.nowMs += 499;
    shows(await claimAs(store, 'b'), { owned: false });
    shows(await openAs(store, 'c'), { owned: true, record: { token: 2 } });
  },

  'leave: for good, it is nobody’s, unless it waits for a repair': async ({ store, clock }) => {
    for (const state of ['COMPLETED', 'COMPENSATED', 'FAILED_COMPENSATION'] as const) {
      const changed = { id: state };
      await openAs(store, 'a', changed);
      const { record } = await store.leave({ ...progress(1, 1), ...changed, state });
      lacks(record, 'dueAtMs', 'attemptId');
      clock.nowMs += 99_999;
      shows(await openAs(store, 'b', changed), { owned: false, record: { state } });
      const asked = { ...name, ...changed, attemptId: 'b', leaseMs };
      shows(await store.claim({ ...asked, why: 'recovery' }), { owned: false });
      const repair = await store.claim({ ...asked, why: 'repair' });
      same(repair.owned, state === 'FAILED_COMPENSATION', `whether ${state} is given to a repair`);
    }
  },
};

/** The contract of a `SagaJournal`. */
export const sagaContract: Contract<SagaJournal> = { ...custody, ...writing, ...sagaKeeping };
