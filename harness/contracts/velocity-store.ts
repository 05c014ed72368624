// What a velocity store promises: whatever is admitted at once, or took effect within a window, never exceeds the cap.

import type { VelocityAnswer, VelocityRequest, VelocityStore } from '../../src/fraud/velocity-store.ts';
import { type Contract, epochMs } from './contract.ts';
import { orRefused, same, shows } from './expectation.ts';
import { hostileTexts } from './hostile-text.ts';
import { allAtOnce, names } from './races.ts';

const entry = (attemptId: string) => ({ key: 'card', attemptId, windowMs: 1_000 });

/** A cap of 100 in a second, held for half a second. */
function reserve(
  store: VelocityStore,
  attemptId: string,
  changed: Partial<VelocityRequest> = {},
): Promise<VelocityAnswer> {
  const evaluationId = `${attemptId}1`;
  return store.reserve({ ...entry(attemptId), evaluationId, amount: 60, cap: 100, holdMs: 500, ...changed });
}

function confirm(store: VelocityStore, attemptId: string, amount = 60): Promise<void> {
  return store.confirm({ ...entry(attemptId), amount });
}

function release(store: VelocityStore, attemptId: string, evaluationId?: string): Promise<void> {
  return store.release({ ...entry(attemptId), ...(evaluationId === undefined ? {} : { evaluationId }) });
}

const counting: Contract<VelocityStore> = {
  'reserve: admits up to the cap and not one more, and counts what it refuses for nothing': async ({
    store,
  }) => {
    same(await reserve(store, 'a'), { admitted: true, used: 60 });
    same(await reserve(store, 'b', { amount: 41 }), { admitted: false, used: 60 });
    same(await reserve(store, 'b', { amount: 40 }), { admitted: true, used: 100 });
    same(await reserve(store, 'c', { amount: 1 }), { admitted: false, used: 100 });
    same(await reserve(store, 'c', { amount: 0 }), { admitted: true, used: 100 });
  },

  'reserve: of many at once never more than the cap is admitted, and as much as fits': async (scene) => {
    const { connections, clock } = scene;
    for (let round = 0; round < 5; round += 1) {
      const attempts = names(`payment${round}-`, 16);
      const answers = await allAtOnce(connections, attempts, (store, id) =>
        reserve(store, id, { amount: 30 }),
      );
      same(answers.filter(({ admitted }) => admitted).length, 3, 'how many were admitted');
      const used = answers.flatMap((answer) => (answer.admitted ? [answer.used] : []));
      same(
        used.sort((a, b) => a - b),
        [30, 60, 90],
        'what was used when they were',
      );
      clock.nowMs += 1_500;
    }
  },

  'reserve: a payment is counted once, however often and at once it is checked': async (scene) => {
    const { store, connections } = scene;
    const evaluations = names('evaluation', 8);
    const answers = await allAtOnce(connections, evaluations, (each, evaluationId) =>
      reserve(each, 'a', { evaluationId }),
    );
    for (const answer of answers) same(answer, { admitted: true, used: 60 });
    same(await reserve(store, 'a', { evaluationId: 'evaluation1' }), { admitted: true, used: 60 });
    same(await reserve(store, 'b', { amount: 41 }), { admitted: false, used: 60 });
  },

  'reserve: what is not confirmed counts for the window and the hold, from its last check': async ({
    store,
    clock,
  }) => {
    await reserve(store, 'a');
    clock.nowMs = epochMs + 400;
    await reserve(store, 'a', { evaluationId: 'a2' });
    clock.nowMs = epochMs + 1_899;
    same(await reserve(store, 'b'), { admitted: false, used: 60 });
    clock.nowMs = epochMs + 1_900;
    same(await reserve(store, 'b'), { admitted: true, used: 60 });
  },

  'reserve: keeps subjects apart': async ({ store }) => {
    await reserve(store, 'a');
    same(await reserve(store, 'a', { key: 'another card', amount: 100 }), { admitted: true, used: 100 });
  },

  'confirm: counts for a window from the first confirmation': async ({ store, other, clock }) => {
    await reserve(store, 'a');
    clock.nowMs = epochMs + 300;
    same(await confirm(store, 'a'), undefined);
    clock.nowMs = epochMs + 600;
    await confirm(other, 'a');
    same(await reserve(store, 'a'), { admitted: true, used: 60 });
    clock.nowMs = epochMs + 1_299;
    shows(await reserve(store, 'b'), { admitted: false });
    clock.nowMs = epochMs + 1_300;
    shows(await reserve(store, 'b'), { admitted: true });
  },

  'confirm: counts without a check, and above the cap, because it is true': async ({ store }) => {
    await reserve(store, 'a');
    await confirm(store, 'b');
    same(await reserve(store, 'c', { amount: 1 }), { admitted: false, used: 120 });
  },

  'confirm: of many at once each payment counts once': async ({ store, connections }) => {
    const payments = [...names('payment', 4), ...names('payment', 4)];
    await allAtOnce(connections, payments, (each, id) => confirm(each, id, 25));
    same(await reserve(store, 'a', { amount: 1 }), { admitted: false, used: 100 });
  },
};

