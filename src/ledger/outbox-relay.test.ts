// Convinces by killing the process at every one of its store operations, before and after it is applied, with one or two
// relays, and comparing what the subscribers' own ledger holds with a run in which nobody died; and by poison of every
// kind beside events that are fine.

import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { type EventHandler, eventBus } from './event-bus.ts';
import { ledger } from './ledger.ts';
import { type OutboxRelayOptions, outboxRelay, type RelayReport } from './outbox-relay.ts';
import { captured } from './payment-entries.ts';
import { type Death, fact, mortal, refusal } from './testing.ts';

type Store = ReturnType<typeof memoryLedgerStore>;

function rig(options: Partial<OutboxRelayOptions> = {}) {
  const runtime = manualRuntime();
  const store = memoryLedgerStore(runtime);
  const bus = eventBus({ runtime });
  const seen: string[] = [];
  const died: string[] = [];
  const relay = outboxRelay({
    runtime,
    store,
    bus,
    onDead: ({ id }, reason) => void died.push(`${id} ${reason}`),
    ...options,
  });
  const tell = (...names: readonly string[]) =>
    ledger({ store }).commit(
      names.map((name) => ({
        effect: name,
        entries: [],
        events: [{ id: name, type: 't', aggregate: name[0] ?? '', payload: { name } }],
      })),
    );
  const handle = (handler: EventHandler = () => {}) =>
    bus.subscribe('t', 'reader', (event, signal) => {
      seen.push(event.id);
      return handler(event, signal);
    });
  /** Relays until nothing is claimed any more, letting delays and leases pass. */
  const relayAll = async (rounds = 30): Promise<RelayReport[]> => {
    const reports: RelayReport[] = [];
    for (let round = 0; round < rounds; round += 1) {
      const report = await runtime.settle(relay());
      if (report.claimed > 0) reports.push(report);
      await runtime.advance(400_000);
    }
    return reports;
  };
  return { runtime, store, bus, seen, died, relay, tell, handle, relayAll };
}

