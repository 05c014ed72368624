// Convinces by exhaustion: a payment's events are received and handled by processes of which the first dies at every crossing,
// before it is applied and after, and the second at every crossing as well. Whatever was lost, the sender's repetitions and a third
// process bring it to the same end: every effect once, states in order, nothing left over.

import { describe, expect, it } from 'vitest';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryInboxStore } from '../stores/memory-inbox-store.ts';
import type { WebhookInbox } from './inbox.ts';
import type { EffectWrite, InboxStore } from './inbox-store.ts';
import { paymentLattice } from './state-lattice.ts';
import { deliveryOf, eventOf, type Fault, type TestProcess, testInbox, testProcess } from './testing.ts';

const leaseMs = 1_000;
/** How often a process crosses when nothing happens to it. */
const calmCrossings = 12;
/** Out of order, and the capture announced by two events. */
const events = [
  eventOf('evt_captured', { transition: 'captured', status: 'captured', version: 2 }),
  eventOf('evt_authorized', { transition: 'authorized', status: 'authorized', version: 1 }),
  eventOf('evt_captured_too', { transition: 'captured', status: 'captured', version: 2 }),
];
const keys = ['payment/pi_1/authorized', 'payment/pi_1/captured'];

interface World {
  /** Keys of applied effects, as often as they were applied. */
  readonly applied: string[];
  /** Keys under which the handler acted outside. */
  readonly acted: string[];
  /** States that the payment was moved to. */
  readonly moves: string[];
  readonly crossings: number;
  readonly attempts: number;
}

/** Plays the story with a process that meets `faults[n]` at its crossing number n, and the next when it has died. */
async function play(...lives: ((name: string, index: number) => Fault)[]): Promise<World> {
  const runtime = manualRuntime();
  const applied: string[] = [];
  const acted: string[] = [];
  const moves: string[] = [];
  const memory = memoryInboxStore(runtime, (effects: readonly EffectWrite[]) => {
    applied.push(...effects.map(({ key }) => key));
  });
  const durable: InboxStore = {
    ...memory,
    async finish(write) {
      const answer = await memory.finish(write);
      if (answer.written && write.move !== undefined) moves.push(write.move.to.status);
      return answer;
    },
  };
  let attempts = 0;
  const start = (): { readonly process: TestProcess; readonly inbox: WebhookInbox } => {
    const process = testProcess(durable, lives.shift());
    const inbox = testInbox(runtime, process.store, {
      leaseMs,
      handleNow: true,
      ordering: {
        lattice: paymentLattice,
        fetch: () => process.cross('fetch', async () => ({ status: 'authorized', version: 1 })),
      },
      handle: async (_event, delivery) => {
        attempts = Math.max(attempts, delivery.attempt);
        await process.cross('act', async () => acted.push(delivery.effectKey()));
        return { kind: 'done', effects: [{ payload: delivery.movement.kind }] };
      },
    });
    return { process, inbox };
  };

  let life = start();
  const crossings = [life.process.crossed];
  /** Repeats until it is done by somebody who lives. */
  const insist = async (isDone: (inbox: WebhookInbox) => Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 10; tries += 1) {
      const done = await life.process.run(isDone(life.inbox).catch(() => false));
      if (done === true) return;
      if (done === 'crashed') {
        life = start();
        crossings.push(life.process.crossed);
      }
      await runtime.advance(leaseMs * 2);
    }
    throw new Error('it is never done');
  };
  const left = async (): Promise<number> => {
    const states = ['READY', 'PARKED', 'CLAIMED', 'DEAD'] as const;
    const lists = await Promise.all(states.map((state) => durable.list({ state, limit: 10 })));
    return lists.flat().length;
  };
  for (const event of events) {
    await insist(async (inbox) => {
      const { status } = await inbox.receive(...deliveryOf(event, runtime.wallMs()));
      return status === 200;
    });
  }
  await insist(async (inbox) => {
    await inbox.work();
    return (await left()) === 0;
  });
  return { applied, acted, moves, attempts, crossings: crossings[0]?.length ?? 0 };
}

const at = (place: number, fault: Fault) => (_: string, index: number) => (index === place ? fault : 'none');
const faults: readonly Fault[] = ['crash-before', 'crash-after', 'request-lost', 'reply-lost', 'twice'];

function expectGoodEnd({ applied, acted, moves }: World, story: string): void {
  expect([...applied].sort(), story).toEqual(keys);
  expect([...new Set(acted)].sort(), story).toEqual(keys);
  expect(moves.join(), story).toMatch(/^(authorized,)?captured$/);
}

describe('an inbox whose processes die', () => {
  it('does everything once when none does', async () => {
    const world = await play();
    expectGoodEnd(world, 'calm');
    expect(world).toMatchObject({
      acted: [...keys].reverse().concat('payment/pi_1/captured'),
      attempts: 1,
      crossings: calmCrossings,
    });
  });

  it('comes to the same end whatever happens at any two crossings', async () => {
    let retried = 0;
    for (let first = 0; first < calmCrossings; first += 1) {
      for (const fault of faults) {
        for (let second = 0; second < calmCrossings; second += 1) {
          const next: Fault = second % 2 === 0 ? 'crash-after' : 'crash-before';
          const world = await play(at(first, fault), at(second, next));
          expectGoodEnd(world, `${fault} at ${first}, then ${next} at ${second}`);
          retried = Math.max(retried, world.attempts);
        }
      }
    }
    expect(retried).toBeGreaterThan(2);
  });

  it('counts handlings that nobody ended, and gives such an event up where an operator finds it', async () => {
    const runtime = manualRuntime();
    const durable = memoryInboxStore(runtime);
    const told: string[] = [];
    const options = {
      leaseMs,
      maxAttempts: 3,
      onDeadLetter: ({ id }: { readonly id: string }) => told.push(id),
    };
    await testInbox(runtime, durable, options).receive(...deliveryOf(events[0]));
    for (let life = 0; life < 3; life += 1) {
      const process = testProcess(durable, (name) => (name === 'act' ? 'crash-before' : 'none'));
      const handle = () => process.cross('act', async () => ({ kind: 'done' as const }));
      expect(await process.run(testInbox(runtime, process.store, { ...options, handle }).work())).toBe(
        'crashed',
      );
      await runtime.advance(leaseMs);
    }
    const inbox = testInbox(runtime, durable, options);
    expect(await inbox.work()).toMatchObject({ dead: 1, done: 0 });
    expect(await inbox.deadLetters()).toMatchObject([{ id: 'evt_captured', failure: { code: 'abandoned' } }]);
    expect(told).toEqual(['evt_captured']);
    expect(await inbox.work()).toMatchObject({ dead: 0 });
    expect(await inbox.requeue('evt_captured')).toBe(true);
    expect(await inbox.requeue('evt_captured')).toBe(false);
    expect(await inbox.work()).toMatchObject({ done: 1 });
    expect(await inbox.deadLetters()).toEqual([]);
  });
});
