// Convinces by drawing under every focus: what it is about has to be met more often than in the broad mix, and the cases have
// to be as sound; and by counting how often each focus comes up in a campaign about everything.

import { describe, expect, it } from 'vitest';
import { focuses, type Suite, sharesOfAll } from '../checkers/focus.ts';
import { brokenAssumptions } from '../faults/assumptions.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import { caseAt, focusAt } from './arbitraries.ts';
import { everyStrike, type ProfileName, profiles } from './case.ts';
import { checkCase } from './codec.ts';

const optionsOf = (profile: ProfileName) => ({
  target: 'reference',
  profile,
  dedup: capabilitiesOf(profile).dedup,
});

const draw = (count: number, options: Parameters<typeof caseAt>[2]) =>
  Array.from({ length: count }, (_, index) => caseAt(11, index, options));

describe('caseAt, about one part of a shop', () => {
  const aboutOrders = focuses.filter((focus) => focus !== 'charge');
  const of = (suite: Suite, profile: ProfileName = 'stripe') => ({
    ...optionsOf(profile),
    suite,
  });

  it.each(aboutOrders)(
    'draws cases that can be carried out and leave every promise standing: %s',
    (suite) => {
      for (const profile of profiles) {
        for (const subject of draw(500, of(suite, profile))) {
          expect(checkCase(subject)).toEqual(subject);
          const capabilities = capabilitiesOf(profile, subject.config);
          expect(brokenAssumptions(everyStrike(subject), capabilities)).toEqual([]);
        }
      }
    },
  );

  it('puts into the foreground what it is about', () => {
    const share = (suite: Suite, has: (text: string) => boolean): number => {
      const drawn = draw(400, of(suite));
      return drawn.filter((subject) => has(JSON.stringify(subject))).length / drawn.length;
    };
    const foreground: readonly (readonly [Suite, (text: string) => boolean])[] = [
      ['saga', (text) => /"(?:shipping.ship|inventory.reserve)","nth":1,"kind":"service-refuses"/.test(text)],
      ['webhooks', (text) => text.includes('"kind":"webhook-')],
      ['refunds', (text) => /"do":"refund".*"do":"refund"/.test(text)],
      ['reconciliation', (text) => text.includes('"kind":"row-')],
      ['redaction', (text) => text.includes('"note":')],
      ['fraud', (text) => text.includes('"risk":')],
    ];
    for (const [suite, has] of foreground)
      expect([suite, share(suite, has) > share('checkout', has) * 1.2]).toEqual([suite, true]);
  });

  it('plots a compensation that fails for good, and a dispute while a refund is on its way', () => {
    expect(JSON.stringify(draw(300, of('saga')))).toContain(
      '{"site":"inventory.release","nth":4,"kind":"service-refuses"}',
    );
    const disputed = draw(300, of('refunds')).filter(({ steps }) =>
      steps.some(({ do: act, id }) => act === 'dispute' && id.includes('-back-')),
    );
    expect(disputed.length).toBeGreaterThan(10);
    for (const { steps } of disputed) {
      const [dispute] = steps.filter(({ id }) => /-back-\d-lost$/.test(id));
      const refund = steps.find(({ id }) => `${id}-lost` === dispute?.id);
      expect((dispute?.at ?? 0) - (refund?.at ?? 0)).toBeLessThan(40_000);
    }
  });
});

describe('caseAt, about everything', () => {
  const options = { ...optionsOf('stripe'), suite: 'all' } as const;

  it('draws each part as often as its share says, by seed and index alone', () => {
    const counts = new Map<string, number>();
    for (let index = 0; index < 4_000; index++) {
      const focus = focusAt(3, index, 'all');
      counts.set(focus, (counts.get(focus) ?? 0) + 1);
      const { suite = 'charge' } = index < 300 ? caseAt(3, index, options) : {};
      if (index < 300) expect(suite).toBe(focus === 'charge' ? 'charge' : 'checkout');
    }
    for (const focus of focuses) {
      const percent = (counts.get(focus) ?? 0) / 40;
      expect(Math.abs(percent - sharesOfAll[focus])).toBeLessThan(3);
      expect(percent).toBeGreaterThan(2);
    }
    expect(Object.values(sharesOfAll).reduce((sum, share) => sum + share)).toBe(100);
  });

  it('gives every shard some of each', () => {
    for (const count of [2, 3, 4, 8, 10]) {
      const met = new Set<string>();
      for (let index = 0; index < 400 * count; index += count) met.add(focusAt(1, index, 'all'));
      expect([count, met.size]).toEqual([count, focuses.length]);
    }
  });
});