describe('an outbox relay', () => {
  it('delivers what was committed, in order for each aggregate, and once when all goes well', async () => {
    const { relay, tell, handle, seen } = rig();
    handle(({ id, type, aggregate, payload }) =>
      expect({ type, aggregate, payload }).toEqual({ type: 't', aggregate: id[0], payload: { name: id } }),
    );
    await tell('a1', 'a2', 'b1');
    expect(await relay()).toMatchObject({ claimed: 2, delivered: 2, more: true });
    expect(await relay()).toMatchObject({ claimed: 1, delivered: 1, more: false });
    expect(await relay()).toMatchObject({ claimed: 0, delivered: 0, more: false });
    expect(seen).toEqual(['a1', 'b1', 'a2']);
  });

  it('says whether there is more at once: beyond its limit, or behind what is over', async () => {
    const { relay, tell, handle } = rig({ limit: 2, maxAttempts: 1 });
    handle(({ id }) => (id === 'a1' ? Promise.reject(new Error('no')) : undefined));
    await tell('b1', 'c1', 'a1', 'a2');
    expect(await relay()).toMatchObject({ delivered: 2, more: true });
    expect(await relay()).toMatchObject({ dead: 1, more: true });
    expect(await relay()).toMatchObject({ delivered: 1, more: false });
  });

  it('tries a failed event again after a delay that doubles up to its limit', async () => {
    const { runtime, relay, tell, handle, seen } = rig({ delayMs: 100, maxDelayMs: 250, leaseMs: 50 });
    handle(() => Promise.reject(new Error('no')));
    await tell('a1', 'a2');
    for (const delayMs of [100, 200, 250, 250]) {
      expect(await relay()).toMatchObject({ failed: 1, more: false });
      await runtime.advance(delayMs - 1);
      expect(await relay()).toMatchObject({ claimed: 0 });
      await runtime.advance(1);
    }
    expect(seen).toEqual(['a1', 'a1', 'a1', 'a1']);
    expect(runtime.logged[0]).toEqual({
      outbox: 'reader',
      code: 'error',
      event: 'a1',
      type: 't',
      attempts: 1,
    });
  });

  it.each<[string, EventHandler | undefined, string]>([
    ['throws', () => Promise.reject(new Error('no')), 'error'],
    ['refuses', () => Promise.reject(new OutcomeUnknownError('no')), 'outcome_unknown'],
    ['hangs', () => new Promise(() => {}), 'outcome_unknown'],
    ['does not exist', undefined, 'no_subscriber'],
  ])(
    'gives up an event whose subscriber %s, says so, and goes on with the others',
    async (_, bad, reason) => {
      const { tell, handle, seen, died, store, relayAll } = rig({ maxAttempts: 3 });
      const isPoison = (id: string) => id === 'a1';
      if (bad !== undefined) handle((event, signal) => (isPoison(event.id) ? bad(event, signal) : undefined));
      await tell('a1', 'a2', 'b1');
      const reports = await relayAll();
      expect(died.filter((line) => line.startsWith('a1'))).toEqual([`a1 ${reason}`]);
      expect((await store.deadLetters({ limit: 5 }))[0]).toMatchObject({
        event: { id: 'a1' },
        attempts: 3,
        reason,
      });
      if (bad === undefined) return;
      expect(reports.reduce((sum, { dead }) => sum + dead, 0)).toBe(1);
      expect(seen).toEqual(['a1', 'b1', 'a1', 'a1', 'a2']);
    },
  );

  it('leaves subscribers half of the lease, so that nobody else has the event meanwhile', async () => {
    const { runtime, relay, tell, handle } = rig({ leaseMs: 5_000 });
    handle(() => new Promise(() => {}));
    await tell('a1');
    expect(await runtime.settle(relay())).toMatchObject({ failed: 1 });
    expect(runtime.monotonicMs()).toBe(2_500);
  });

  it('gives up an event that kills whoever handles it', async () => {
    const { runtime, store, bus, died, tell, handle, relayAll } = rig({ maxAttempts: 2 });
    const deadly = handle(() => new Promise(() => {}));
    await tell('a1');
    for (const _ of [1, 2]) {
      const last = mortal({ nth: 2, applied: false }).seen(store);
      void outboxRelay({ runtime, store: last, bus, onDead: () => {} })();
      await runtime.advance(60_000);
    }
    deadly();
    await relayAll();
    expect(died).toEqual(['a1 abandoned']);
  });

  it('buries what it reported even if nobody could be told', async () => {
    const { runtime, store, tell, relayAll } = rig({
      maxAttempts: 1,
      onDead: () => Promise.reject(new Error('pager')),
    });
    await tell('a1');
    await relayAll();
    expect(await store.deadLetters({ limit: 5 })).toMatchObject([{ reason: 'no_subscriber' }]);
    expect(runtime.logged).toContainEqual(expect.objectContaining({ outbox: 'onDead', code: 'error' }));
  });

  it('reports a dead letter before it buries it', async () => {
    const { runtime, store, bus, tell } = rig();
    await tell('a1');
    const died: string[] = [];
    const dying = mortal({ nth: 2, applied: false }).seen(store);
    void outboxRelay({
      runtime,
      store: dying,
      bus,
      maxAttempts: 1,
      onDead: ({ id }) => void died.push(id),
    })();
    await runtime.drain();
    expect(died).toEqual(['a1']);
  });

  it('handles nothing when the claim took half of its lease to come back', async () => {
    const { runtime, store, bus, seen, tell, handle } = rig();
    handle();
    await tell('a1');
    const slow: Pick<Store, 'claim' | 'settle'> = {
      settle: store.settle,
      async claim(request) {
        const answer = await store.claim(request);
        await runtime.sleep(30_000);
        return answer;
      },
    };
    const relay = outboxRelay({ runtime, store: slow, bus, onDead: () => {} });
    expect(await runtime.settle(relay())).toMatchObject({ claimed: 1, delivered: 0, failed: 0 });
    expect(seen).toEqual([]);
  });

  it('leaves to its lease what could not be settled, and rejects only when nothing could be claimed', async () => {
    const { runtime, store, bus, seen, tell, handle } = rig();
    handle();
    await tell('a1', 'b1');
    const down = async () => {
      throw new StoreUnavailableError('no answer');
    };
    const relay = outboxRelay({ runtime, store: { ...store, settle: down }, bus, onDead: () => {} });
    expect(await relay()).toMatchObject({ claimed: 2, delivered: 0, more: false });
    expect(seen).toEqual(['a1', 'b1']);
    const deaf = outboxRelay({ runtime, store: { ...store, claim: down }, bus, onDead: () => {} });
    expect(await refusal(deaf())).toBeInstanceOf(StoreUnavailableError);
  });

  it('fails an event whose content cannot be read, and not the pass', async () => {
    const { relay, store, seen, tell, handle, runtime } = rig();
    handle();
    const torn = { id: 'x1', type: 't', aggregate: 'x', payload: '{', fingerprint: '' };
    await store.commit([{ effect: 'x', entries: [], events: [torn] }]);
    await tell('a1');
    expect(await runtime.settle(relay())).toMatchObject({ claimed: 2, delivered: 1, failed: 1 });
    expect(seen).toEqual(['a1']);
  });

  it('refuses options that cannot work', () => {
    for (const bad of [
      { limit: 0 },
      { leaseMs: 1 },
      { maxAttempts: 0 },
      { delayMs: 0 },
      { delayMs: 10, maxDelayMs: 9 },
      { onDead: undefined as unknown as OutboxRelayOptions['onDead'] },
      { runtime: {} as ManualRuntime },
    ]) {
      expect(() => rig(bad), JSON.stringify(bad)).toThrow(ValidationError);
    }
  });
});

