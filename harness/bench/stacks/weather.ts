// The kinds of bad days that orders of the layers are compared on. Each is a list of episodes: what strikes, where, how
// often, and from when to when.

import type { Episode } from '../../cases/case.ts';
import type { Site } from '../../history/sites.ts';

/** Names of the fault profiles, the mildest first. */
export const weathers = [
  'healthy',
  'brown-out',
  'outage-and-recovery',
  'lossy-network',
  'slow-gateway',
  '429-storm',
  'crash-loop',
] as const;

/** See {@link weathers}. */
export type WeatherName = (typeof weathers)[number];

/** How long requests keep arriving, virtual milliseconds. Every episode is over well before. */
export const loadMs = 120_000;

type Strike = Pick<Episode, 'kind' | 'percent' | 'ms' | 'retryAfter' | 'restartAfterMs'>;

function during(
  [fromMs, untilMs]: readonly [number, number],
  site: Site,
  strikes: readonly Strike[],
): Episode[] {
  return strikes.map((strike) => ({ fromMs, untilMs, site, ...strike }));
}

const authorize = 'gateway.authorize';
const lookup = 'gateway.lookup';

/** A growing share of slow answers and of 500s, half of which follow a charge; then it eases. */
function brownOut(): readonly Episode[] {
  const steps = [
    { span: [20_000, 35_000], slow: 15, failing: 3 },
    { span: [35_000, 50_000], slow: 35, failing: 10 },
    { span: [50_000, 65_000], slow: 60, failing: 20 },
    { span: [65_000, 80_000], slow: 35, failing: 10 },
  ] as const;
  return steps.flatMap(({ span, slow, failing }) =>
    during(span, authorize, [
      { kind: 'slow', percent: slow, ms: 3_000 },
      { kind: '500-before-commit', percent: failing },
      { kind: '500-after-commit', percent: failing },
    ]),
  );
}

/** Nothing reaches the gateway for twenty seconds: some connections are refused, the others break. */
function outage(): readonly Episode[] {
  const nothing: readonly Strike[] = [
    { kind: 'refused', percent: 40 },
    { kind: 'request-lost', percent: 100 },
  ];
  return [
    ...during([40_000, 60_000], authorize, nothing),
    ...during([40_000, 60_000], lookup, [{ kind: 'refused', percent: 100 }]),
  ];
}

/** Requests and answers get lost everywhere, between clients and service, service and store, service and gateway. */
function lossyNetwork(): readonly Episode[] {
  const span = [20_000, 100_000] as const;
  const lossy: readonly Strike[] = [
    { kind: 'request-lost', percent: 8 },
    { kind: 'response-lost', percent: 8 },
  ];
  return [
    ...during(span, authorize, lossy),
    ...during(span, lookup, lossy),
    ...during(span, 'client.charge', [
      { kind: 'request-lost', percent: 4 },
      { kind: 'response-lost', percent: 4 },
    ]),
    ...during(span, 'store.claim', [{ kind: 'response-lost', percent: 2 }]),
    ...during(span, 'store.complete', [{ kind: 'response-lost', percent: 2 }]),
  ];
}

/** Most answers come just within the time-out of an attempt, some only after it. */
function slowGateway(): readonly Episode[] {
  return [
    ...during([20_000, 50_000], authorize, [{ kind: 'slow', percent: 80, ms: 4_000 }]),
    ...during([50_000, 70_000], authorize, [
      { kind: 'slow', percent: 85, ms: 6_500 },
      { kind: 'slow', percent: 20, ms: 12_000 },
    ]),
    ...during([70_000, 90_000], authorize, [{ kind: 'slow', percent: 60, ms: 2_000 }]),
  ];
}

/** The gateway turns most requests away for a while, and says when to come again. */
function tooManyRequests(): readonly Episode[] {
  return [
    ...during([20_000, 40_000], authorize, [{ kind: 'rate-limited', percent: 50, retryAfter: '1' }]),
    ...during([40_000, 70_000], authorize, [{ kind: 'rate-limited', percent: 80, retryAfter: '3' }]),
  ];
}

/** The service dies again and again, before and after the gateway has charged, and comes back two seconds later. */
function crashLoop(): readonly Episode[] {
  const span = [20_000, 90_000] as const;
  return [
    ...during(span, authorize, [
      { kind: 'crash-before-apply', percent: 2, restartAfterMs: 2_000 },
      { kind: 'crash-after-apply', percent: 3, restartAfterMs: 2_000 },
    ]),
    ...during(span, 'store.complete', [{ kind: 'crash-before-apply', percent: 2, restartAfterMs: 2_000 }]),
  ];
}

const makers: Readonly<Record<WeatherName, () => readonly Episode[]>> = {
  healthy: () => [],
  'brown-out': brownOut,
  'outage-and-recovery': outage,
  'lossy-network': lossyNetwork,
  'slow-gateway': slowGateway,
  '429-storm': tooManyRequests,
  'crash-loop': crashLoop,
};

/** What strikes under a fault profile; virtual milliseconds since the run began. */
export function episodesOf(weather: WeatherName): readonly Episode[] {
  return makers[weather]();
}
