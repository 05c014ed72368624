// The clauses of an idempotency store about who gets a slot, and under which token.

import { CardDeclinedError } from '../../src/errors/payment-error.ts';
import { serialiseError } from '../../src/errors/serialise.ts';
import type { ClaimAnswer, IdempotencyStore, Suspension, WriteAnswer } from '../../src/idempotency/store.ts';
import type { Contract, Scene } from './contract.ts';
import { epochMs } from './contract.ts';
import { lacks, same, shows } from './expectation.ts';
import { allAtOnce, names } from './races.ts';

/** The slot that most clauses are about. */
export const key = 'shop/k';
/** Milliseconds. */
export const leaseMs = 1_000;
/** Milliseconds. */
export const ttlMs = 10_000;
/** How an operation can fail for good. */
export const failure = serialiseError(new CardDeclinedError('declined'));

/** Claims {@link key} as `attemptId`. */
export function claimAs(
  store: IdempotencyStore,
  attemptId: string,
  changed: { readonly key?: string; readonly fingerprint?: string } = {},
): Promise<ClaimAnswer> {
  return store.claim({ key, fingerprint: 'f', request: '{}', attemptId, leaseMs, ...changed });
}

/** Leaves {@link key} undecided as the owner of `token`. */
export function leaveUnknown(
  store: IdempotencyStore,
  token: number,
  changed: Partial<Suspension> = {},
): Promise<WriteAnswer> {
  return store.suspend({ key, token, state: 'UNKNOWN', sent: true, sealed: false, ...changed });
}

type Reach = (scene: Scene<IdempotencyStore>) => Promise<unknown>;

/** Ways into each state in which a slot belongs to its payload, for the owner with token 1. */
const occupied: Readonly<Record<string, Reach>> = {
  'in flight': async () => {},
  'in flight past its lease': async ({ clock }) => {
    clock.nowMs += leaseMs;
  },
  completed: ({ store }) => store.complete({ key, token: 1, result: '{}', ttlMs }),
  failed: ({ store }) => store.fail({ key, token: 1, failure, ttlMs }),
  unknown: ({ store }) => leaveUnknown(store, 1),
  pending: ({ store }) => leaveUnknown(store, 1, { state: 'PENDING', gatewayId: 'p' }),
};

const decisions: Readonly<Record<string, Reach>> = {
  COMPLETED: occupied['completed'] as Reach,
  FAILED: occupied['failed'] as Reach,
};

