// Convinces on real runs of a planted bug that shows once a breaker has recovered, which takes time and nothing else, and
// of one that shows only when a call that waits for its turn wakes late.

import { describe, expect, it } from 'vitest';
import type { Case, ChargeStep } from '../cases/case.ts';
import { runCase } from '../run.ts';
import { findTarget } from '../targets/registry.ts';
import { plainCharge } from './minima.ts';
import { shrinkCase } from './shrink.ts';

const charge: ChargeStep = { id: 'a', at: 0, ...plainCharge };

async function shrunk(subject: Case, invariant: 'S15' | 'S16'): Promise<Case> {
  const target = findTarget(subject.target);
  if (target === undefined) throw new Error(`no such target: ${subject.target}`);
  const run = (one: Case) => runCase(one, target);
  const { case: end } = await shrinkCase(subject, { invariant, found: await run(subject), run });
  return end;
}

const frame = { paystorm: 1, profile: 'none', seed: 0 } as const;

describe('waiting instead of stalling', () => {
  it('does where the others only have to come late enough', async () => {
    const steps: ChargeStep[] = [
      {
        ...charge,
        faults: [
          { site: 'gateway.authorize', nth: 1, kind: 'response-lost' },
          { site: 'store.suspend', nth: 1, kind: 'stall' },
        ],
      },
      { ...charge, id: 'b', key: 'k2', at: 50 },
      { ...charge, id: 'c', key: 'k3', at: 50 },
    ];
    const config = { breaker: { failureThreshold: 1 } };
    const end = await shrunk({ ...frame, target: 'mutant:half-open-admits-all', config, steps }, 'S16');
    const kinds = end.steps.flatMap((step) => (step.do === 'charge' ? (step.faults ?? []) : []));
    expect(kinds.map(({ kind }) => kind)).toEqual(['response-lost']);
  });

  it('does not where somebody has to wake late', async () => {
    const steps: ChargeStep[] = [
      charge,
      {
        ...charge,
        id: 'b',
        key: 'k2',
        at: 1,
        faults: [{ site: 'clock.sleep', nth: 1, kind: 'stall', ms: 5_000 }],
      },
      { ...charge, id: 'c', key: 'k3', at: 2 },
    ];
    const config = { limit: { maxCalls: 1, periodMs: 1_000, mode: 'wait' } } as const;
    const end = await shrunk({ ...frame, target: 'mutant:limit-reserved-ahead', config, steps }, 'S15');
    expect(JSON.stringify(end.steps)).toContain('clock.sleep');
  });
});
