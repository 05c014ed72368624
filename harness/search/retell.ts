// What a campaign finds with several requests and faults has sometimes a story of one request and one fault that has
// little in common with it, so that no way leads from the one to the other. There are few enough of those to try them.

import type { Case, Fault } from '../cases/case.ts';
import { kindsAt } from '../cases/fault-problems.ts';
import { faultFacts } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import { carriersOf, chargesOf, edited } from './edit.ts';
import type { Pass } from './pass.ts';

/** A sweep comes when an attempt has timed out, and before a breaker that it opened recovers. */
const sweepEveryMs = 10_000;

/** Shorter than any attempt, so that a sweep may take over what one has left. */
const shortLeaseMs = 1_000;

/** Beyond the time-out of an attempt, and beyond all attempts of a call. */
const longMs = [9_000, 29_000] as const;

/** How long the weather of a story lasts: past the retries that follow at once, and over when the sweep comes. */
const weatherMs = 2_000;

/**
 * Tells the story anew as one of the first request and one fault, in set-ups that let little pass. Does nothing where the
 * story is as short already.
 */
export const retell: Pass = function* (from) {
  const faults = carriersOf(from).flatMap((carrier) => carrier.faults ?? []);
  if (chargesOf(from).length === 0) return;
  if (chargesOf(from).length + faults.length + (from.episodes?.length ?? 0) <= 2) return;
  const sites = new Set<Site>(['gateway.authorize', ...faults.map(({ site }) => site)]);
  for (const setUp of setUpsOf(from)) {
    for (const strike of [...sites].flatMap(strikesAt)) {
      for (const told of [struckOnce(setUp, strike), struckForAWhile(setUp, strike)]) if (yield told) return;
    }
  }
};

type Strike = Pick<Fault, 'site' | 'kind' | 'ms'>;

/** Everything that may strike there without taking a promise away, in its usual form and in long ones. */
function strikesAt(site: Site): readonly Strike[] {
  return kindsAt(site)
    .filter((kind) => faultFacts[kind].breaks === undefined && faultFacts[kind].needs === undefined)
    .flatMap((kind) => {
      const long = faultFacts[kind].defaultMs === undefined ? [] : longMs;
      return [{ site, kind }, ...long.map((ms) => ({ site, kind, ms }))];
    });
}

/** The first request by itself, undisturbed, under everything that may make it matter: all at once first. */
function setUpsOf(subject: Case): readonly Case[] {
  const alone = edited(subject, (draft) => {
    draft.steps = chargesOf(draft).slice(0, 1);
    for (const step of chargesOf(draft)) {
      delete step.faults;
      delete step.retries;
    }
    delete draft.background;
    delete draft.episodes;
  });
  const { config = {} } = alone;
  const { keyRetentionMs, ...lasting } = config;
  const { slowCallMs, ...patient } = config.breaker ?? {};
  // Either of these makes up for what a longer story lacks, and stands in the way of a shorter one.
  const plain = { ...lasting, breaker: patient };
  const configs = keyRetentionMs === undefined && slowCallMs === undefined ? [config] : [plain, config];
  const leases = [{ leaseMs: shortLeaseMs }, {}];
  const sweeps = [{ sweepEveryMs }, {}];
  return configs.flatMap((base) =>
    [{ breaker: { ...base.breaker, failureThreshold: 1 } }, {}].flatMap((breaker) =>
      leases.flatMap((lease) =>
        sweeps.map((sweep) => ({ ...alone, config: { ...base, ...breaker, ...lease, ...sweep } })),
      ),
    ),
  );
}

function struckOnce(setUp: Case, strike: Strike): Case {
  return edited(setUp, (draft) => {
    const [step] = chargesOf(draft);
    if (step !== undefined) step.faults = [{ ...strike, nth: 1 }];
  });
}

function struckForAWhile(setUp: Case, strike: Strike): Case {
  return { ...setUp, episodes: [{ fromMs: 0, untilMs: weatherMs, percent: 100, ...strike }] };
}
