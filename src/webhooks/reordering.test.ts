// Convinces by random weather: the events of two payments are delivered in any order, twice or under a second id, to two
// processes at once whose every crossing is delayed, lost, doubled or fatal, with leases shorter than the delays and a gateway whose
// answers lag. Once the weather is over, every effect has happened once and every payment is where its history ends, having
// gone only forward.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryInboxStore } from '../stores/memory-inbox-store.ts';
import { effectKey } from './effect-key.ts';
import type { EventObject, WebhookEvent } from './event.ts';
import type { WebhookInbox } from './inbox.ts';
import type { InboxStore } from './inbox-store.ts';
import { paymentLattice } from './state-lattice.ts';
import { deliveryOf, eventOf, type Fault, type TestProcess, testInbox, testProcess } from './testing.ts';

const history = ['authorized', 'captured', 'partially_refunded', 'refunded', 'disputed'];
const leaseMs = 20;

/** Every change of two payments, one of which has versions, and every other change is announced under two ids. */
const events: readonly WebhookEvent[] = ['pi_1', 'pi_2'].flatMap((id) =>
  history.flatMap((status, index) => {
    const version = id === 'pi_1' ? { version: index } : {};
    const change = { object: { kind: 'payment', id }, transition: status, status, ...version };
    const once = eventOf(`${id}/${status}`, change);
    return index % 2 === 0 ? [once] : [once, eventOf(`${id}/${status}/again`, change)];
  }),
);

const weather = fc.record({
  /** Which event is delivered next, to which process, and when after the one before. */
  deliveries: fc.array(fc.tuple(fc.nat(events.length - 1), fc.nat(1), fc.nat(30)), {
    minLength: 5,
    maxLength: 25,
  }),
  faults: fc.array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constant<Fault>('none') },
      { weight: 3, arbitrary: fc.constantFrom<Fault>('request-lost', 'reply-lost', 'twice') },
      { weight: 1, arbitrary: fc.constantFrom<Fault>('crash-before', 'crash-after') },
    ),
    { minLength: 10, maxLength: 40 },
  ),
  delaysMs: fc.array(fc.constantFrom(0, 0, 0, 1, 3, 15, 40), { minLength: 5, maxLength: 40 }),
  lags: fc.array(fc.nat(4), { minLength: 3, maxLength: 10 }),
});

type Weather = typeof weather extends fc.Arbitrary<infer Drawn> ? Drawn : never;

async function storm({ deliveries, faults, delaysMs, lags }: Weather) {
  const runtime = manualRuntime();
  const applied: string[] = [];
  const moves: { readonly object: string; readonly status: string }[] = [];
  let isCalm = false;
  const drawn = <T>(list: readonly T[], calm: T): (() => T) => {
    let index = 0;
    return () => (isCalm ? calm : (list[index++ % list.length] ?? calm));
  };
  const [fault, delayMs, lag] = [drawn(faults, 'none'), drawn(delaysMs, 0), drawn(lags, 0)];
  const memory = memoryInboxStore(runtime, (effects) => void applied.push(...effects.map(({ key }) => key)));
  const slow =
    <Request, Reply>(apply: (request: Request) => Promise<Reply>) =>
    async (request: Request): Promise<Reply> => {
      await runtime.sleep(delayMs());
      const reply = await apply(request);
      await runtime.sleep(delayMs());
      return reply;
    };
  const durable: InboxStore = {
    ...memory,
    receive: slow(memory.receive),
    claim: slow(memory.claim),
    postpone: slow(memory.postpone),
    finish: slow(async (write) => {
      const answer = await memory.finish(write);
      if (answer.written && write.move !== undefined) {
        moves.push({ object: answer.record.object, status: write.move.to.status });
      }
      return answer;
    }),
  };
  const fetch = async ({ id }: EventObject) => {
    await runtime.sleep(delayMs());
    const index = history.length - 1 - lag();
    return { status: history[index] ?? '', ...(id === 'pi_1' ? { version: index } : {}) };
  };
  const start = (): { readonly process: TestProcess; readonly inbox: WebhookInbox } => {
    const process = testProcess(durable, fault);
    const handle = async () => {
      await process.cross('act', () => runtime.sleep(delayMs()));
      return { kind: 'done' as const, effects: [{ payload: null }] };
    };
    const patience = { leaseMs, maxAttempts: 10_000, retryDelayMs: 5, maxDelayMs: 20 };
    return {
      process,
      inbox: testInbox(runtime, process.store, {
        ...patience,
        handle,
        ordering: { lattice: paymentLattice, fetch },
      }),
    };
  };
  const lives = [start(), start()];
  /** Starts the work; if its process dies of it, the next one starts. */
  const launch = async (which: number, work: (inbox: WebhookInbox) => Promise<unknown>): Promise<unknown> => {
    const life = lives[which] ?? start();
    const answer = await life.process.run(work(life.inbox).catch((error: unknown) => error));
    if (answer === 'crashed' && lives[which] === life) lives[which] = start();
    return answer;
  };
  const deliver = (event: WebhookEvent, which: number) =>
    launch(which, (inbox) => inbox.receive(...deliveryOf(event, runtime.wallMs())));

  for (const [index, which, afterMs] of deliveries) {
    void deliver(events[index] ?? eventOf('none'), which);
    for (const worker of [0, 1]) void launch(worker, (inbox) => inbox.work());
    await runtime.advance(afterMs);
  }
  isCalm = true;
  await runtime.advance(1_000);
  for (const event of events) await runtime.settle(deliver(event, 0));
  for (let sweep = 0; sweep < 4; sweep += 1) {
    await runtime.settle(launch(0, (inbox) => inbox.work()));
    await runtime.advance(100);
  }
  const done = await memory.list({ state: 'DONE', limit: 99 });
  return { applied, moves, done: done.length };
}

describe('events in any weather', () => {
  it('have each effect once, and leave each payment where its history ends, by way of no step back', async () => {
    await fc.assert(
      fc.asyncProperty(weather, async (drawn) => {
        const { applied, moves, done } = await storm(drawn);
        expect(done).toBe(events.length);
        expect([...applied].sort()).toEqual([...new Set(events.map((event) => effectKey(event)))].sort());
        for (const object of ['payment/pi_1', 'payment/pi_2']) {
          const states = moves.filter((move) => move.object === object).map(({ status }) => status);
          expect(states.at(-1)).toBe('disputed');
          for (const [index, status] of states.slice(1).entries()) {
            expect(paymentLattice.mayMove(states[index] ?? '', status)).toBe(true);
          }
        }
      }),
      { numRuns: 60 },
    );
  });
});
