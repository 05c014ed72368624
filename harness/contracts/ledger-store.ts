// What a ledger's store promises: entries, the mark of their effect and the events that tell of it are committed together
// or not at all, each effect once, in places that a reader can follow.

import type { PostedEntry, UnitWrite } from '../../src/ledger/ledger-store.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { delicateJson, hostileTexts } from './hostile-text.ts';
import { type BooksStore, entry, event, unit } from './ledger-acts.ts';
import { outboxClauses } from './outbox-store.ts';
import { allAtOnce, names } from './races.ts';

const keysOf = (entries: readonly PostedEntry[]) => entries.map(({ key }) => key);

async function idsOf(store: BooksStore): Promise<readonly string[]> {
  return (await store.claim({ limit: 99, leaseMs: 1 })).map(({ event: { id } }) => id);
}

const committing: Contract<BooksStore> = {
  'commit: writes entries, effect and events together, and says what is new': async ({ store, clock }) => {
    const wanted = { entries: [entry('a'), entry('b')], events: [event('e1'), event('e2')] };
    const outcome = { effect: 'u', applied: true, newEntries: ['a', 'b'], newEvents: ['e1', 'e2'] };
    same(await store.commit([unit('u', wanted)]), { committed: true, outcomes: [outcome] });
    const postedAtMs = clock.nowMs;
    same(await store.entries({ after: 0, limit: 9 }), [
      { ...entry('a'), sequence: 1, postedAtMs },
      { ...entry('b'), sequence: 2, postedAtMs },
    ]);
    const claimed = { token: 1, attempts: 1, hasNext: false };
    same(await store.claim({ limit: 9, leaseMs: 1 }), [
      { event: event('e1'), ...claimed },
      { event: event('e2'), ...claimed },
    ]);
  },

  'commit: an effect happens once, and a repetition because the reply was lost says so': async ({
    store,
    other,
  }) => {
    const units = [unit('u', { entries: [entry('a')], events: [event('e1')] })];
    await store.commit(units);
    const outcomes = [{ effect: 'u', applied: false, newEntries: [], newEvents: [] }];
    same(await other.commit(units), { committed: true, outcomes });
    // Another event under an effect that has happened is not told.
    same(await other.commit([unit('u', { entries: [entry('a')], events: [event('e2')] })]), {
      committed: true,
      outcomes,
    });
    same(keysOf(await store.entries({ after: 0, limit: 9 })), ['a']);
    same(await idsOf(store), ['e1']);
  },

  'commit: of many at once with one effect exactly one is applied': async ({ store, connections }) => {
    for (const round of names('round', 8)) {
      const units = [unit(round, { entries: [entry(round)], events: [event(round)] })];
      const answers = await allAtOnce(connections, names('', 6), (each) => each.commit(units));
      const applied = answers
        .flatMap((answer) => (answer.committed ? answer.outcomes : []))
        .map((each) => each.applied);
      same(applied.filter(Boolean).length, 1, 'how many were applied');
      same(applied.length, 6, 'how many were committed');
    }
    same(keysOf(await store.entries({ after: 0, limit: 99 })), names('round', 8));
    same(await idsOf(store), names('round', 8));
  },

  'commit: of many at once with other effects and the same entry it is booked once, or refused': async (
    scene,
  ) => {
    const { store, connections } = scene;
    for (const key of names('entry', 8)) {
      const prints = ['f', 'g', 'f', 'g'];
      const answers = await allAtOnce(connections, prints, (each, print) =>
        each.commit([unit(`${key} ${print} ${prints.indexOf(print)}`, { entries: [entry(key, print)] })]),
      );
      const [booked] = (await store.entries({ after: 0, limit: 99 })).filter((each) => each.key === key);
      same(
        answers.map(({ committed }) => committed),
        prints.map((print) => print === booked?.fingerprint),
        'which commits were taken',
      );
    }
    same(keysOf(await store.entries({ after: 0, limit: 99 })), names('entry', 8));
  },

  'commit: many units in other orders at once neither block each other for good nor tear': async (scene) => {
    const { store, connections } = scene;
    const units = names('unit', 6).map((id) =>
      unit(id, { entries: [entry(id)], events: [event(id, 'payment')] }),
    );
    const orders = [units, units.toReversed(), [...units.slice(3), ...units.slice(0, 3)], units.toReversed()];
    const answers = await allAtOnce(connections, orders, (each, order: readonly UnitWrite[]) =>
      each.commit(order),
    );
    for (const answer of answers) shows(answer, { committed: true });
    const applied = answers.map(
      (answer) => answer.committed && answer.outcomes.every((each) => each.applied),
    );
    same(applied.filter(Boolean).length, 1, 'how many commits were applied');
    same([...keysOf(await store.entries({ after: 0, limit: 99 }))].sort(), names('unit', 6));
  },

  'commit: leaves what is there already with the same fingerprint': async ({ store, clock }) => {
    await store.commit([unit('u', { entries: [entry('a'), entry('b')], events: [event('e1')] })]);
    clock.nowMs += 2;
    const more = { entries: [entry('a'), entry('c')], events: [event('e1'), event('e2')] };
    const outcomes = [{ effect: 'v', applied: true, newEntries: ['c'], newEvents: ['e2'] }];
    same(await store.commit([unit('v', more)]), { committed: true, outcomes });
    const page = async (after: number) =>
      (await store.entries({ after, limit: 2 })).map(({ key, sequence, postedAtMs }) => [
        key,
        sequence,
        postedAtMs - epochMs,
      ]);
    same(await page(0), [
      ['a', 1, 0],
      ['b', 2, 0],
    ]);
    same(await page(2), [['c', 3, 2]]);
    same(await page(3), []);
    same(await store.entries({ after: 0, limit: 0 }), []);
  },

  'commit: is refused as a whole by what stands otherwise, and names it': async ({ store }) => {
    await store.commit([unit('u', { entries: [entry('a')], events: [event('e1')] })]);
    const before = unit('before', { entries: [entry('x')], events: [event('ex')] });
    const refusals = [
      [unit('v', { entries: [entry('a', 'g')] }), { kind: 'entry', name: 'a' }],
      [unit('v', { events: [event('e1', 'e1', 'g')] }), { kind: 'event', name: 'e1' }],
      // Its effect has happened, so its entries have to stand.
      [unit('u', { entries: [entry('missing')] }), { kind: 'entry', name: 'missing' }],
      [unit('u', { entries: [entry('a', 'g')] }), { kind: 'entry', name: 'a' }],
      [unit('v', { entries: [entry('y'), entry('y', 'g')] }), { kind: 'entry', name: 'y' }],
    ] as const;
    for (const [refused, conflict] of refusals) {
      same(await store.commit([before, refused]), { committed: false, conflict });
    }
    same(keysOf(await store.entries({ after: 0, limit: 9 })), ['a']);
    same(await idsOf(store), ['e1']);
    shows(await store.commit([before]), { committed: true, outcomes: [{ applied: true }] });
  },

  'commit: nothing at all is committed as such': async ({ store }) => {
    same(await store.commit([]), { committed: true, outcomes: [] });
    shows(await store.commit([unit('u', {})]), { committed: true, outcomes: [{ applied: true }] });
    shows(await store.commit([unit('u', {})]), { committed: true, outcomes: [{ applied: false }] });
  },
};

