// Convinces against a real server by two things. Every generated sequence of calls is answered as the table answers it. And of many who
// ask at once no two get one event or two events of one object, and none is left.

import { array, constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { inboxTable } from '../../../src/stores/inbox-table.ts';
import { postgresInboxStore } from '../../../src/stores/postgres/inbox-store.ts';
import type { InboxClaim, InboxStore } from '../../../src/webhooks/inbox-store.ts';
import { agree } from './parity.ts';
import { countedPool, postgresLane } from './testing.ts';

const server = await postgresLane();

const id = constantFrom('1', '2', '3\u0000');
const token = integer({ min: 1, max: 6 });
const ms = constantFrom(0, 5, 10, 0.5);
const failure = constantFrom({ code: 'error', message: '\ud800' }, { code: 'parked', message: 'later' });
const effect = record({ key: constantFrom('e', 'f', 'g\u0000'), payload: constantFrom('1', '{ "a": 1.0 }') });
const effects = array(effect, { maxLength: 3 });
const to = oneof(
  record({ status: constantFrom('paid', 'lost') }),
  record({ status: constantFrom('paid'), version: constantFrom(1, 2.5) }),
);
const claim = { attemptId: constantFrom('x', 'y', 'z'), leaseMs: ms };
const arrival = { id, object: constantFrom('o', 'p'), event: constantFrom('{}', '{ "\\u0000": 1.0 }') };
const calls = oneof(
  call('receive', arrival),
  call('receive', { ...arrival, claim: record(claim) }),
  call('claim', claim),
  call('claim', { ...claim, id }),
  call('finish', { id, token, effects, dedupTtlMs: ms }),
  call('finish', {
    id,
    token,
    effects,
    dedupTtlMs: ms,
    move: record({ to, afterRevision: integer({ min: 0, max: 2 }) }),
  }),
  call('postpone', { id, token, delayMs: ms, parked: constantFrom(true, false), failure }),
  call('bury', { id, token, failure }),
  record({ afterMs: ms, method: constantFrom('revive'), argument: id }),
  call('list', {
    state: constantFrom('READY', 'PARKED', 'CLAIMED', 'DONE', 'DEAD'),
    limit: integer({ min: 0, max: 3 }),
  }),
  record({ afterMs: ms, method: constantFrom('effect'), argument: constantFrom('e', 'g\u0000') }),
  call('prune', { olderThanMs: ms, limit: integer({ min: 0, max: 2 }) }),
);

function call(method: string, members: Parameters<typeof record>[0]) {
  return record({ afterMs: ms, method: constantFrom(method), argument: record(members) });
}

server.suite('the inbox in Postgres', () => {
  const lease = { leaseMs: 60_000 };

  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: inboxTable, store: postgresInboxStore, calls, maxLength: 60 }, server);
  });

  test('gives many who ask at once different events of different objects, until all are given', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresInboxStore({ pool, schema });
    for (let n = 0; n < 24; n++) await store.receive({ id: `${n}`, object: `o${n % 12}`, event: '{}' });
    const claims = await claimAll(store, ['a', 16]);
    expect(claims).toHaveLength(12);
    expect(new Set(claims.map(({ record: { object } }) => object)).size).toBe(12);
    expect(new Set(claims.map(({ record: { token: held } }) => held)).size).toBe(12);
    expect(await claimAll(store, ['b', 2])).toEqual([]);
  });

  test('keeps an event that comes in many times at once, once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresInboxStore({ pool, schema });
    for (let round = 0; round < 10; round++) {
      const receipts = await Promise.all(
        Array.from({ length: 16 }, (_, n) =>
          store.receive({
            id: `${round}`,
            object: 'o',
            event: '{}',
            claim: { attemptId: `a${round}.${n}`, ...lease },
          }),
        ),
      );
      expect(receipts.filter(({ first }) => first)).toHaveLength(1);
      const holders = receipts.filter(({ claim: held }) => held !== null);
      expect(holders).toHaveLength(1);
      await store.finish({ ...held(holders[0]), effects: [], dedupTtlMs: 1e6 });
    }
  });

  test('applies an effect that two events announce at once, once, in whatever order they name theirs', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresInboxStore({ pool, schema });
    const claims = await Promise.all(
      ['1', '2'].map((name) =>
        store.receive({ id: name, object: name, event: '{}', claim: { attemptId: name, ...lease } }),
      ),
    );
    // Both wait in the middle of their effects, and each would then wait for what the other has written.
    const middle = await pool.connect();
    await middle.query('BEGIN');
    await middle.query(`INSERT INTO ${schema}.inbox_effects VALUES ('m', '', 0)`);
    const keys = ['a', 'm', 'b'];
    const ending = claims.map((receipt, n) =>
      store.finish({
        ...held(receipt),
        effects: (n === 0 ? keys : keys.toReversed()).map((key) => ({ key, payload: `${n}` })),
        dedupTtlMs: 1e6,
      }),
    );
    await server.waiting({ pool, schema, count: 2 });
    await middle.query('ROLLBACK');
    middle.release();
    expect((await Promise.all(ending)).map(({ written }) => written)).toEqual([true, true]);
    expect(new Set(await Promise.all(keys.map((key) => store.effect(key)))).size).toBe(1);
  });

  test('tells a claim that waited for the end of another event where the object stands since then', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresInboxStore({ pool, schema });
    const first = await store.receive({
      id: '1',
      object: 'o',
      event: '{}',
      claim: { attemptId: 'a', leaseMs: 0 },
    });
    await store.receive({ id: '2', object: 'o', event: '{}' });
    const ending = await pool.connect();
    await ending.query('BEGIN');
    const move = { to: { status: 'paid' }, afterRevision: 0 };
    await postgresInboxStore({ pool: ending, schema }).finish({
      ...held(first),
      effects: [],
      move,
      dedupTtlMs: 1e6,
    });
    const claiming = store.claim({ attemptId: 'b', ...lease });
    await server.waiting({ pool, schema });
    await ending.query('COMMIT');
    ending.release();
    expect(await claiming).toMatchObject({ record: { id: '2' }, position: { status: 'paid', revision: 1 } });
  });

  test('needs one round trip for each operation', async () => {
    const { pool, schema } = await server.fresh();
    const counted = countedPool(pool);
    const store = postgresInboxStore({ pool: counted, schema });
    const receipt = await store.receive({
      id: '1',
      object: 'o',
      event: '{}',
      claim: { attemptId: 'x', ...lease },
    });
    await store.finish({ ...held(receipt), effects: [{ key: 'e', payload: '1' }], dedupTtlMs: 5 });
    await store.claim({ attemptId: 'y', ...lease });
    expect(counted.count()).toBe(3);
  });
});

function held(receipt: { readonly record: InboxClaim['record'] } | undefined) {
  if (receipt === undefined) throw new Error('nobody has the event');
  return { id: receipt.record.id, token: receipt.record.token };
}

async function claimAll(store: InboxStore, [name, count]: [string, number]): Promise<InboxClaim[]> {
  const asked = Array.from({ length: count }, (_, n) =>
    store.claim({ attemptId: `${name}${n}`, leaseMs: 60_000 }),
  );
  return (await Promise.all(asked)).filter((claim) => claim !== null);
}
