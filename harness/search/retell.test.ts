// Convinces on a real run of a planted bug: a story of two requests and two faults, none of which can be dropped, has a
// short one that shares nothing with it, and the short one is found. Where a story is short already nothing is offered.

import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep } from '../cases/case.ts';
import { semanticProblems } from '../cases/semantics.ts';
import type { RunResult } from '../run.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { plainCharge } from './minima.ts';
import { retell } from './retell.ts';
import { shrinkCase } from './shrink.ts';

const charge: ChargeStep = { id: 'a', at: 0, ...plainCharge };

const target = findTarget('mutant:stuck-half-open');
const run = (subject: Case): Promise<RunResult> => {
  if (target === undefined) throw new Error('no such bug');
  return runCase(subject, target);
};

const long: Case = {
  paystorm: 1,
  target: 'mutant:stuck-half-open',
  profile: 'stripe',
  seed: 0,
  config: { breaker: { failureThreshold: 1, recoveryTimeoutMs: 1, slowCallMs: 41 } },
  steps: [
    { ...charge, faults: [{ site: 'gateway.authorize', nth: 1, kind: 'response-lost' }] },
    {
      ...charge,
      id: 'b',
      at: 581,
      key: 'k2',
      faults: [{ site: 'gateway.authorize', nth: 1, kind: 'hard-decline' }],
    },
  ],
};

describe('a story that is told anew', () => {
  it('is of one request and one fault', async () => {
    const found = await run(long);
    expect(found.broken).toContain('L4');
    const { case: end, result } = await shrinkCase(long, { invariant: 'L4', found, run });
    expect(result.broken).toContain('L4');
    expect(end.steps).toHaveLength(1);
    expect(end.episodes).toHaveLength(1);
  });

  it('keeps nothing of the old one but its first request and its set-up', async () => {
    const { history } = await run(long);
    const offers = retell(long, history);
    const kinds = new Set<string>();
    for (let offer = offers.next(false); offer.done !== true; offer = offers.next(false)) {
      const { steps, episodes = [], config } = offer.value;
      const faults = steps.flatMap((step) => (step.do === 'charge' ? (step.faults ?? []) : []));
      expect(steps).toHaveLength(1);
      expect([...faults, ...episodes]).toHaveLength(1);
      expect(config?.breaker?.recoveryTimeoutMs).toBe(1);
      for (const { kind } of [...faults, ...episodes]) kinds.add(kind);
      if (kinds.size < 3) expect(semanticProblems(offer.value)).toEqual([]);
    }
    expect(kinds.size).toBeGreaterThan(15);
  });

  it('is not, where it is short already', async () => {
    const short: Case = { ...long, steps: long.steps.slice(0, 1) };
    const { history } = await run(short);
    expect(retell(short, history).next(false).done).toBe(true);
  });
});
