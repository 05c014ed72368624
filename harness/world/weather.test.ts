// Convinces by asking the weather at the instants around its bounds, by counting draws, and by taking things away: what
// stays must be hit exactly as before. In a whole world, it must strike where the actor's own faults do, and end with
// the storm.

import { describe, expect, it } from 'vitest';
import type { Episode } from '../cases/case.ts';
import { actor } from './actor.ts';
import { clientsOf } from './client.ts';
import { crossOnce, oneProcess, recorded } from './one-process.ts';
import type { SimulatedProcess } from './process.ts';
import { randomStreams } from './random.ts';
import { type Exposed, weatherOf } from './weather.ts';

const outage: Episode = { fromMs: 100, untilMs: 200, site: 'store.claim', kind: 'refused', percent: 100 };

const kindsAt = (episodes: readonly Episode[], crossing: Partial<Exposed> = {}, seed = 7): string[] => {
  const weather = weatherOf(episodes, randomStreams(seed));
  const made = { actor: 'a', site: 'store.claim', nth: 1, atMs: 150, ...crossing } as const;
  return (weather?.(made) ?? []).map(({ kind }) => kind);
};

const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

/** The occurrences, of a hundred, that are hit. */
const hits = (episodes: readonly Episode[], of: Partial<Exposed> = {}, seed = 7): number[] =>
  hundred.filter((nth) => kindsAt(episodes, { ...of, nth }, seed).length > 0);

describe('an episode', () => {
  it.each([
    [99, []],
    [100, ['refused']],
    [199, ['refused']],
    [200, []],
  ] as const)('lasts from its first millisecond to before its last: %i ms', (atMs, kinds) => {
    expect(kindsAt([outage], { atMs })).toEqual(kinds);
  });

  it('is at its site alone', () => {
    expect(kindsAt([outage], { site: 'store.read' })).toEqual([]);
    expect(weatherOf([], randomStreams(7))).toBeUndefined();
  });

  it('hits as many of a hundred crossings as it says, and never or always at the ends', () => {
    const at = (percent: number): number => hits([{ ...outage, percent }]).length;
    expect([at(0), at(100)]).toEqual([0, 100]);
    for (const percent of [10, 50, 90]) expect(Math.abs(at(percent) - percent)).toBeLessThan(15);
  });

  it('hits what it hit before, and more, when its percentage is raised', () => {
    const few = hits([{ ...outage, percent: 30 }]);
    expect(hits([{ ...outage, percent: 60 }])).toEqual(expect.arrayContaining(few));
  });

  it('draws anew for another actor, site, kind and seed', () => {
    const half: Episode = { ...outage, percent: 50 };
    const there: Episode = { ...half, site: 'store.read' };
    const drawn = [
      hits([half]),
      hits([half], { actor: 'b' }),
      hits([there], { site: 'store.read' }),
      hits([{ ...half, kind: 'request-lost' }]),
      hits([half], {}, 8),
    ];
    expect(new Set(drawn.map((one) => one.join()))).toHaveLength(drawn.length);
  });

  it('is hit or spared as before when the episodes around it are gone', () => {
    const half: Episode = { ...outage, percent: 50 };
    const others: Episode[] = [
      { ...half, kind: 'request-lost' },
      { ...half, site: 'store.read' },
    ];
    const [first, second] = others;
    if (first === undefined || second === undefined) throw new Error('two episodes');
    const refusals = (episodes: readonly Episode[]): number[] =>
      hundred.filter((nth) => kindsAt(episodes, { nth }).includes('refused'));
    expect(refusals([first, half, second])).toEqual(refusals([half]));
    expect(kindsAt([first, outage, second], { nth: 3 })).toContain('refused');
  });
});

describe('in a world', () => {
  it('the weather comes on top of the faults that an actor carries, in that order', async () => {
    const episodes: Episode[] = [
      { ...outage, fromMs: 0, kind: 'delay', ms: 40 },
      { ...outage, fromMs: 0, kind: 'response-lost' },
    ];
    const rig = oneProcess({ episodes });
    const own = { site: 'store.claim', nth: 1, kind: 'reply-delay', ms: 30 } as const;
    const seen = crossOnce(rig, { site: 'store.claim', faults: [own] });
    await rig.settle();
    const [crossing] = recorded(rig).crossings;
    expect(crossing?.faults).toEqual(['reply-delay', 'delay', 'response-lost']);
    expect(seen).toEqual({ applied: [{ atMs: 41, inject: undefined }], saw: 'reset', sawAtMs: 72 });
  });

  it('the weather is over once the world has healed', async () => {
    const rig = oneProcess({ episodes: [{ ...outage, fromMs: 0 }] });
    rig.world.heal();
    const seen = crossOnce(rig, { site: 'store.claim' });
    await rig.settle();
    expect(seen.saw).toBe('ok');
  });

  it('a request that is delivered twice in bad weather is delivered twice, not for ever', async () => {
    const site = 'client.charge';
    const rig = oneProcess({
      episodes: [{ fromMs: 0, untilMs: 60_000, site, kind: 'duplicated', percent: 100, ms: 0 }],
    });
    let served = 0;
    const process = {
      ...rig.process,
      program: () => ({
        charge: async () => {
          served += 1;
          return { kind: 'failed', code: 'declined', body: '{}', replayed: false } as const;
        },
      }),
    } as unknown as SimulatedProcess<object>;
    const intent = { paymentToken: 'tok', scope: 'shop', key: 'k', amountMinor: 5, currency: 'USD' };
    clientsOf(rig.world).send({ who: actor('a'), process, asking: { site, intent }, ended: () => {} });
    await rig.settle();
    expect(served).toBe(2);
  });
});
