// Convinces by one valid entry and a list of changes that each break one rule of it, by committing everything twice,
// partly and in conflict with itself, and by reading the whole store after every refusal.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdempotencyConflictError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import type { Entry, Posting } from './entry.ts';
import { type LedgerEvent, ledger, type UnitOfWork } from './ledger.ts';
import type { LedgerStore } from './ledger-store.ts';
import { captured, feeCharged, refunded } from './payment-entries.ts';
import { fact, refusal } from './testing.ts';

const entry = captured(fact());
const news: LedgerEvent = { id: 'e1', type: 'payment.captured', aggregate: 'm1', payload: { minor: 500 } };

function rig(accounts: readonly string[] = []) {
  const store = memoryLedgerStore(manualRuntime());
  const books = ledger({ store, accounts });
  const everything = async () => ({
    entries: await store.entries({ after: 0, limit: 1_000 }),
    events: await store.claim({ limit: 1_000, leaseMs: 0 }),
  });
  return { store, ...books, everything };
}

function posting(account: string, amountMinor: unknown, currency: unknown = 'USD'): Posting {
  return { account, amountMinor, currency } as Posting;
}

describe('an entry', () => {
  it('is posted once however often it is posted, and says what was new', async () => {
    const { post, everything } = rig();
    expect(await post(entry, [news])).toEqual({
      effect: 'capture/op_m1',
      applied: true,
      newEntries: ['capture/op_m1'],
      newEvents: ['e1'],
    });
    const before = await everything();
    expect(await post(entry, [news])).toEqual({
      effect: 'capture/op_m1',
      applied: false,
      newEntries: [],
      newEvents: [],
    });
    expect((await everything()).entries).toEqual(before.entries);
    expect(before.entries).toHaveLength(1);
  });

  it('is the same fact when another source dates it differently', async () => {
    const { post, everything } = rig();
    await post(entry);
    expect(await post({ ...entry, occurredAtMs: 2_000 })).toMatchObject({ applied: false });
    expect((await everything()).entries).toMatchObject([{ occurredAtMs: 1_000 }]);
  });

  it.each<[string, Entry]>([
    ['amount', captured(fact({ amountMinor: 501 }))],
    ['currency', captured(fact({ currency: 'EUR' }))],
    ['payment', { ...entry, payment: { merchantReference: 'm2', gatewayId: 'ch_m1' } }],
    ['kind', { ...entry, kind: 'refund' }],
    ['accounts', { ...refunded(fact()), key: entry.key }],
  ])('is a conflict under the same key with another %s, and nothing is written', async (_, other) => {
    const { post, commit, everything } = rig();
    await post(entry);
    const before = await everything();
    const fee = feeCharged(fact());
    expect(await refusal(post(other))).toBeInstanceOf(IdempotencyConflictError);
    // Beside a unit that is fine, before and after it, and under an effect of its own.
    const good: UnitOfWork = { effect: 'fee', entries: [fee], events: [{ ...news, id: 'e2' }] };
    const bad: UnitOfWork = { effect: 'other', entries: [other], events: [] };
    for (const units of [
      [good, bad],
      [bad, good],
    ]) {
      expect(await refusal(commit(units))).toBeInstanceOf(IdempotencyConflictError);
    }
    expect((await everything()).entries).toEqual(before.entries);
    expect((await everything()).events).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['no key', { ...entry, key: undefined }],
    ['an empty key', { ...entry, key: '' }],
    ['a key with a line break', { ...entry, key: 'a\nb' }],
    ['a key too long', { ...entry, key: 'k'.repeat(256) }],
    ['no kind', { ...entry, kind: '' }],
    ['half a payment', { ...entry, payment: { merchantReference: 'm1' } }],
    ['no payment where one is named', { ...entry, payment: null }],
    ['a date as text', { ...entry, occurredAtMs: '2026-01-01' }],
    ['postings that are none', { ...entry, postings: 'all' }],
    ['a posting that is none', { ...entry, postings: [null, null] }],
    ['one posting', { ...entry, postings: [posting('captured', 5)] }],
    ['no sum of zero', { ...entry, postings: [posting('gateway-clearing', 5), posting('captured', -4)] }],
    ['a fraction', { ...entry, postings: [posting('gateway-clearing', 0.5), posting('captured', -0.5)] }],
    ['zeros', { ...entry, postings: [posting('gateway-clearing', 0), posting('captured', 0)] }],
    ['text', { ...entry, postings: [posting('gateway-clearing', '5'), posting('captured', '-5')] }],
    ['2^53', { ...entry, postings: [posting('gateway-clearing', 2 ** 53), posting('captured', -(2 ** 53))] }],
    ['NaN', { ...entry, postings: [posting('gateway-clearing', Number.NaN), posting('captured', 1)] }],
    ['an unknown account', { ...entry, postings: [posting('gateway-clearing', 5), posting('slush', -5)] }],
    [
      'an account of the prototype',
      { ...entry, postings: [posting('toString', 5), posting('captured', -5)] },
    ],
    [
      'two currencies',
      { ...entry, postings: [posting('gateway-clearing', 5), posting('captured', -5, 'EUR')] },
    ],
    [
      'an unknown currency',
      { ...entry, postings: [posting('gateway-clearing', 5, 'XXX'), posting('captured', -5, 'XXX')] },
    ],
    [
      'a currency that is none',
      { ...entry, postings: [posting('gateway-clearing', 5, {}), posting('captured', -5, {})] },
    ],
  ])('is refused with no effect when it has %s', async (_, bad) => {
    const { post, commit, everything } = rig();
    expect(await refusal(post(bad as Entry))).toBeInstanceOf(ValidationError);
    const good: UnitOfWork = { effect: 'good', entries: [feeCharged(fact())], events: [news] };
    const unit: UnitOfWork = { effect: 'bad', entries: [bad as Entry], events: [] };
    expect(await refusal(commit([good, unit]))).toBeInstanceOf(ValidationError);
    expect(await everything()).toEqual({ entries: [], events: [] });
  });

  it('may use accounts that the ledger was given, and no other ledger', async () => {
    const payout = {
      ...entry,
      key: 'payout/1',
      postings: [posting('bank', 5), posting('gateway-clearing', -5)],
    };
    expect(await rig(['bank']).post(payout)).toMatchObject({ applied: true });
    expect(await refusal(rig().post(payout))).toBeInstanceOf(ValidationError);
    expect(() => ledger({ store: rig().store, accounts: [''] })).toThrow(ValidationError);
  });

  it('is what was checked, whatever its maker does to it afterwards', async () => {
    const { post, everything } = rig();
    const postings = [posting('gateway-clearing', 5), posting('captured', -5)];
    const posted = post({ ...entry, postings });
    Object.assign(postings[0] ?? {}, { amountMinor: 500 });
    postings.pop();
    await posted;
    expect((await everything()).entries).toMatchObject([
      { postings: [{ amountMinor: 5 }, { amountMinor: -5 }] },
    ]);
  });
});

