// Convinces by shops that leave something to be done, or never stop: which passes are made and who is asked is read off the
// history.

import { describe, expect, it } from 'vitest';
import type { Answer, Crossing, History } from './history/history.ts';
import { judge } from './judge.ts';
import { at, first, order, plainShop, run } from './shop/testing.ts';
import { reference } from './targets/reference.ts';
import type { Target } from './targets/target.ts';

describe('the aftermath', () => {
  const workers = ({ crossings }: History): readonly Crossing[] =>
    crossings.filter(({ actor, site }) => actor.startsWith('settle:') && site === 'inbox.claim');

  it('lets every process work until nothing moves any more, and no longer', async () => {
    const history = await run({ config: { processes: 2 } });
    expect(new Set(workers(history).map(({ process }) => process))).toEqual(new Set(['p0', 'p1']));
    expect(history.books.shop?.inbox.map(({ state }) => state)).toEqual(['DONE']);
    const passes = new Set(workers(history).map(({ actor }) => actor));
    expect(passes.size).toBeLessThan(30);
  });

  it('makes no further pass behind questions that changed nothing, and one for what the closing of the books left', async () => {
    const history = await run({ steps: [order('a')] }, reference);
    const actors = history.crossings.map(({ actor }) => actor);
    const lastAsked = actors.findLastIndex((actor) => actor.startsWith('ask:'));
    expect(lastAsked).toBeGreaterThan(0);
    const behind = new Set(actors.slice(lastAsked + 1));
    // The fee that is booked then is news.
    expect([...behind]).toEqual(['reconcile:1', 'settle:2', 'reconcile:2']);
  });

  it('makes no second pass where the first left nothing, one process after the other', async () => {
    const history = await run({ steps: [order('a')], config: { processes: 2 } }, reference);
    const asked = history.crossings.findIndex(({ actor }) => actor === 'ask:1');
    const before = history.crossings.slice(0, asked).filter(({ actor }) => actor.startsWith('settle:'));
    const passes = new Set(before.map(({ actor, process }) => `${actor} ${process}`));
    expect([...passes]).toEqual(['settle:1 p0', 'settle:2 p1']);
  });

  it('makes passes for as long as somebody has not been told the news', async () => {
    let passes = 0;
    const slow: Target = {
      ...reference,
      start(env) {
        const { shop: world } = env;
        if (world === undefined) return reference.start(env);
        const { outbox } = world;
        const claim: typeof outbox.claim = async (asked) => (passes < 3 ? [] : outbox.claim(asked));
        const subject = reference.start({ ...env, shop: { ...world, outbox: { ...outbox, claim } } });
        const recover = async (): Promise<void> => {
          passes += 1;
          await subject.recover?.();
        };
        return { ...subject, recover };
      },
    };
    const history = await run({ steps: [order('a')] }, slow);
    const [told] = at(history, 'outbox.settle');
    expect(told?.actor).toBe('settle:3');
    expect(told?.id).toBeLessThan(history.crossings.findIndex(({ actor }) => actor === 'ask:1'));
  });

  it('asks a last time for an order that begins only now and waits for a payer who stays away', async () => {
    const faults = [first('saga.open', 'crash-before-apply')];
    const history = await run({ steps: [order('a', { risk: 'challenged', faults })] }, reference);
    const told = at(history, 'client.checkout')
      .filter(({ actor }) => actor.startsWith('ask:'))
      .map(({ actor, reply }) => [actor, reply?.ok === true ? (reply.value as Answer).kind : undefined]);
    expect(told).toEqual([
      ['ask:1', 'pending'],
      ['ask:last:1', 'failed'],
    ]);
    expect(judge(history).broken).toEqual([]);
  });

  it('ends although a shop never stops doing something', async () => {
    const restless: Target = {
      ...plainShop,
      start: (env) => ({
        ...plainShop.start(env),
        recover: async () =>
          void (await env.shop?.inbox.receive({ id: env.runtime.id('x'), object: 'o', event: '{}' })),
      }),
    };
    const history = await run({}, restless);
    expect(history.incidents.at(-1)?.kind).toBe('settled');
  });

  /** How many events were at their end before a client asked again. */
  const endedBeforeAsking = (history: History): number => {
    const asked = history.crossings.findIndex(({ actor }) => actor === 'ask:1');
    return history.crossings.slice(0, asked).filter(({ site }) => site === 'inbox.finish').length;
  };

  it('lets a shop that does one thing in each pass do all of them', async () => {
    const slow: Target = {
      ...plainShop,
      start: (env) => ({
        ...plainShop.start(env),
        async recover() {
          const inbox = env.shop?.inbox;
          const claim = await inbox?.claim({ attemptId: env.runtime.id('x'), leaseMs: 1_000 });
          if (claim === null || claim === undefined) return;
          const { id, token } = claim.record;
          await inbox?.finish({ id, token, effects: [], dedupTtlMs: 1_000_000_000 });
        },
      }),
    };
    const keys = ['k1', 'k2', 'k3', 'k4', 'k5', 'k6'];
    const history = await run({ steps: keys.map((key, index) => order(`o${index}`, { key })) }, slow);
    expect(endedBeforeAsking(history)).toBe(6);
  });

  it('waits for what is due later', async () => {
    const dueInMs = 40_000_000;
    const patient: Target = {
      ...plainShop,
      start: (env) => ({
        ...plainShop.start(env),
        async recover() {
          const inbox = env.shop?.inbox;
          const claim = await inbox?.claim({ attemptId: env.runtime.id('x'), leaseMs: 1_000 });
          if (claim === null || claim === undefined) return;
          const { id, token, attempts } = claim.record;
          const failure = { code: 'parked', message: '' };
          if (attempts === 1) await inbox?.postpone({ id, token, delayMs: dueInMs, parked: true, failure });
          else await inbox?.finish({ id, token, effects: [], dedupTtlMs: 1_000_000_000 });
        },
      }),
    };
    const history = await run({}, patient);
    expect(history.books.shop?.inbox).toMatchObject([{ id: 'evt_1', state: 'DONE', attempts: 2, parks: 1 }]);
    expect(endedBeforeAsking(history)).toBe(1);
  });
});
