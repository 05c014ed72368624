// The two tiers check each other: the same case must give the same history, event by event and byte by byte, whether
// the service talks to the twin directly or through Stripe's SDK, msw and captured globals. Only the words of errors
// may differ. A mistake in the adapter's reading of errors, a lost header, a real timer or a race in the real loop
// would each make the histories part.

import { setupServer } from 'msw/node';
import { describe, expect, it } from 'vitest';
import { caseAt } from '../cases/arbitraries.ts';
import { type Case, everyStrike, type ProfileName } from '../cases/case.ts';
import { CaseError } from '../cases/case-error.ts';
import { type FaultKind, faultKinds, strikes } from '../faults/kinds.ts';
import { capabilitiesOf } from '../gateway-twin/profiles.ts';
import type { Answer } from '../history/history.ts';
import { type RunResult, runCase } from '../run.ts';
import { asWritten } from '../targets/as-written.ts';
import { reference } from '../targets/reference.ts';
import type { Target } from '../targets/target.ts';
import { routeOver, takeRoute, tierHandlers } from './msw-route.ts';
import { comparable } from './parity.ts';

function drawn(profile: ProfileName, target: Target, count: number): readonly Case[] {
  const options = { target: target.name, profile, dedup: capabilitiesOf(profile).dedup };
  const subjects: Case[] = [];
  for (let index = 0; subjects.length < count; index++) {
    const subject = caseAt(11, index, options);
    if (isAlikeInBothTiers(subject)) subjects.push(subject);
  }
  return subjects;
}

/**
 * Where one call's end lets another one go within the same event, as in the queue of a limiter, the tiers may put what both
 * do at that instant in another order: the SDK takes longer over it. And a breaker is told of a 409 without a body by
 * another class in each tier, so that it counts it in one and not in the other.
 */
function isAlikeInBothTiers(subject: Case): boolean {
  const { breaker, limit } = subject.config ?? {};
  if (limit?.mode === 'wait') return false;
  return breaker === undefined || !everyStrike(subject).some(({ kind }) => kind === 'bodyless-409');
}

const through = (tier: 'sim' | 'msw', subject: Case, target: Target): Promise<RunResult> =>
  runCase({ ...subject, tier }, target);

/** One charge whose replies are lost until a look-up finds it, with `kind` at the first place where it strikes. */
function struck(kind: FaultKind): Case {
  const site = strikes(kind, 'gateway.authorize') ? 'gateway.authorize' : 'gateway.lookup';
  const struckFirst = { site, nth: 1, kind } as const;
  const lost = [1, 2, 3].map((nth) => ({ site: 'gateway.authorize', nth, kind: 'response-lost' }) as const);
  const faults = [struckFirst, ...lost.filter(({ nth }) => nth > 1 || site === 'gateway.lookup')];
  const charge = { do: 'charge', key: 'k1', amountMinor: 501, currency: 'USD', process: 0 } as const;
  const retries = [{ afterMs: 100_000, faults: [struckFirst] }];
  return {
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 1,
    steps: [{ id: 'a', at: 0, ...charge, faults, retries }],
  };
}

describe('the msw tier', () => {
  const kinds = faultKinds.filter(
    (kind) => strikes(kind, 'gateway.authorize') || strikes(kind, 'gateway.lookup'),
  );

  it.each(kinds)('gives the history of the simulated tier under %s', async (kind) => {
    const msw = await through('msw', struck(kind), reference);
    expect(comparable(msw)).toEqual(comparable(await through('sim', struck(kind), reference)));
    expect(msw.history.crossings.some(({ faults }) => faults.includes(kind))).toBe(true);
  });

  it.each(['authenticated', 'failed'] as const)(
    'gives the history of the simulated tier where the payer is challenged and has %s',
    async (outcome) => {
      const faults = [{ site: 'gateway.authorize', nth: 1, kind: '3ds-challenge' }] as const;
      const charge = { do: 'charge', key: 'k1', amountMinor: 501, currency: 'USD', process: 0 } as const;
      const retries = [{ afterMs: 1_000 }, { afterMs: 10_000 }];
      const subject: Case = {
        paystorm: 1,
        target: 'reference',
        profile: 'stripe',
        seed: 1,
        steps: [
          { id: 'a', at: 0, ...charge, faults: [...faults], retries },
          { id: 'b', at: 5_000, do: 'step-up', key: 'k1', outcome },
        ],
      };
      const msw = await through('msw', subject, reference);
      expect(comparable(msw)).toEqual(comparable(await through('sim', subject, reference)));
      const told = msw.history.crossings
        .filter(({ site, actor }) => site === 'client.charge' && /^a(?:\/|$)/.test(actor))
        .map(({ reply }) => reply?.ok === true && (reply.value as Answer).kind);
      expect(told).toEqual(['pending', 'pending', outcome === 'failed' ? 'failed' : 'ok']);
      expect(msw.broken).toEqual([]);
    },
  );

  it.each([
    ['stripe', 'reference', reference],
    ['checkout', 'reference', reference],
    ['none', 'reference', reference],
    ['none', 'as-written', asWritten],
  ] as const)(
    'gives the history of the simulated tier for drawn cases: %s, %s',
    async (...[profile, , target]) => {
      const broken = new Set<string>();
      for (const subject of drawn(profile, target, 60)) {
        const msw = await through('msw', subject, target);
        expect(comparable(msw), JSON.stringify(subject)).toEqual(
          comparable(await through('sim', subject, target)),
        );
        for (const id of msw.broken) broken.add(id);
      }
      // A target that charges twice must be caught here as well.
      expect(broken.has('S1')).toBe(target === asWritten);
    },
  );

  it('repeats itself, digest by digest', async () => {
    const first: string[] = [];
    const again: string[] = [];
    const subjects = drawn('stripe', reference, 40);
    for (const subject of subjects) first.push((await through('msw', subject, reference)).history.digest);
    for (const subject of subjects.toReversed())
      again.unshift((await through('msw', subject, reference)).history.digest);
    expect(again).toEqual(first);
    expect(new Set(first).size).toBeGreaterThan(30);
  });

  it('gives the same through the global fetch and all that msw puts in its way', async () => {
    const subjects = drawn('stripe', reference, 12);
    const direct: string[] = [];
    for (const subject of subjects) direct.push((await through('msw', subject, reference)).history.digest);

    const server = setupServer(...tierHandlers);
    server.listen({ onUnhandledFrame: 'error' });
    let sent = 0;
    const restoreRoute = takeRoute(
      routeOver((request) => {
        sent += 1;
        return fetch(request);
      }),
    );
    try {
      const served: string[] = [];
      for (const subject of subjects) served.push((await through('msw', subject, reference)).history.digest);
      expect(served).toEqual(direct);
      expect(sent).toBeGreaterThan(10);
    } finally {
      restoreRoute();
      server.close();
    }
  });

  it('refuses a gateway that Stripe’s API cannot express', async () => {
    await expect(through('msw', { ...struck('delay'), profile: 'mango' }, reference)).rejects.toThrow(
      CaseError,
    );
  });
});
