// Convinces against a real server by three things. Every generated sequence of calls is answered as the table answers it. While many
// commit at once, and one of them is held open, a reader that pages never passes a place that fills later. And of many relays no
// two have one event, or two events of one aggregate.

import { type Arbitrary, array, constantFrom, integer, oneof, record } from 'fast-check';
import { expect, test } from 'vitest';
import { IdempotencyConflictError } from '../../../src/errors/payment-error.ts';
import type { UnitWrite } from '../../../src/ledger/ledger-store.ts';
import { ledgerTable } from '../../../src/stores/ledger-table.ts';
import { postgresInboxStore } from '../../../src/stores/postgres/inbox-store.ts';
import { postgresLedgerStore } from '../../../src/stores/postgres/ledger-store.ts';
import { agree } from './parity.ts';
import { countedPool, postgresLane } from './testing.ts';

const server = await postgresLane();

const ms = constantFrom(0, 5, 10, 0.5);
const print = oneof({ weight: 5, arbitrary: constantFrom('f') }, constantFrom('g'));
const posting = record({
  account: constantFrom('a', 'b', 'a-b'),
  amountMinor: constantFrom(1, -7, Number.MAX_SAFE_INTEGER),
  currency: constantFrom('EUR', 'JPY'),
});
const payment = record({ merchantReference: constantFrom('m', 'n'), gatewayId: constantFrom('gw') });
const entry = record(
  {
    key: constantFrom('k', 'l', 'm\u0000', 'n'),
    kind: constantFrom('capture'),
    payment,
    operation: constantFrom('op'),
    occurredAtMs: constantFrom(0, 1.5),
    postings: array(posting, { maxLength: 3 }),
    fingerprint: print,
  },
  { requiredKeys: ['key', 'kind', 'occurredAtMs', 'postings', 'fingerprint'] },
);
const event = record({
  id: constantFrom('1', '2', '3', '4\ud800'),
  type: constantFrom('t'),
  aggregate: constantFrom('x', 'y'),
  payload: constantFrom('{ "a": 1.0 }', '"\\u0000"'),
  fingerprint: print,
});
const unit = record({
  effect: constantFrom('e', 'f', 'g'),
  entries: array(entry, { maxLength: 3 }),
  events: array(event, { maxLength: 2 }),
});
const token = integer({ min: 1, max: 4 });
const id = constantFrom('1', '2', '3', '4\ud800');
const outcome = oneof(
  record({ kind: constantFrom('delivered') }),
  record({ kind: constantFrom('failed'), delayMs: ms }),
  record({ kind: constantFrom('dead'), reason: constantFrom('no') }),
);
const limit = integer({ min: 0, max: 3 });
const calls = oneof(
  { weight: 2, arbitrary: called('commit', array(unit, { maxLength: 3 })) },
  called('entries', record({ after: integer({ min: 0, max: 3 }), limit })),
  called('totals', record({ merchantReference: constantFrom('m', 'n') }, { requiredKeys: [] })),
  { weight: 2, arbitrary: called('claim', record({ limit, leaseMs: ms })) },
  { weight: 2, arbitrary: called('settle', record({ id, token, outcome })) },
  called('deadLetters', record({ limit })),
  called('requeue', id),
  called('prune', record({ olderThanMs: ms, limit })),
);

function called(method: string, argument: Arbitrary<unknown>) {
  return record({ afterMs: ms, method: constantFrom(method), argument });
}

