// Convinces by collecting the kinds of faults that the search puts into cases of single charges, and that shrinking puts in
// their place: those that need more than a charge would never strike, and only make stories longer.

import { describe, expect, it } from 'vitest';
import type { Case, Fault } from '../cases/case.ts';
import { type FaultKind, faultFacts, strikes } from '../faults/kinds.ts';
import { runCase } from '../run.ts';
import { reference } from '../targets/reference.ts';
import { faultsAt } from './boundaries.ts';
import { swapFaults } from './swap-faults.ts';

const needy = (kind: FaultKind): boolean => faultFacts[kind].needs !== undefined;
const faults: Fault[] = [
  { site: 'gateway.authorize', nth: 1, kind: 'response-lost' },
  { site: 'gateway.authorize', nth: 2, kind: 'response-lost' },
];
const subject: Case = {
  paystorm: 1,
  target: 'reference',
  profile: 'stripe',
  seed: 0,
  steps: [{ id: 'a', at: 0, do: 'charge', key: 'k1', amountMinor: 500, currency: 'USD', process: 0, faults }],
};

describe('kinds that need more than a single charge', () => {
  it('exist where a charge is sent', () => {
    expect(strikes('late-authorization', 'gateway.authorize') && needy('late-authorization')).toBe(true);
  });

  it('are put nowhere by the systematic search', () => {
    const boundary = { actor: 'a', site: 'gateway.authorize', nth: 1, order: 0 } as const;
    const options = { target: 'reference', profile: 'stripe', dedup: 'every-answer' } as const;
    const kinds = faultsAt(boundary, options).map(({ fault }) => fault.kind);
    expect(kinds).toContain('response-lost');
    expect(kinds.filter(needy)).toEqual([]);
  });

  it('take no place of others', async () => {
    const { history } = await runCase(subject, reference);
    const kinds = new Set<FaultKind>();
    const pass = swapFaults(subject, history);
    for (let offer = pass.next(); !offer.done; offer = pass.next(false))
      for (const step of offer.value.steps)
        if (step.do === 'charge') for (const { kind } of step.faults ?? []) kinds.add(kind);
    expect(kinds).toContain('hard-decline');
    expect([...kinds].filter(needy)).toEqual([]);
  });
});
