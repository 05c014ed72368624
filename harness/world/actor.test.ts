// How this convinces: work starts as one actor and goes through everything that could lose the thread (promises, virtual
// timers, sleeps, a promise shared inside the process), with other actors busy meanwhile; the recorded crossings
// must carry the right name each time.

import { describe, expect, it } from 'vitest';
import type { Fault } from '../cases/case.ts';
import { actAs, actor, currentActor } from './actor.ts';
import { oneProcess, recorded } from './one-process.ts';

describe('an actor', () => {
  it('counts each site by itself, from 1', () => {
    const who = actor('a');
    expect([who.next('store.claim'), who.next('store.claim'), who.next('store.read')]).toEqual([1, 2, 1]);
  });

  it('finds its faults by site and occurrence, in their order', () => {
    const fault = (nth: number, kind: Fault['kind']): Fault => ({ site: 'store.claim', nth, kind });
    const first = fault(1, 'delay');
    const second = fault(1, 'refused');
    const who = actor('a', [first, fault(2, 'delay'), second]);
    expect(who.faultsAt('store.claim', 1)).toEqual([first, second]);
    expect(who.faultsAt('store.claim', 3)).toEqual([]);
    expect(who.faultsAt('store.read', 1)).toEqual([]);
  });
});

describe('identity', () => {
  it('follows promises, sleeps and timers, each actor its own', async () => {
    const { world, environment } = oneProcess();
    const { runtime } = environment();
    const seen: (string | undefined)[] = [];
    const see = (): void => void seen.push(currentActor()?.id);
    const work = async (): Promise<void> => {
      await null;
      see();
      await runtime.sleep(10);
      see();
      runtime.after(5, see);
    };
    for (const id of ['a', 'b']) void actAs(actor(id), work);
    await world.run();
    expect(seen).toEqual(['a', 'b', 'a', 'b', 'a', 'b']);
    expect(currentActor()).toBeUndefined();
  });

  it('stays with the waiter when actors share a promise inside the process', async () => {
    const { world, environment } = oneProcess();
    const { runtime } = environment();
    const seen: string[] = [];
    let shared: Promise<void> | undefined;
    const work = async (): Promise<void> => {
      shared ??= runtime.sleep(10);
      await shared;
      seen.push(currentActor()?.id ?? 'nobody');
    };
    for (const id of ['a', 'b', 'c']) void actAs(actor(id), work);
    await world.run();
    expect(seen).toEqual(['a', 'b', 'c']);
  });

  it('is the process itself outside any actor', async () => {
    const rig = oneProcess();
    const slept = rig.environment().runtime.sleep(1);
    await rig.settle();
    await slept;
    const { crossings } = recorded(rig);
    expect(crossings.map(({ actor }) => actor)).toEqual(['process:p0']);
  });
});
