// Convinces by rules about orders whose simplest case is known: whatever random case breaks a rule, shrinking must end at
// that simplest case, and what was about something that has gone must have gone with it.

import { describe, expect, it } from 'vitest';
import type { Case } from '../cases/case.ts';
import { everyFault } from '../cases/case.ts';
import { checkCase } from '../cases/codec.ts';
import { edited } from './edit.ts';
import { drawing, minimaOf, plainCharge, type Rule } from './minima.ts';

const order = { ...plainCharge, do: 'checkout' } as const;
const suite = 'checkout';

const shrinkOrders = minimaOf({ ...drawing, suite });

const ends = async (rule: Rule, tries: number): Promise<readonly unknown[]> => {
  const { left, shrunk } = await shrinkOrders(rule, tries);
  expect(shrunk).toBeGreaterThan(5);
  return left;
};

describe('shrinkCase ends at the known minimum', () => {
  it('of an order that is refused by the carrier', async () => {
    const rule: Rule = (subject) =>
      everyFault(subject).some(({ site, kind }) => site === 'shipping.ship' && kind === 'service-refuses');
    const faults = [{ site: 'shipping.ship', nth: 1, kind: 'service-refuses' }];
    expect(await ends(rule, 90)).toContainEqual({
      suite,
      seed: 0,
      steps: [{ id: 'a', at: 0, ...order, faults }],
    });
  });

  it('of a refund, which keeps its order', async () => {
    const rule: Rule = ({ steps }) => steps.some((step) => step.do === 'refund');
    const left = await ends(rule, 30);
    expect(left).toContainEqual({
      suite,
      seed: 0,
      steps: [
        { id: 'a', at: 0, ...order },
        { id: 'b', at: 0, ...order, do: 'refund', order: 'k1', key: 'k2' },
      ],
    });
    // An order that was placed again after the refund may be the one that is kept.
    for (const found of left) expect(found).toMatchObject({ steps: [{ at: 0 }, { at: 0 }] });
  });

  it('of a dispute that is lost', async () => {
    const rule: Rule = ({ steps }) =>
      steps[0]?.do === 'checkout' && steps.some((step) => step.do === 'dispute' && step.act === 'lost');
    expect(await ends(rule, 100)).toEqual([
      {
        suite,
        seed: 0,
        steps: [
          { id: 'a', at: 0, ...order },
          { id: 'b', at: 0, do: 'dispute', key: 'k1', act: 'lost' },
        ],
      },
    ]);
  });
});

it('takes away what is about an order that has gone, and nothing else', () => {
  const scope = 'club';
  const subject = checkCase({
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 0,
    steps: [
      { id: 'a', at: 0, ...order },
      { id: 'b', at: 0, ...order, scope },
      { id: 'c', at: 0, ...order, do: 'refund', order: 'k1', key: 'r1' },
      { id: 'd', at: 0, ...order, do: 'refund', order: 'k1', key: 'r1', scope },
      { id: 'e', at: 0, do: 'dispute', key: 'k1', act: 'opened' },
      { id: 'f', at: 0, do: 'step-up', key: 'k1', outcome: 'failed', scope },
      { id: 'g', at: 0, do: 'reconcile', process: 0 },
    ],
    background: { 'twin:deliver:evt_1': [{ site: 'webhook.deliver', nth: 1, kind: 'webhook-never' }] },
  });
  const without = (id: string): Case =>
    edited(subject, (draft) => {
      draft.steps = draft.steps.filter((step) => step.id !== id);
    });
  expect(without('a').steps.map(({ id }) => id)).toEqual(['b', 'd', 'f', 'g']);
  expect(without('b').steps.map(({ id }) => id)).toEqual(['a', 'c', 'e', 'g']);
  expect(without('a').background).toEqual(subject.background);
});