server.suite('the ledger in Postgres', () => {
  test('answers every sequence of calls as the table does', async () => {
    await agree({ table: ledgerTable, store: postgresLedgerStore, calls, maxLength: 50 }, server);
  });

  test('shows places in their order to whoever pages while many commit at once', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresLedgerStore({ pool, schema });
    let open = true;
    const commits = Array.from({ length: 8 }, async (_, writer) => {
      for (let n = 0; n < 20; n++) {
        const names = [1, 2, 3].slice(0, 1 + ((writer + n) % 3)).map((part) => `${writer}.${n}.${part}`);
        await store.commit(names.map((name) => unitOf(name)));
      }
    });
    const seen: string[] = [];
    const reader = (async () => {
      for (let last = false; !last; ) {
        last = !open;
        const page = await store.entries({ after: seen.length, limit: 1_000 });
        for (const { sequence, key } of page) {
          seen.push(key);
          expect(sequence).toBe(seen.length);
        }
      }
    })();
    await Promise.all(commits);
    open = false;
    await reader;
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await store.entries({ after: 0, limit: 9_999 })).length);
    expect(await store.totals({})).toEqual([
      { account: 'a', currency: 'EUR', totalMinor: `${seen.length}` },
      { account: 'b', currency: 'EUR', totalMinor: `-${seen.length}` },
    ]);
  });

  test('lets no later place be seen while the commit with an earlier one is held open', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresLedgerStore({ pool, schema });
    await store.commit([unitOf('first')]);
    const held = await pool.connect();
    await held.query('BEGIN');
    await postgresLedgerStore({ pool: held, schema }).commit([unitOf('second')]);
    const third = store.commit([unitOf('third')]);
    await server.waiting({ pool, schema });
    expect((await store.entries({ after: 0, limit: 9 })).map(({ key }) => key)).toEqual(['first']);
    await held.query('COMMIT');
    held.release();
    await third;
    const entries = await store.entries({ after: 1, limit: 9 });
    expect(entries.map(({ key, sequence }) => [key, sequence])).toEqual([
      ['second', 2],
      ['third', 3],
    ]);
    expect(entries[1]?.postedAtMs).toBeGreaterThanOrEqual(entries[0]?.postedAtMs ?? Infinity);
  });

  test('applies an effect once of many commits at once, and leaves no hole where one is refused', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresLedgerStore({ pool, schema });
    for (let round = 0; round < 10; round++) {
      const same = unitOf(`${round}`);
      const other = { ...same, entries: same.entries.map((one) => ({ ...one, fingerprint: 'other' })) };
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, n) =>
          store.commit([unitOf(`${round}+${n}`), n % 2 === 0 ? same : other]),
        ),
      );
      const applied = answers.flatMap((answer) => (answer.committed ? [answer.outcomes[1]] : []));
      expect(applied.filter((one) => one?.applied)).toHaveLength(1);
      expect(applied).toHaveLength(6);
      const entries = await store.entries({ after: 7 * round, limit: 99 });
      expect(entries.map(({ sequence }) => sequence)).toEqual(
        [1, 2, 3, 4, 5, 6, 7].map((n) => 7 * round + n),
      );
    }
  });

  test('hands each event to one of many relays, and one of each aggregate', async () => {
    const { pool, schema } = await server.fresh({ max: 16 });
    const store = postgresLedgerStore({ pool, schema });
    await store.commit(Array.from({ length: 40 }, (_, n) => unitOf(`${n}`, `aggregate ${n % 10}`)));
    const claims = await Promise.all(
      Array.from({ length: 12 }, () => store.claim({ limit: 3, leaseMs: 60_000 })),
    );
    expect(
      claims
        .flat()
        .map(({ event: { id: one } }) => one)
        .sort(),
    ).toEqual(Array.from({ length: 10 }, (_, n) => `${n}`));
    for (const { hasNext, token: held } of claims.flat()) expect([hasNext, held]).toEqual([true, 1]);
  });

  test('gives the next event of an aggregate to the claim that waited for the one before', async () => {
    const { pool, schema } = await server.fresh();
    const store = postgresLedgerStore({ pool, schema });
    await store.commit([unitOf('1', 'x'), unitOf('2', 'x')]);
    await store.claim({ limit: 1, leaseMs: 0 });
    const held = await pool.connect();
    await held.query('BEGIN');
    const late = postgresLedgerStore({ pool: held, schema });
    expect(await late.settle({ id: '1', token: 1, outcome: { kind: 'delivered' } })).toBe(true);
    const claiming = store.claim({ limit: 1, leaseMs: 0 });
    await server.waiting({ pool, schema });
    await held.query('COMMIT');
    held.release();
    expect(await claiming).toMatchObject([{ event: { id: '2' }, token: 1 }]);
  });

  test('commits with the end of the event that tells of it, or not at all', async () => {
    const { pool, schema } = await server.fresh();
    const books = postgresLedgerStore({ pool, schema });
    const inbox = postgresInboxStore({
      pool,
      schema,
      async finishWith(effects, transaction) {
        const units = effects.map(({ payload }) => JSON.parse(payload) as UnitWrite);
        const answer = await postgresLedgerStore({ pool: transaction, schema }).commit(units);
        if (!answer.committed) throw new IdempotencyConflictError('stands otherwise');
      },
    });
    const finish = async (name: string, unit: UnitWrite) => {
      const claim = { attemptId: name, leaseMs: 60_000 };
      const { record: event } = await inbox.receive({ id: name, object: name, event: '{}', claim });
      const effects = [{ key: unit.effect, payload: JSON.stringify(unit) }];
      return inbox.finish({ id: name, token: event.token, effects, dedupTtlMs: 1e6 });
    };
    const unit = unitOf('refunded');
    expect(await finish('1', unit)).toMatchObject({ written: true });
    // Another event id that announces the same change.
    expect(await finish('2', unit)).toMatchObject({ written: true });
    const entries = unit.entries.map((one) => ({ ...one, fingerprint: 'other' }));
    const refused = finish('3', { ...unit, effect: 'other', entries });
    await expect(refused).rejects.toThrow(IdempotencyConflictError);
    expect(await inbox.effect('other')).toBeNull();
    expect(await books.entries({ after: 0, limit: 9 })).toHaveLength(1);
    expect((await inbox.list({ state: 'DONE', limit: 9 })).map(({ id: one }) => one)).toEqual(['1', '2']);
  });

  test('needs one round trip for each operation', async () => {
    const { pool, schema } = await server.fresh();
    const counted = countedPool(pool);
    const store = postgresLedgerStore({ pool: counted, schema });
    await store.commit([unitOf('1'), unitOf('2')]);
    await store.claim({ limit: 9, leaseMs: 9 });
    await store.entries({ after: 0, limit: 9 });
    expect(counted.count()).toBe(3);
  });
});

function unitOf(name: string, aggregate = name): UnitWrite {
  const postings = [
    { account: 'a', amountMinor: 1, currency: 'EUR' },
    { account: 'b', amountMinor: -1, currency: 'EUR' },
  ];
  return {
    effect: name,
    entries: [{ key: name, kind: 'capture', occurredAtMs: 1, postings, fingerprint: 'f' }],
    events: [{ id: name, type: 't', aggregate, payload: '{}', fingerprint: 'f' }],
  };
}