const releasing: Contract<VelocityStore> = {
  'release: gives back at once, but nothing that is confirmed': async ({ store, clock }) => {
    await reserve(store, 'a');
    same(await release(store, 'a'), undefined);
    same(await reserve(store, 'b'), { admitted: true, used: 60 });
    await confirm(store, 'b');
    await release(store, 'b');
    clock.nowMs = epochMs + 900;
    await release(store, 'b', 'b1');
    shows(await reserve(store, 'c'), { admitted: false });
    clock.nowMs = epochMs + 1_000;
    same(await reserve(store, 'c', { amount: 100 }), { admitted: true, used: 100 });
  },

  'release: keeps what another evaluation of the payment holds': async ({ store, other }) => {
    await reserve(store, 'a', { evaluationId: 'stalled' });
    await reserve(other, 'a', { evaluationId: 'taker' });
    await release(store, 'a', 'stalled');
    shows(await reserve(store, 'b'), { admitted: false });
    await release(other, 'a', 'taker');
    shows(await reserve(store, 'b'), { admitted: true });
  },

  'release: of many at once each gives back its own': async ({ store, connections }) => {
    for (const attemptId of names('payment', 6)) {
      const evaluations = names('evaluation', 6);
      for (const evaluationId of evaluations) await reserve(store, attemptId, { evaluationId });
      await allAtOnce(connections, evaluations.slice(1), (each, id) => release(each, attemptId, id));
      shows(await reserve(store, 'other', { amount: 41 }), { admitted: false, used: 60 });
      await release(store, attemptId, 'evaluation1');
      shows(await reserve(store, 'other', { amount: 41, evaluationId: attemptId }), {
        admitted: true,
        used: 41,
      });
      await release(store, 'other', attemptId);
    }
  },

  'release: an evaluation is never admitted again, though its request comes late or first now': async ({
    store,
  }) => {
    await reserve(store, 'a', { evaluationId: 'one' });
    await release(store, 'a');
    await release(store, 'b', 'two');
    same(await reserve(store, 'a', { evaluationId: 'one' }), { admitted: false, used: 0 });
    same(await reserve(store, 'b', { evaluationId: 'two' }), { admitted: false, used: 0 });
    same(await reserve(store, 'a', { evaluationId: 'three' }), { admitted: true, used: 60 });
  },

  'release: is remembered for the window, and no shorter than what was counted': async ({ store, clock }) => {
    await release(store, 'a', 'a1');
    clock.nowMs += 999;
    shows(await reserve(store, 'a'), { admitted: false });
    clock.nowMs += 1;
    shows(await reserve(store, 'a'), { admitted: true });
    await release(store, 'a', 'a1');
    clock.nowMs += 1_499;
    shows(await reserve(store, 'a'), { admitted: false });
    clock.nowMs += 1;
    shows(await reserve(store, 'a'), { admitted: true });
  },

  'input: names that look alike are kept apart, or refused': async ({ store }) => {
    const taken: string[] = [];
    for (const text of hostileTexts) {
      const asked = { key: text, evaluationId: text, amount: 100 };
      const answer = await orRefused(reserve(store, text, asked));
      if (answer === null) continue;
      same(answer, { admitted: true, used: 100 }, JSON.stringify(text));
      taken.push(text);
    }
    for (const text of taken) {
      same(
        await reserve(store, 'another', { key: text }),
        { admitted: false, used: 100 },
        JSON.stringify(text),
      );
      await release(store, text, text);
    }
    const apart: string[] = [];
    for (const text of taken) {
      const answer = await orRefused(reserve(store, text, { amount: 1, cap: taken.length }));
      same(answer, { admitted: true, used: apart.length + 1 }, JSON.stringify(text));
      apart.push(text);
    }
    same(taken.slice(0, 2), ['plain', 'PLAIN'], 'what must be taken');
  },

  'input: the largest amounts are added up exactly': async ({ store }) => {
    const cap = Number.MAX_SAFE_INTEGER;
    same(await reserve(store, 'a', { amount: cap - 1, cap }), { admitted: true, used: cap - 1 });
    same(await reserve(store, 'b', { amount: 2, cap }), { admitted: false, used: cap - 1 });
    same(await reserve(store, 'b', { amount: 1, cap }), { admitted: true, used: cap });
    same(await reserve(store, 'c', { amount: cap, cap }), { admitted: false, used: cap });
  },
};

/** The contract of a `VelocityStore`. */
export const velocityContract: Contract<VelocityStore> = { ...counting, ...releasing };