describe('a unit of work', () => {
  it('whose effect has happened changes nothing, even with news of its own', async () => {
    const { commit, everything } = rig();
    await commit([{ effect: 'ch_1/captured', entries: [entry], events: [news] }]);
    const again: UnitOfWork = { effect: 'ch_1/captured', entries: [entry], events: [{ ...news, id: 'e2' }] };
    expect(await commit([again])).toEqual([
      { effect: 'ch_1/captured', applied: false, newEntries: [], newEvents: [] },
    ]);
    const { entries, events } = await everything();
    expect([entries.length, events.length]).toEqual([1, 1]);
  });

  it('happens once within one commit as well', async () => {
    const { commit, everything } = rig();
    const unit: UnitOfWork = { effect: 'x', entries: [entry], events: [news] };
    expect((await commit([unit, unit])).map(({ applied }) => applied)).toEqual([true, false]);
    expect((await everything()).entries).toHaveLength(1);
  });

  it('is a conflict when its effect has happened with other money', async () => {
    const { commit, everything } = rig();
    await commit([{ effect: 'x', entries: [entry], events: [] }]);
    for (const entries of [[feeCharged(fact())], [captured(fact({ amountMinor: 1 }))]]) {
      expect(await refusal(commit([{ effect: 'x', entries, events: [] }]))).toBeInstanceOf(
        IdempotencyConflictError,
      );
    }
    expect((await everything()).entries).toHaveLength(1);
  });

  it('that contradicts another of the same commit refuses both', async () => {
    const { commit, everything } = rig();
    const units = [500, 501].map((amountMinor) => ({
      effect: `${amountMinor}`,
      entries: [captured(fact({ amountMinor }))],
      events: [],
    }));
    expect(await refusal(commit(units))).toBeInstanceOf(IdempotencyConflictError);
    expect(await everything()).toEqual({ entries: [], events: [] });
  });

  it('under another effect leaves the entry that stands and tells its own news', async () => {
    const { commit, everything } = rig();
    await commit([{ effect: 'answer', entries: [entry], events: [] }]);
    expect(await commit([{ effect: 'webhook', entries: [entry], events: [news] }])).toEqual([
      { effect: 'webhook', applied: true, newEntries: [], newEvents: ['e1'] },
    ]);
    expect((await everything()).entries).toHaveLength(1);
  });

  it('may not give an id to two events', async () => {
    const { commit, everything } = rig();
    const tell = (effect: string, event: LedgerEvent): UnitOfWork => ({
      effect,
      entries: [],
      events: [event],
    });
    await commit([tell('a', news)]);
    expect(await commit([tell('b', news)])).toMatchObject([{ applied: true, newEvents: [] }]);
    for (const change of [{ type: 'x' }, { aggregate: 'm2' }, { payload: { minor: 501 } }]) {
      expect(await refusal(commit([tell('c', { ...news, ...change })]))).toBeInstanceOf(
        IdempotencyConflictError,
      );
    }
    expect((await everything()).events).toHaveLength(1);
    expect(await commit([tell('c', { ...news, id: 'e2' })])).toMatchObject([{ applied: true }]);
  });

  it.each<[string, unknown]>([
    ['units that are no list', {}],
    ['a unit that is none', [null]],
    ['no effect', [{ entries: [], events: [] }]],
    ['no entries', [{ effect: 'x', events: [] }]],
    ['no events', [{ effect: 'x', entries: [] }]],
    ['an event that is none', [{ effect: 'x', entries: [], events: [null] }]],
    ['an event without an id', [{ effect: 'x', entries: [entry], events: [{ ...news, id: '' }] }]],
    ['an event without a type', [{ effect: 'x', entries: [entry], events: [{ ...news, type: undefined }] }]],
    ['an event about nothing', [{ effect: 'x', entries: [entry], events: [{ ...news, aggregate: 1 }] }]],
    ['what JSON lacks', [{ effect: 'x', entries: [entry], events: [{ ...news, payload: { minor: 5n } }] }]],
  ])('is refused with no effect when there are %s', async (_, units) => {
    const { commit, everything } = rig();
    expect(await refusal(commit(units as readonly UnitOfWork[]))).toBeInstanceOf(ValidationError);
    expect(await everything()).toEqual({ entries: [], events: [] });
  });

  it('asks the store once, and passes on that it did not answer', async () => {
    let asked = 0;
    const down: LedgerStore['commit'] = async () => {
      asked += 1;
      throw new StoreUnavailableError('no answer');
    };
    const { commit } = ledger({ store: { ...rig().store, commit: down } });
    expect(await refusal(commit([{ effect: 'x', entries: [entry], events: [news] }]))).toBeInstanceOf(
      StoreUnavailableError,
    );
    expect(asked).toBe(1);
    expect(await commit([])).toEqual([]);
    expect(asked).toBe(1);
  });

  it('hands the store nothing but JSON', async () => {
    const { commit, everything } = rig();
    await commit([{ effect: 'x', entries: [entry, feeCharged(fact())], events: [news] }]);
    const all = await everything();
    expect(JSON.parse(JSON.stringify(all))).toEqual(all);
  });
});

describe('any commits, each repeated at will', () => {
  it('leave the books as if every effect had been committed once, in order', async () => {
    const units = fc.array(
      fc.record({
        reference: fc.constantFrom('m1', 'm2', 'm3'),
        operation: fc.nat(5),
        build: fc.constantFrom(captured, refunded, feeCharged),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(units, fc.infiniteStream(fc.nat(3)), async (facts, batches) => {
        const { commit, everything } = rig();
        const all = facts.map(({ reference, operation, build }) => {
          const built = build(fact({ reference, operation: `${reference}/${operation}` }));
          return { effect: built.key, entries: [built], events: [] } satisfies UnitOfWork;
        });
        for (let at = 0; at < all.length; ) {
          const size = 1 + batches.next().value;
          const batch = all.slice(at, at + size);
          for (let repeats = batches.next().value; repeats >= 0; repeats -= 1) await commit(batch);
          at += size;
        }
        const { entries } = await everything();
        expect(entries.map(({ key }) => key)).toEqual([...new Set(all.map(({ effect }) => effect))]);
        expect(entries.map(({ sequence }) => sequence)).toEqual(entries.map((_, index) => index + 1));
      }),
      { numRuns: 100 },
    );
  });
});
