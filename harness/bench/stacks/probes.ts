// Small cases that bring about what layers in an unfortunate order may get wrong. They say nothing about which order
// that would be: every order is confronted with all of them, and the checkers decide. Ordinary campaigns find most of
// this as well, but some of it only after thousands of cases.

import type { Case, ChargeStep, ProfileName } from '../../cases/case.ts';

type Situation = Pick<Case, 'config' | 'steps' | 'background' | 'episodes'>;

const charge: ChargeStep = {
  id: 'a',
  at: 0,
  do: 'charge',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
};

const refused = { site: 'gateway.authorize', nth: 1, kind: 'refused' } as const;

/** Nothing reaches the gateway until shortly before the first sweep, which then finds an attempt to take up. */
const soonOver = {
  fromMs: 0,
  untilMs: 1_900,
  site: 'gateway.authorize',
  kind: 'request-lost',
  percent: 100,
} as const;

const situations: readonly Situation[] = [
  // Asked for twice: something is replayed.
  { steps: [{ ...charge, retries: [{ afterMs: 1_000 }] }] },
  // An attempt that did no harm is repeated, where only one may be made within the time.
  { config: { limit: { maxCalls: 1, periodMs: 1_000 } }, steps: [{ ...charge, faults: [refused] }] },
  // Another payload comes under the same key while an attempt is being repeated.
  {
    config: { processes: 2 },
    steps: [
      { ...charge, faults: [refused] },
      { ...charge, id: 'b', at: 200, amountMinor: 501, process: 1 },
    ],
  },
  // What failed often enough to open a breaker is taken up by the sweep.
  {
    config: { sweepEveryMs: 2_000, breaker: { failureThreshold: 1 } },
    steps: [charge],
    episodes: [soonOver],
  },
  // The gateway never answers the sweep.
  {
    config: { sweepEveryMs: 2_000 },
    steps: [charge],
    background: { 'sweep:1': [{ site: 'gateway.authorize', nth: 1, kind: 'hang' }] },
    episodes: [soonOver],
  },
];

/** The probes on these gateways. Their target is the reference; they are meant to be run against others. */
export function probesOn(gateways: readonly ProfileName[], seed: number): readonly Case[] {
  return gateways.flatMap((profile) =>
    situations.map((situation) => ({
      paystorm: 1 as const,
      target: 'reference',
      profile,
      seed,
      ...situation,
    })),
  );
}
