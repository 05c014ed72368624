// What an idempotency store promises: one owner of a slot at a time, each with a higher token; nothing written by anybody
// else; and nothing forgotten that is undecided.

import type { IdempotencyStore, WriteAnswer } from '../../src/idempotency/store.ts';
import type { Contract, Scene } from './contract.ts';
import { epochMs } from './contract.ts';
import { lacks, orRefused, same, shows } from './expectation.ts';
import { delicateJson, hostileTexts } from './hostile-text.ts';
import {
  claimAs,
  failure,
  idempotencyClaims,
  key,
  leaseMs,
  leaveUnknown,
  ttlMs,
} from './idempotency-claims.ts';
import { allAtOnce, names } from './races.ts';

type Write = (store: IdempotencyStore, token: number) => Promise<WriteAnswer>;

const writes: Readonly<Record<string, Write>> = {
  complete: (store, token) => store.complete({ key, token, result: '{"v":1}', ttlMs }),
  fail: (store, token) => store.fail({ key, token, failure, ttlMs }),
  release: (store, token) => store.release({ key, token }),
  renew: (store, token) => store.renew({ key, token, leaseMs: 5_000 }),
  suspend: (store, token) => leaveUnknown(store, token, { sealed: true, gatewayId: 'p' }),
  advance: (store, token) => store.advance({ key, token }),
};

function forEachWrite(
  clause: (name: string) => string,
  holds: (scene: Scene<IdempotencyStore>, write: Write) => Promise<void>,
) {
  return Object.fromEntries(
    Object.entries(writes).map(([name, write]) => [
      clause(name),
      (scene: Scene<IdempotencyStore>) => holds(scene, write),
    ]),
  );
}

