// Convinces on real runs of two planted bugs: one that shows whoever takes the payment up, so that the retry has to go,
// and one for which the client itself has to ask again, so that it has to stay.

import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep, Fault } from '../cases/case.ts';
import type { InvariantId } from '../checkers/checker.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { plainCharge } from './minima.ts';
import { shrinkCase } from './shrink.ts';
import { sweepInstead } from './sweep-instead.ts';

const charge: ChargeStep = { id: 'a', at: 0, ...plainCharge };

async function shrunk(
  target: string,
  steps: readonly ChargeStep[],
  { invariant, ...rest }: { readonly invariant: InvariantId } & Partial<Pick<Case, 'profile' | 'config'>>,
): Promise<Case> {
  const found = findTarget(target);
  if (found === undefined) throw new Error(`no such target: ${target}`);
  const subject: Case = { paystorm: 1, target, profile: 'none', seed: 0, ...rest, steps: [...steps] };
  const run = (one: Case) => runCase(one, found);
  const { case: end } = await shrinkCase(subject, { invariant, found: await run(subject), run });
  return end;
}

const late: Fault = { site: 'gateway.authorize', nth: 1, kind: 'late' };
const claimedLate: Fault = { site: 'store.claim', nth: 1, kind: 'delay', ms: 40 };

describe('a sweep instead of a request', () => {
  it.each([
    { by: 'a retry', steps: [{ ...charge, faults: [late], retries: [{ afterMs: 700 }] }] },
    {
      by: 'a request',
      steps: [
        { ...charge, faults: [late] },
        { ...charge, id: 'b', at: 900 },
      ],
    },
    {
      by: 'a retry with a fault of its own',
      steps: [{ ...charge, faults: [late], retries: [{ afterMs: 700, faults: [claimedLate] }] }],
    },
  ])('takes up what $by would have taken up', async ({ steps }) => {
    const end = await shrunk('mutant:absent-lookup-believed-at-once', steps, { invariant: 'S13' });
    expect(end.steps).toEqual([{ ...charge, faults: [late] }]);
    expect(end.config).toEqual({ sweepEveryMs: 100 });
    expect(end.background).toBeUndefined();
  });

  it('sends what another purchase would have sent, in time for what it meets', async () => {
    const lost: Fault = { site: 'gateway.authorize', nth: 1, kind: '500-before-commit' };
    const config = { breaker: { failureThreshold: 1, recoveryTimeoutMs: 5_000 } };
    const steps = [
      { ...charge, faults: [lost] },
      { ...charge, id: 'b', key: 'k2', at: 5_580 },
    ];
    const end = await shrunk('mutant:recovery-in-seconds', steps, {
      invariant: 'S16',
      profile: 'stripe',
      config,
    });
    expect(end.steps).toHaveLength(1);
    expect(end.config?.sweepEveryMs).toBeGreaterThan(0);
  });

  it('does not do what only the client can do', async () => {
    const steps = [charge, { ...charge, id: 'b', amountMinor: 101 }];
    const end = await shrunk('mutant:payload-hash-unchecked', steps, { invariant: 'S6' });
    expect(end.steps).toHaveLength(2);
    expect(end.config).toBeUndefined();
  });

  it('is one more where a case has sweeps already, in weather that lasts as much longer', async () => {
    const subject: Case = {
      paystorm: 1,
      target: 'reference',
      profile: 'none',
      seed: 0,
      config: { sweepEveryMs: 500 },
      steps: [charge, { ...charge, id: 'b' }],
      episodes: [{ fromMs: 0, untilMs: 300, site: 'gateway.authorize', kind: 'refused', percent: 100 }],
    };
    const target = findTarget('reference');
    if (target === undefined) throw new Error('no reference');
    const { history } = await runCase(subject, target);
    const offers = sweepInstead(subject, history);
    expect(offers.next(false).value).toMatchObject({
      config: { sweepEveryMs: 500, sweeps: 2 },
      steps: [charge],
      episodes: [{ fromMs: 0, untilMs: 800 }],
    });
    expect(offers.next(false).done).toBe(true);
  });
});
