// What delivery marks promise: of all deliveries of an event within its time exactly one is the first.

import type { DeliveryMarks } from '../../src/webhooks/first-delivery.ts';
import type { Contract } from './contract.ts';
import { orRefused, same } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const ttlMs = 1_000;

/** The contract of `DeliveryMarks`. */
export const marksContract: Contract<DeliveryMarks> = {
  'mark: an id is marked once, for all connections': async ({ store, other }) => {
    same(await store.mark({ id: 'a', ttlMs }), true);
    same(await store.mark({ id: 'a', ttlMs }), false);
    same(await other.mark({ id: 'a', ttlMs }), false);
    same(await other.mark({ id: 'b', ttlMs }), true);
  },

  'mark: of many at once exactly one is the first, when it is new and when it has expired': async (scene) => {
    const { connections, clock } = scene;
    for (let round = 0; round < 5; round += 1) {
      for (const id of names('event', 4)) {
        const answers = await allAtOnce(connections, names('', 8), (store) => store.mark({ id, ttlMs }));
        same(answers.filter(Boolean).length, 1, 'how many were the first');
      }
      clock.nowMs += ttlMs;
    }
  },

  'expiry: a mark lasts for its time, and asking again does not prolong it': async ({ store, clock }) => {
    await store.mark({ id: 'a', ttlMs });
    clock.nowMs += ttlMs - 1;
    same(await store.mark({ id: 'a', ttlMs: 60_000 }), false);
    clock.nowMs += 1;
    same(await store.mark({ id: 'a', ttlMs: 10 }), true);
    clock.nowMs += 9;
    same(await store.mark({ id: 'a', ttlMs: 10 }), false);
    clock.nowMs += 1;
    same(await store.mark({ id: 'a', ttlMs: 10 }), true);
  },

  'expiry: parts of a millisecond neither fail nor end a mark early': async ({ store, clock }) => {
    same(await store.mark({ id: 'a', ttlMs: 1.5 }), true);
    clock.nowMs += 1;
    same(await store.mark({ id: 'a', ttlMs: 1.5 }), false);
    clock.nowMs += 1;
    same(await store.mark({ id: 'a', ttlMs: 1.5 }), true);
  },

  'input: ids that look alike are kept apart, or refused': async ({ store }) => {
    const taken: string[] = [];
    for (const id of hostileTexts) {
      const isFirst = await orRefused(store.mark({ id, ttlMs }));
      if (isFirst === null) continue;
      same(isFirst, true, `whether ${JSON.stringify(id)} is new`);
      taken.push(id);
    }
    for (const id of taken)
      same(await store.mark({ id, ttlMs }), false, `whether ${JSON.stringify(id)} is new`);
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },
};