/** The contract of an `IdempotencyStore`. */
export const idempotencyContract: Contract<IdempotencyStore> = {
  ...idempotencyClaims,

  ...forEachWrite(
    (name) => `fencing: ${name} applies under the current token`,
    async ({ store, clock }, write) => {
      await claimAs(store, 'a');
      const answer = await write(store, 1);
      shows(answer, { written: true, nowMs: clock.nowMs });
      same(await store.read(key), answer.record, 'the record');
    },
  ),

  ...forEachWrite(
    (name) => `fencing: ${name} is refused under a token that was taken over, and shows what stands there`,
    async ({ store, clock }, write) => {
      await claimAs(store, 'a');
      clock.nowMs += leaseMs;
      const { record } = await claimAs(store, 'b');
      for (const token of [1, 3])
        same(await write(store, token), { written: false, record, nowMs: clock.nowMs });
      same(await store.read(key), record, 'the record');
    },
  ),

  ...forEachWrite(
    (name) => `fencing: ${name} is refused once the owner has ended its claim`,
    async ({ store, clock }, write) => {
      await claimAs(store, 'a');
      await leaveUnknown(store, 1);
      const before = await store.read(key);
      same(await write(store, 1), { written: false, record: before, nowMs: clock.nowMs });
      same(await store.read(key), before, 'the record');
    },
  ),

  ...forEachWrite(
    (name) => `fencing: ${name} is refused where nothing was ever claimed`,
    async ({ store, clock }, write) => {
      same(await write(store, 1), { written: false, record: null, nowMs: clock.nowMs });
      same(await store.read(key), null, 'the record');
    },
  ),

  'fencing: a write still applies after the lease while nobody has taken over': async ({ store, clock }) => {
    await claimAs(store, 'a');
    clock.nowMs += leaseMs * 5;
    shows(await store.complete({ key, token: 1, result: '{}', ttlMs }), { written: true });
  },

  'fencing: of a late owner and a taker at once, one prevails and the other learns of it': async (scene) => {
    const { store, other, clock } = scene;
    for (const slot of names('slot', 8)) {
      await claimAs(store, 'late', { key: slot });
      clock.nowMs += leaseMs;
      const [{ written }, { owned, record }] = await Promise.all([
        store.complete({ key: slot, token: 1, result: '{}', ttlMs }),
        claimAs(other, 'taker', { key: slot }),
      ]);
      same(owned, !written, 'that exactly one prevailed');
      const standing = await store.read(slot);
      shows(standing, written ? { state: 'COMPLETED', token: 1 } : { state: 'IN_FLIGHT', token: 2 });
      same(record, standing, 'what the taker was shown');
    }
  },

  'fencing: of two decisions at once only one is written': async ({ store, connections }) => {
    for (const slot of names('slot', 8)) {
      await claimAs(store, 'a', { key: slot });
      const owned = { key: slot, token: 1, ttlMs };
      const answers = await allAtOnce(
        connections,
        ['complete', 'fail', 'complete', 'fail'] as const,
        (each, how) =>
          how === 'fail' ? each.fail({ ...owned, failure }) : each.complete({ ...owned, result: '{}' }),
      );
      same(answers.filter(({ written }) => written).length, 1, 'decisions written');
    }
  },

  'visibility: what one connection was told, every other one sees at once': async (scene) => {
    const { store, connections, clock } = scene;
    for (const [name, write] of Object.entries(writes)) {
      const claimed = await claimAs(store, name);
      for (const each of connections.toReversed()) same(await each.read(key), claimed.record, 'the record');
      const { record } = await write(store, claimed.record.token);
      for (const each of connections.toReversed()) same(await each.read(key), record, 'the record');
      clock.nowMs += ttlMs;
    }
  },

  'expiry: an end and how long it lives are seen together': async ({ store, connections }) => {
    for (const slot of names('slot', 10)) {
      await claimAs(store, 'a', { key: slot });
      const owned = { key: slot, token: 1, ttlMs };
      const ending = slot.endsWith('1')
        ? store.fail({ ...owned, failure })
        : store.complete({ ...owned, result: '{}' });
      const seen = await allAtOnce(connections.slice(1), names('', 8), (each) => each.read(slot));
      const { record } = await ending;
      for (const each of seen)
        if (each?.state !== 'IN_FLIGHT') same(each, record, 'what was seen of the end');
    }
  },

  'renew: extends the lease from now': async ({ store, clock }) => {
    await claimAs(store, 'a');
    clock.nowMs = epochMs + 600;
    const renewed = await store.renew({ key, token: 1, leaseMs });
    shows(renewed.record, { leaseUntilMs: epochMs + 1_600, token: 1, state: 'IN_FLIGHT' });
    clock.nowMs = epochMs + 1_599;
    shows(await claimAs(store, 'b'), { owned: false });
  },

  'suspend: remembers since when the key is known to be answered, until the generation moves on': async (
    scene,
  ) => {
    const { store, clock } = scene;
    await claimAs(store, 'a');
    clock.nowMs = epochMs + 100;
    await leaveUnknown(store, 1, { sealed: true });
    await claimAs(store, 'b');
    clock.nowMs = epochMs + 200;
    await leaveUnknown(store, 2, { sealed: true });
    shows(await store.read(key), { sealedAtMs: epochMs + 100 });
    await claimAs(store, 'c');
    clock.nowMs = epochMs + 300;
    const { record } = await store.advance({ key, token: 3 });
    shows(record, { generation: 1, keyUsedFromMs: clock.nowMs, unresolved: false, token: 3, epoch: 0 });
    lacks(record, 'sealedAtMs');
  },

  'suspend: keeps the id of a pending payment when it is suspended again without one': async ({ store }) => {
    await claimAs(store, 'a');
    await leaveUnknown(store, 1, { state: 'PENDING', gatewayId: 'pay_1' });
    await claimAs(store, 'b');
    await leaveUnknown(store, 2);
    shows(await store.read(key), { state: 'UNKNOWN', gatewayId: 'pay_1' });
  },

  'list: names what needs resolving, the oldest lease first, and no more than asked for': async (scene) => {
    const { store, clock } = scene;
    const states = ['late', 'unknown', 'pending', 'running', 'done', 'failed', 'released'];
    for (const name of states) {
      await claimAs(store, name, { key: name });
      clock.nowMs += 1;
    }
    await leaveUnknown(store, 1, { key: 'unknown' });
    await leaveUnknown(store, 1, { key: 'pending', state: 'PENDING' });
    await store.complete({ key: 'done', token: 1, result: '{}', ttlMs });
    await store.fail({ key: 'failed', token: 1, failure, ttlMs });
    await store.release({ key: 'released', token: 1 });
    const listed = async (limit: number) => (await store.list({ limit })).map((record) => record.key);
    clock.nowMs = epochMs + 999;
    same(await listed(10), ['unknown', 'pending']);
    clock.nowMs = epochMs + 1_000;
    same(await listed(10), ['late', 'unknown', 'pending']);
    same(await listed(2), ['late', 'unknown']);
    same(await listed(0), []);
    same(await store.list({ limit: 1 }), [await store.read('late')]);
  },

  'list: of records with one lease names first what came first': async ({ store, clock }) => {
    for (const name of ['b', 'c', 'a']) await claimAs(store, name, { key: name });
    const listed = async (limit: number) => (await store.list({ limit })).map((record) => record.key);
    clock.nowMs += leaseMs;
    same([await listed(1), await listed(2), await listed(9)], [['b'], ['b', 'c'], ['b', 'c', 'a']]);
    for (const name of ['a', 'c', 'b']) await leaveUnknown(store, 1, { key: name });
    same([await listed(1), await listed(2), await listed(9)], [['b'], ['b', 'c'], ['b', 'c', 'a']]);
  },

  'list: puts a record that was just tried behind the others': async ({ store, clock }) => {
    for (const name of ['first', 'second']) {
      clock.nowMs += 1;
      await claimAs(store, name, { key: name });
      await leaveUnknown(store, 1, { key: name });
    }
    clock.nowMs += 1;
    await claimAs(store, 'again', { key: 'first' });
    await leaveUnknown(store, 2, { key: 'first', sent: false });
    same(
      (await store.list({ limit: 10 })).map((record) => record.key),
      ['second', 'first'],
    );
  },

  'input: keys that look alike are kept apart, or refused': async ({ store }) => {
    const taken: string[] = [];
    for (const text of hostileTexts) {
      const answer = await orRefused(claimAs(store, `by ${taken.length}`, { key: text }));
      if (answer === null) continue;
      shows(answer, { owned: true, record: { key: text, token: 1 } }, `the claim of ${JSON.stringify(text)}`);
      taken.push(text);
    }
    for (const [index, text] of taken.entries()) {
      shows(await store.read(text), { key: text, attemptId: `by ${index}` }, JSON.stringify(text));
    }
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },

  'input: requests, results and messages come back as they were, byte by byte': async ({ store }) => {
    for (const [index, json] of delicateJson.entries()) {
      const slot = `k${index}`;
      const asked = { key: slot, fingerprint: json, request: json, attemptId: json, leaseMs };
      shows((await store.claim(asked)).record, { fingerprint: json, request: json, attemptId: json });
      await store.complete({ key: slot, token: 1, result: json, ttlMs });
      shows(await store.read(slot), { request: json, result: json });
    }
    await claimAs(store, 'a');
    await store.fail({ key, token: 1, failure: { ...failure, message: '"\u{1f4b3}"\n' }, ttlMs });
    same((await store.read(key))?.failure, { ...failure, message: '"\u{1f4b3}"\n' }, 'the failure');
  },

  'input: parts of a millisecond neither fail nor end a lease early': async ({ store, clock }) => {
    await store.claim({ key, fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 1.5 });
    clock.nowMs += 1;
    shows(await claimAs(store, 'b'), { owned: false });
    clock.nowMs += 1;
    shows(await claimAs(store, 'b'), { owned: true });
  },
};