/** Who gets a slot. */
export const idempotencyClaims: Contract<IdempotencyStore> = {
  'claim: gives a free slot, and tells the clock': async ({ store, clock }) => {
    const record = {
      key,
      state: 'IN_FLIGHT',
      fingerprint: 'f',
      request: '{}',
      token: 1,
      attemptId: 'a',
      epoch: 0,
      generation: 0,
      leaseUntilMs: epochMs + 1_000,
      sendableUntilMs: epochMs,
      keyUsedFromMs: epochMs,
      unresolved: false,
    };
    same(await claimAs(store, 'a'), { owned: true, nowMs: clock.nowMs, record });
    same(await store.read(key), record, 'the record');
  },

  'claim: recognises its own when the reply was lost, with the same token and lease': async (scene) => {
    const { store, other, clock } = scene;
    const first = await claimAs(store, 'a');
    clock.nowMs += 500;
    same(await claimAs(store, 'a'), { ...first, nowMs: clock.nowMs });
    same(await claimAs(other, 'a'), { ...first, nowMs: clock.nowMs });
    shows(await store.complete({ key, token: 1, result: '{}', ttlMs }), { written: true });
  },

  'claim: reports the owner to everybody else until the lease is over': async ({ store, clock }) => {
    await claimAs(store, 'a');
    clock.nowMs = epochMs + 999;
    shows(await claimAs(store, 'b'), { owned: false, record: { attemptId: 'a', token: 1 } });
    clock.nowMs = epochMs + 1_000;
    shows(await claimAs(store, 'b'), { owned: true, record: { attemptId: 'b', token: 2, unresolved: true } });
  },

  'claim: of many at once exactly one gets a free slot': async ({ connections }) => {
    for (const slot of names('slot', 10)) {
      const attempts = names('attempt', 8);
      const answers = await allAtOnce(connections, attempts, (store, id) =>
        claimAs(store, id, { key: slot }),
      );
      const [winner, ...others] = answers.filter(({ owned }) => owned);
      same(others, [], 'other owners beside the first');
      for (const { record } of answers) same(record, winner?.record, 'the record that each was shown');
      same(winner?.record.token, 1, 'the token');
    }
  },

  'claim: of many at once exactly one takes over, with the next token': async ({ connections, clock }) => {
    for (let token = 1; token <= 10; token += 1) {
      const attempts = names(`attempt${token}-`, 8);
      const answers = await allAtOnce(connections, attempts, (store, id) => claimAs(store, id));
      same(
        answers.filter(({ owned }) => owned).map(({ record }) => record.token),
        [token],
        'tokens given',
      );
      clock.nowMs += leaseMs;
    }
  },

  'claim: of many at once exactly one reuses a slot that expired, or was released': async (scene) => {
    const { store, connections, clock } = scene;
    await claimAs(store, 'a');
    await store.complete({ key, token: 1, result: '{}', ttlMs });
    clock.nowMs += ttlMs;
    for (const token of [2, 3]) {
      const attempts = names(`attempt${token}-`, 8);
      const answers = await allAtOnce(connections, attempts, (each, id) =>
        claimAs(each, id, { fingerprint: id }),
      );
      same(
        answers.filter(({ owned }) => owned).map(({ record }) => record.token),
        [token],
        'tokens given',
      );
      await store.release({ key, token });
    }
  },

  'claim: one attempt that asks many times at once owns once': async ({ connections }) => {
    const answers = await allAtOnce(connections, names('', 8), (store) => claimAs(store, 'a'));
    for (const answer of answers) shows(answer, { owned: true, record: { token: 1 } });
  },

  'takeover: a crashed owner may have sent until its lease ended': async ({ store, clock }) => {
    await claimAs(store, 'a');
    clock.nowMs = epochMs + 5_000;
    shows((await claimAs(store, 'b')).record, {
      sendableUntilMs: epochMs + 1_000,
      leaseUntilMs: epochMs + 6_000,
    });
    clock.nowMs = epochMs + 9_000;
    const third = { sendableUntilMs: epochMs + 6_000, keyUsedFromMs: epochMs, token: 3 };
    shows((await claimAs(store, 'c')).record, third);
  },

  'takeover: an owner that suspended is believed about when it last sent': async ({ store, clock }) => {
    await claimAs(store, 'a');
    clock.nowMs = epochMs + 200;
    await leaveUnknown(store, 1);
    clock.nowMs = epochMs + 300;
    const taken = { sendableUntilMs: epochMs + 200, unresolved: true, token: 2 };
    shows((await claimAs(store, 'b')).record, taken);
    clock.nowMs = epochMs + 400;
    await leaveUnknown(store, 2, { sent: false });
    shows((await claimAs(store, 'c')).record, { sendableUntilMs: epochMs + 200, token: 3 });
  },

  ...Object.fromEntries(
    Object.entries(occupied).map(([state, reach]) => [
      `claim: never gives a slot that is ${state} to another payload`,
      async (scene: Scene<IdempotencyStore>) => {
        const { record } = await claimAs(scene.store, 'a');
        await reach(scene);
        const answer = await claimAs(scene.store, 'a', { fingerprint: 'other' });
        shows(answer, { owned: false, record: { token: record.token, fingerprint: 'f' } });
      },
    ]),
  ),

  'release: gives the slot to any payload, with a new token and the old gateway key': async (scene) => {
    const { store, clock } = scene;
    await claimAs(store, 'a');
    await store.advance({ key, token: 1 });
    clock.nowMs = epochMs + 100;
    shows(await store.release({ key, token: 1 }), { written: true, record: { state: 'RELEASED' } });
    const again = { token: 2, fingerprint: 'other', epoch: 0, generation: 1, keyUsedFromMs: epochMs };
    const answer = await claimAs(store, 'b', { fingerprint: 'other' });
    shows(answer, { owned: true, record: { ...again, unresolved: false } });
  },

  ...Object.fromEntries(
    Object.entries(decisions).map(([state, decide]) => [
      `expiry: a ${state} record lives for its time from then, and its slot begins a new epoch`,
      async (scene: Scene<IdempotencyStore>) => {
        const { store, clock } = scene;
        await claimAs(store, 'a');
        await store.advance({ key, token: 1 });
        clock.nowMs = epochMs + 500;
        await decide(scene);
        clock.nowMs = epochMs + 500 + ttlMs - 1;
        shows(await claimAs(store, 'b'), { owned: false, record: { epoch: 0, state } });
        clock.nowMs += 1;
        const answer = await claimAs(store, 'b', { fingerprint: 'other' });
        const begun = { token: 2, epoch: 1, generation: 0, keyUsedFromMs: clock.nowMs, state: 'IN_FLIGHT' };
        shows(answer, { owned: true, record: begun });
        lacks(answer.record, 'expiresAtMs', 'result', 'failure', 'sealedAtMs');
      },
    ]),
  ),

  'expiry: what is undecided is kept for ever': async ({ store, clock }) => {
    const states = ['IN_FLIGHT', 'UNKNOWN', 'PENDING'] as const;
    for (const state of states) {
      await claimAs(store, state, { key: state });
      if (state !== 'IN_FLIGHT') await leaveUnknown(store, 1, { key: state, state });
    }
    clock.nowMs += 1_000 * ttlMs;
    for (const state of states) {
      shows(await store.read(state), { state, token: 1 });
      shows(await claimAs(store, 'later', { key: state, fingerprint: 'other' }), { owned: false });
    }
  },
};
