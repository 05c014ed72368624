// How this convinces: a service with one line of behaviour is asked through every fault that a client's connection can
// have; what the service saw and what the client was told, and when, are compared with what the words of the catalogue say.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import type { Answer, ChargeIntent, Crossing, History } from '../history/history.ts';
import { actor, currentActor } from './actor.ts';
import { type AskedProgram, type Clients, clientsOf, patienceMs } from './client.ts';
import { type Environment, type SimulatedProcess, simulatedProcess } from './process.ts';
import { createWorld, type World } from './world.ts';

const intent: ChargeIntent = {
  paymentToken: 'tok',
  scope: 'shop',
  key: 'k',
  amountMinor: 500,
  currency: 'USD',
};
const asking = { site: 'client.charge', intent } as const;
const paid: Answer = {
  kind: 'ok',
  chargeId: 'ch_1',
  amountMinor: 500,
  currency: 'USD',
  body: '{}',
  replayed: false,
};

interface Rig {
  readonly world: World;
  readonly clients: Clients;
  readonly process: SimulatedProcess<AskedProgram>;
  /** Who served each request, and when it came. */
  readonly served: (readonly [string, number])[];
  /** When the client was done with each request that it sent. */
  readonly endedAtMs: number[];
  send(...faults: readonly Fault[]): void;
  crossings(): readonly Crossing[];
}

/** A service that takes `workMs` for every answer. */
function rig(work: (environment: Environment) => Promise<unknown> = ({ runtime }) => runtime.sleep(10)): Rig {
  const world = createWorld({ seed: 7, latestMs: 30_000 });
  const clients = clientsOf(world);
  const served: (readonly [string, number])[] = [];
  const endedAtMs: number[] = [];
  const process = simulatedProcess<AskedProgram>(world, {
    name: 'p0',
    skewMs: 0,
    boot: (environment) => ({
      async charge() {
        served.push([currentActor()?.id ?? 'nobody', world.nowMs()]);
        await work(environment);
        return paid;
      },
    }),
  });
  process.start();
  return {
    world,
    clients,
    process,
    served,
    endedAtMs,
    send(...faults) {
      const ended = (): void => void endedAtMs.push(world.nowMs());
      clients.send({ who: actor('a', faults), process, asking, ended });
    },
    crossings: () =>
      world.history
        .close({ terms: {} as History['terms'], books: { charges: [] }, deadlocked: [] })
        .crossings.filter(({ site }) => site === 'client.charge'),
  };
}

const fault = (kind: Fault['kind'], ms?: number): Fault => ({
  site: 'client.charge',
  nth: 1,
  kind,
  ...(ms === undefined ? {} : { ms }),
});
const told = (message: string) => ({
  ok: false,
  error: { name: 'ClientError', code: 'disconnected', message },
});

describe('a client', () => {
  it('is told what the service answers, two ways and the work later', async () => {
    const { world, served, endedAtMs, crossings, clients, send } = rig();
    send();
    await world.run();
    expect(served).toEqual([['a', 2]]);
    expect(endedAtMs).toEqual([14]);
    expect(world.nowMs()).toBe(14);
    expect(clients.arrived()).toEqual([asking]);
    expect(crossings()).toMatchObject([
      { actor: 'a', applied: { atMs: 2 }, effect: { ok: true, value: paid }, replied: { atMs: 14 } },
    ]);
  });

  it.each([
    ['delay', [['a', 9]], { endedAtMs: 21, reply: { ok: true } }],
    ['reply-delay', [['a', 2]], { endedAtMs: 21, reply: { ok: true } }],
    ['refused', [], { endedAtMs: 4, reply: told('connection refused') }],
    ['request-lost', [], { endedAtMs: 4, reply: told('connection lost') }],
    ['response-lost', [['a', 2]], { endedAtMs: 14, reply: told('connection lost') }],
  ] as const)('under %s', async (kind, served, { endedAtMs, reply }) => {
    const it = rig();
    it.send(fault(kind, 7));
    await it.world.run();
    expect(it.served).toEqual(served);
    expect(it.endedAtMs).toEqual([endedAtMs]);
    expect(it.crossings()[0]?.reply).toMatchObject(reply);
  });

  it('that clicks twice sends a second request of its own, whose end it does not wait for', async () => {
    const it = rig();
    it.send(fault('duplicated', 5));
    await it.world.run();
    expect(it.served).toEqual([
      ['a', 2],
      ['a/dup', 7],
    ]);
    expect(it.endedAtMs).toEqual([14]);
    expect(it.crossings().map(({ actor, faults }) => [actor, faults])).toEqual([
      ['a', ['duplicated']],
      ['a/dup', []],
    ]);
  });

  it('loses its connection when the process crashes, and is refused while it is down', async () => {
    const it = rig();
    it.send();
    it.world.after(5, () => it.process.crash(100));
    it.world.after(50, () => it.send());
    await it.world.run();
    expect(it.crossings().map(({ reply, replied }) => [reply, replied?.atMs])).toEqual([
      [told('connection lost'), 7],
      [told('connection refused'), 54],
    ]);
    expect(it.clients.unfinished()).toEqual([]);
  });

  it('waits out a stall', async () => {
    const it = rig();
    it.process.stall(1_000);
    it.send();
    await it.world.run();
    expect(it.served).toEqual([['a', 1_000]]);
    expect(it.endedAtMs).toEqual([1_012]);
  });

  it('gives up after its patience, and knows nothing, though the service ends its work', async () => {
    const it = rig(({ runtime }) => runtime.sleep(patienceMs + 1));
    it.send();
    await it.world.run();
    expect(it.endedAtMs).toEqual([patienceMs]);
    const [crossing] = it.crossings();
    expect(crossing?.reply).toBeUndefined();
    expect(crossing?.effect).toEqual({ ok: true, value: paid });
  });

  it('is told of an error that the service let through', async () => {
    const it = rig(async () => {
      throw new TypeError('a mistake in the service');
    });
    it.send();
    await it.world.run();
    expect(it.crossings()[0]?.reply).toEqual({
      ok: false,
      error: { name: 'TypeError', code: 'error', message: 'a mistake in the service' },
    });
  });

  it('is reported when nothing can answer it any more', async () => {
    const it = rig(() => new Promise(() => {}));
    it.send();
    await it.world.run();
    expect(it.clients.unfinished()).toEqual(['a']);
    it.process.crash(1);
    expect(it.clients.unfinished()).toEqual([]);
  });
});