const reading: Contract<BooksStore> = {
  'entries: a reader that follows the places while many commit misses none': async ({
    store,
    connections,
  }) => {
    let over = false;
    const seen: PostedEntry[] = [];
    const reader = (async () => {
      for (;;) {
        const isLast = over;
        const page = await store.entries({ after: seen.at(-1)?.sequence ?? 0, limit: 7 });
        seen.push(...page);
        if (isLast && page.length === 0) return;
      }
    })();
    const writers = connections.slice(1).map(async (each, index) => {
      for (const id of names(`writer${index}-`, 15)) {
        await each.commit([unit(id, { entries: [entry(`${id}a`), entry(`${id}b`)] })]);
      }
    });
    await Promise.all(writers).finally(() => {
      over = true;
    });
    await reader;
    const all = await store.entries({ after: 0, limit: 1_000 });
    same(seen, all, 'what the reader saw');
    same(all.length, writers.length * 30, 'how many were committed');
    const places = all.map(({ sequence }) => sequence);
    same(
      places,
      all.map((_, index) => index + 1),
      'the places',
    );
  },

  'totals: beyond 2^53, of all payments or one, by account and currency': async ({ store }) => {
    const max = Number.MAX_SAFE_INTEGER;
    for (const key of ['a', 'b', 'c']) await store.commit([unit(key, { entries: [entry(key, 'f', max)] })]);
    const total = 3n * BigInt(max);
    same(await store.totals({}), [
      { account: 'captured', currency: 'USD', totalMinor: String(-total) },
      { account: 'gateway-clearing', currency: 'USD', totalMinor: String(total) },
    ]);
    same(await store.totals({ merchantReference: 'm-b' }), [
      { account: 'captured', currency: 'USD', totalMinor: `-${max}` },
      { account: 'gateway-clearing', currency: 'USD', totalMinor: `${max}` },
    ]);
    same(await store.totals({ merchantReference: 'nobody' }), []);
    const { payment: _, ...fee } = entry('fee', 'f', 7);
    const postings = [
      { account: 'Fees', amountMinor: 7, currency: 'EUR' },
      { account: 'captured', amountMinor: 7, currency: 'EUR' },
      { account: 'captured', amountMinor: -14, currency: 'EUR' },
    ];
    await store.commit([unit('fee', { entries: [{ ...fee, postings }] })]);
    const rows = (await store.totals({})).map(({ account, currency, totalMinor }) => [
      account,
      currency,
      totalMinor,
    ]);
    same(rows, [
      ['Fees', 'EUR', '7'],
      ['captured', 'EUR', '-7'],
      ['captured', 'USD', String(-total)],
      ['gateway-clearing', 'USD', String(total)],
    ]);
  },

  'input: names that look alike are kept apart, or refused with nothing written': async ({ store }) => {
    const taken: string[] = [];
    for (const text of hostileTexts) {
      const wanted = unit(text, {
        entries: [{ ...entry(text), operation: text }],
        events: [event(text, text, text)],
      });
      const answer = await orRefused(store.commit([wanted]));
      if (answer === null) continue;
      const outcome = { effect: text, applied: true, newEntries: [text], newEvents: [text] };
      same(answer, { committed: true, outcomes: [outcome] }, JSON.stringify(text));
      taken.push(text);
    }
    same(keysOf(await store.entries({ after: 0, limit: 99 })), taken, 'the entries');
    same(await idsOf(store), taken, 'the events');
    for (const text of taken) {
      shows(await store.totals({ merchantReference: `m-${text}` }), [
        { totalMinor: '-5' },
        { totalMinor: '5' },
      ]);
    }
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },

  'input: payloads come back as they were, byte by byte': async ({ store }) => {
    const events = delicateJson.map((payload, index) => ({ ...event(`event${index}`), payload }));
    await store.commit([unit('u', { events })]);
    same(
      (await store.claim({ limit: 99, leaseMs: 1 })).map((claimed) => claimed.event),
      events,
    );
  },
};

/** The contract of a `LedgerStore` and the `OutboxStore` that belongs to it. */
export const ledgerContract: Contract<BooksStore> = { ...committing, ...reading, ...outboxClauses };
