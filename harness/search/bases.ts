// The small cases that are searched systematically, the smallest first.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, ChargeStep, Fault } from '../cases/case.ts';
import { playedAs } from '../cases/tiers.ts';

/** A small case without faults, or with the one that it is about. */
export interface Base {
  readonly name: string;
  readonly case: Case;
}

const charge: ChargeStep = {
  id: 'a',
  at: 0,
  do: 'charge',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
};

const challenge: Fault = { site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' };

/** The bases for a target and a profile; `seed` is that of the runs. */
export function basesFor({ target, profile, ...played }: CaseOptions, seed: number): readonly Base[] {
  const frame = { paystorm: 1, target, profile, ...playedAs(played), seed } as const;
  const base = (name: string, rest: Pick<Case, 'steps' | 'config'>): Base => ({
    name,
    case: { ...frame, ...rest },
  });
  return [
    base('one charge', { steps: [charge] }),
    base('a retry at once', { steps: [{ ...charge, retries: [{ afterMs: 10 }] }] }),
    base('a retry soon', { steps: [{ ...charge, retries: [{ afterMs: 1_000 }] }] }),
    base('a retry after the lease', { steps: [{ ...charge, retries: [{ afterMs: 100_000 }] }] }),
    base('a sweep after the lease', { config: { sweepEveryMs: 95_000, sweeps: 2 }, steps: [charge] }),
    base('two at once', {
      config: { processes: 2 },
      steps: [charge, { ...charge, id: 'b', process: 1 }],
    }),
    base('two payloads under one key', {
      config: { processes: 2 },
      steps: [charge, { ...charge, id: 'b', at: 100, amountMinor: 501, process: 1 }],
    }),
    base('a payer who is challenged', {
      steps: [
        { ...charge, faults: [challenge], retries: [{ afterMs: 1_000 }] },
        { id: 'b', at: 500, do: 'step-up', key: charge.key, outcome: 'authenticated' },
      ],
    }),
  ];
}
