// What a limiter store promises: of all that ask, at once or not, no more than allowed in any window.

import type { AdmissionAnswer, LimiterStore } from '../../src/resilience/limiter-store.ts';
import type { Contract } from './contract.ts';
import { orRefused, same } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const limit = { maxCalls: 3, periodMs: 1_000 };

function admit(store: LimiterStore, callId: string, name = 'gateway'): Promise<AdmissionAnswer> {
  return store.admit({ name, callId, ...limit });
}

/** The contract of a `LimiterStore`. */
export const limiterContract: Contract<LimiterStore> = {
  'admit: as many as allowed, and the next when the oldest has been in for the period': async ({
    store,
    other,
    clock,
  }) => {
    for (const callId of names('call', 3)) {
      same(await admit(store, callId), { admitted: true });
      clock.nowMs += 100;
    }
    same(await admit(other, 'late'), { admitted: false, waitMs: 700 });
    clock.nowMs += 699;
    same(await admit(store, 'late'), { admitted: false, waitMs: 1 });
    clock.nowMs += 1;
    same(await admit(other, 'late'), { admitted: true });
    same(await admit(store, 'later'), { admitted: false, waitMs: 100 });
  },

  'admit: of many at once never too many, and as many as fit': async ({ connections, clock }) => {
    for (let round = 0; round < 5; round += 1) {
      const answers = await allAtOnce(connections, names(`round${round}-`, 12), (store, callId) =>
        admit(store, callId),
      );
      same(answers.filter(({ admitted }) => admitted).length, 3, 'how many were admitted');
      clock.nowMs += limit.periodMs;
    }
  },

  'admit: a call that asks again has its place again, and counts once': async ({
    connections,
    store,
    other,
  }) => {
    const answers = await allAtOnce(connections, ['a', 'a', 'a', 'a', 'b'], (one, callId) =>
      admit(one, callId),
    );
    same(
      answers,
      Array.from({ length: 5 }, () => ({ admitted: true })),
    );
    same(await admit(store, 'c'), { admitted: true });
    same(await admit(other, 'd'), { admitted: false, waitMs: 1_000 });
    same(await admit(other, 'a'), { admitted: true });
  },

  'admit: what is refused counts for nothing': async ({ store, clock }) => {
    for (const callId of names('call', 3)) await admit(store, callId);
    clock.nowMs += 500;
    for (const callId of names('refused', 5)) await admit(store, callId);
    clock.nowMs += 500;
    for (const callId of names('again', 3)) same(await admit(store, callId), { admitted: true });
  },

  'input: names that look alike are kept apart, or refused': async ({ store }) => {
    for (const text of hostileTexts) {
      const answer = await orRefused(admit(store, text, text));
      if (answer === null) continue;
      same(answer, { admitted: true }, JSON.stringify(text));
    }
    const taken: string[] = [];
    for (const text of hostileTexts)
      if (
        (await orRefused(store.admit({ name: 'calls', callId: text, maxCalls: 1_000, periodMs: 1_000 }))) !==
        null
      )
        taken.push(text);
    same(
      await store.admit({ name: 'calls', callId: 'one more', maxCalls: taken.length, periodMs: 1_000 }),
      { admitted: false, waitMs: 1_000 },
      'all calls count apart',
    );
  },
};
