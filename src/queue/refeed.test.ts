// Queue and batch writer hold nothing that a crash may not take. Convinces by a durable inbox (an outbox of received events)
// that feeds them: the process is killed at every one of its store operations, before and after it is applied, built anew
// on the same stores, and the books are compared with those of a process that lived.

import { describe, expect, it } from 'vitest';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import { books } from '../ledger/books.ts';
import { eventBus } from '../ledger/event-bus.ts';
import { ledger, type UnitOfWork } from '../ledger/ledger.ts';
import { outboxRelay } from '../ledger/outbox-relay.ts';
import { captured, refunded } from '../ledger/payment-entries.ts';
import { fact, mortal } from '../ledger/testing.ts';
import { memoryLedgerStore } from '../stores/memory-ledger-store.ts';
import { batchWriter } from './batch-writer.ts';
import { workQueue } from './work-queue.ts';

type Store = ReturnType<typeof memoryLedgerStore>;

interface Received {
  readonly reference: string;
  readonly transition: 'captured' | 'refunded';
}

const references = ['m1', 'm2', 'm3'];
const received: readonly Received[] = (['captured', 'refunded'] as const).flatMap((transition) =>
  references.map((reference) => ({ reference, transition })),
);

function effectOf({ reference, transition }: Received): UnitOfWork {
  const made = { captured, refunded }[transition](fact({ reference }));
  return { effect: `${reference}/${transition}`, entries: [made], events: [] };
}

/** A process: inbox → queue → batch writer → books. An event leaves the inbox when its money is in the books. */
async function serve(runtime: ManualRuntime, inbox: Store, store: Store): Promise<void> {
  const bus = eventBus({ runtime });
  const writer = batchWriter<UnitOfWork>({
    runtime,
    key: ({ effect }) => effect.split('/')[0] ?? '',
    write: ledger({ store }).commit,
    maxItems: 2,
    maxWaitMs: 500,
  });
  const queue = workQueue<Received>({
    runtime,
    workers: 2,
    key: ({ reference }) => reference,
    work: (event) => writer.add(effectOf(event)),
    onFailure: () => {},
  });
  bus.subscribe('webhook', 'books', async ({ payload }) => {
    const { outcome } = await queue.push(payload as Received);
    const { kind } = await outcome;
    if (kind !== 'done') throw new Error(kind);
  });
  const relay = outboxRelay({ runtime, store: inbox, bus, onDead: () => {} });
  for (let quiet = 0; quiet < 4; ) {
    const { claimed } = await relay();
    quiet = claimed > 0 ? 0 : quiet + 1;
    if (claimed === 0) await runtime.sleep(60_000);
  }
}

/** Receives everything, some of it twice under two ids, lets one process die, and another live. */
async function run(death?: { readonly nth: number; readonly applied: boolean }) {
  const runtime = manualRuntime();
  const [inbox, store] = [memoryLedgerStore(runtime), memoryLedgerStore(runtime)];
  for (const [index, event] of [...received, ...received.slice(1, 3)].entries()) {
    const webhook = { id: `evt_${index}`, type: 'webhook', aggregate: event.reference, payload: event };
    await ledger({ store: inbox }).commit([{ effect: webhook.id, entries: [], events: [webhook] }]);
  }
  let died = false;
  if (death !== undefined) {
    const dying = mortal(death);
    void serve(runtime, dying.seen(inbox), dying.seen(store));
    await runtime.advance(30_000);
    died = dying.isDead();
  }
  await runtime.settle(serve(runtime, inbox, store));
  const keys: string[] = [];
  for await (const { key } of books({ store }).entries()) keys.push(key);
  const { balances } = await books({ store }).trialBalance();
  return { died, keys, balances, dead: await inbox.deadLetters({ limit: 9 }) };
}

describe('what queue and batch writer hold', () => {
  it('is booked once and in order wherever the process dies', async () => {
    const expected = await run();
    expect(expected.keys).toHaveLength(received.length);
    let deaths = 0;
    for (let nth = 1; nth <= 16; nth += 1) {
      for (const applied of [false, true]) {
        const { died, keys, balances, dead } = await run({ nth, applied });
        if (died) deaths += 1;
        for (const reference of references) {
          const own = (key: string): boolean => key.endsWith(`op_${reference}`);
          expect(keys.filter(own)).toEqual(expected.keys.filter(own));
          expect(keys.filter(own)).toEqual([`capture/op_${reference}`, `refund/op_${reference}`]);
        }
        expect(balances).toEqual(expected.balances);
        expect(dead).toEqual([]);
      }
    }
    expect(deaths).toBeGreaterThan(25);
  });
});
