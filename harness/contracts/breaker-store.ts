// What a breaker store promises: all processes see one breaker, and whoever is told otherwise was told before.

import type { BreakerVerdict } from '../../src/resilience/breaker-state.ts';
import type { BreakerAnswer, BreakerPosition, BreakerStore } from '../../src/resilience/breaker-store.ts';
import type { Contract, Scene } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const limits = { failureThreshold: 3, windowMs: 1_000, recoveryTimeoutMs: 5_000, halfOpenProbes: 2 };

function enter(store: BreakerStore, callId: string, name = 'gateway'): Promise<BreakerAnswer> {
  return store.enter({ name, callId, limits });
}

function leave(
  store: BreakerStore,
  [callId, generation]: readonly [string, number],
  verdict: BreakerVerdict,
): Promise<BreakerPosition> {
  return store.leave({ name: 'gateway', callId, generation, verdict, limits });
}

/** Opens the breaker now, and lets it rest. */
async function rested({ store, clock }: Scene<BreakerStore>): Promise<void> {
  for (const callId of names('broken', 3)) await leave(store, [callId, 0], 'failure');
  clock.nowMs += limits.recoveryTimeoutMs;
}

/** The contract of a `BreakerStore`. */
export const breakerContract: Contract<BreakerStore> = {
  'enter: a closed breaker lets everybody through, and an open one nobody, until it has rested': async (
    scene,
  ) => {
    const { store, other, clock } = scene;
    same(await enter(store, 'a'), { admitted: true, state: 'closed', generation: 0 });
    for (const callId of ['a', 'b'])
      same(await leave(other, [callId, 0], 'failure'), { state: 'closed', generation: 0 });
    same(await leave(store, ['c', 0], 'failure'), { state: 'open', generation: 1 });
    clock.nowMs += limits.recoveryTimeoutMs - 1;
    same(await enter(other, 'd'), { admitted: false, state: 'open', generation: 1 });
    clock.nowMs += 1;
    same(await enter(other, 'd'), { admitted: true, state: 'half-open', generation: 2 });
  },

  'enter: of many at once as many as there are probes': async (scene) => {
    await rested(scene);
    const answers = await allAtOnce(scene.connections, names('probe', 12), (store, callId) =>
      enter(store, callId),
    );
    same(answers.filter(({ admitted }) => admitted).length, 2, 'how many were let through');
    same(new Set(answers.map(({ generation }) => generation)), new Set([2]), 'generations');
  },

  'enter: a probe that asks again has its place again': async (scene) => {
    await rested(scene);
    const answers = await allAtOnce(scene.connections, ['p', 'p', 'p', 'p'], (store, callId) =>
      enter(store, callId),
    );
    same(
      answers.every(({ admitted }) => admitted),
      true,
    );
    shows(await enter(scene.store, 'q'), { admitted: true });
    shows(await enter(scene.store, 'r'), { admitted: false });
  },

  'leave: many failures at once open it once': async ({ connections, store }) => {
    await allAtOnce(connections, names('call', 12), (one, callId) => leave(one, [callId, 0], 'failure'));
    same(await enter(store, 'a'), { admitted: false, state: 'open', generation: 1 });
  },

  'leave: a report that comes twice counts once': async (scene) => {
    const { connections, store } = scene;
    await allAtOnce(connections, ['a', 'a', 'a', 'a'], (one, callId) => leave(one, [callId, 0], 'failure'));
    same(await enter(store, 'b'), { admitted: true, state: 'closed', generation: 0 });
    await rested(scene);
    for (const callId of ['p', 'q']) await enter(store, callId);
    for (let twice = 0; twice < 2; twice += 1)
      same(await leave(store, ['p', 2], 'success'), { state: 'half-open', generation: 2 });
    same(await leave(store, ['q', 2], 'success'), { state: 'closed', generation: 3 });
  },

  'leave: a failure counts for the window, and one of an older generation for nothing': async (scene) => {
    const { store, clock } = scene;
    for (const callId of ['a', 'b']) await leave(store, [callId, 0], 'failure');
    clock.nowMs += limits.windowMs;
    same(await leave(store, ['c', 0], 'failure'), { state: 'closed', generation: 0 });
    await rested(scene);
    await enter(store, 'p');
    same(await leave(store, ['late', 0], 'failure'), { state: 'half-open', generation: 2 });
    same(await leave(store, ['p', 2], 'failure'), { state: 'open', generation: 3 });
  },

  'leave: a probe without a report has failed when its time is over': async (scene) => {
    const { store, other, clock } = scene;
    await rested(scene);
    await enter(store, 'p');
    clock.nowMs += limits.recoveryTimeoutMs;
    same(await leave(other, ['p', 2], 'success'), { state: 'open', generation: 3 });
    shows(await enter(store, 'q'), { admitted: false, state: 'open' });
  },

  'leave: an outcome that says nothing gives the place back': async (scene) => {
    const { store } = scene;
    await rested(scene);
    for (const callId of ['p', 'q']) await enter(store, callId);
    same(await leave(store, ['p', 2], 'neither'), { state: 'half-open', generation: 2 });
    shows(await enter(store, 'r'), { admitted: true });
  },

  'input: names that look alike are kept apart, or refused': async ({ store }) => {
    for (const text of hostileTexts) {
      const answer = await orRefused(enter(store, text, text));
      if (answer === null) continue;
      same(answer, { admitted: true, state: 'closed', generation: 0 }, JSON.stringify(text));
      for (const callId of ['a', 'b', 'c'])
        await store.leave({ name: text, callId, generation: 0, verdict: 'failure', limits });
    }
  },
};