const facts = ['m1', 'm2'].flatMap((reference) =>
  [1, 2, 3].map((turn) => ({ reference, operation: `${reference}/${turn}`, amountMinor: turn * 100 })),
);

/** A process that books the facts and relays their events into a second ledger, until its stores are at rest. */
async function work(runtime: ManualRuntime, store: Store, copy: Store): Promise<void> {
  const bus = eventBus({ runtime });
  const projection = ledger({ store: copy });
  bus.subscribe('captured', 'copy', async ({ id, payload }) => {
    const entry = captured(fact(payload as (typeof facts)[number]));
    await projection.commit([{ effect: `copy/${id}`, entries: [entry], events: [] }]);
  });
  const relay = outboxRelay({ runtime, store, bus, onDead: () => {} });
  for (const each of facts) {
    const event = { id: each.operation, type: 'captured', aggregate: each.reference, payload: each };
    await ledger({ store }).post(captured(fact(each)), [event]);
  }
  for (let quiet = 0; quiet < 6; ) {
    const { claimed } = await relay();
    quiet = claimed > 0 ? 0 : quiet + 1;
    // Long enough for the lease of a dead one, again and again while the dying win the race for what falls due.
    if (claimed === 0) await runtime.sleep(60_000);
  }
}

async function keysOf(store: Store): Promise<readonly string[]> {
  return (await store.entries({ after: 0, limit: 100 })).map(({ key }) => key);
}

/** Lets processes die, one after the other or side by side, then one live, and reads both ledgers. */
async function survive(deaths: readonly Death[], together: boolean) {
  const runtime = manualRuntime();
  const store = memoryLedgerStore(runtime);
  const copy = memoryLedgerStore(runtime);
  const processes = deaths.map(mortal);
  for (const process of processes) {
    void work(runtime, process.seen(store), process.seen(copy));
    if (!together) await runtime.advance(1);
  }
  await runtime.settle(work(runtime, store, copy));
  return {
    died: processes.filter(({ isDead }) => isDead()).length,
    books: await keysOf(store),
    copy: await keysOf(copy),
    dead: await store.deadLetters({ limit: 9 }),
  };
}

describe('money in the books and the news of it', () => {
  it('are both there exactly once, in order, wherever processes die', async () => {
    const expected = facts.map(({ operation }) => `capture/${operation}`);
    let deaths = 0;
    for (let nth = 1; nth <= 22; nth += 1) {
      for (const applied of [false, true]) {
        for (const together of [false, true]) {
          const second = { nth: 1 + ((nth * 7) % 22), applied: !applied };
          const { died, books, copy, dead } = await survive([{ nth, applied }, second], together);
          deaths += died;
          expect(books).toEqual(expected);
          for (const reference of ['m1', 'm2']) {
            const own = (key: string) => key.includes(reference);
            expect(copy.filter(own)).toEqual(expected.filter(own));
          }
          expect(dead).toEqual([]);
        }
      }
    }
    expect(deaths).toBeGreaterThan(100);
  });
});
