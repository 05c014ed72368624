// From a case that breaks an invariant to the simplest one that breaks the same invariant. It works on the case
// alone, however it was found.

import type { Case } from '../cases/case.ts';
import { semanticProblems } from '../cases/semantics.ts';
import type { InvariantId } from '../checkers/checker.ts';
import type { RunResult } from '../run.ts';
import { blockedInstead } from './blocked-instead.ts';
import { calmWeather, plainWeather } from './calm-weather.ts';
import { dropFaults, foldFaults } from './drop-faults.ts';
import { dropPairs } from './drop-pairs.ts';
import { dropSteps, foldRequests } from './drop-requests.ts';
import { closeGaps, lowerNumbers, lowerPairs } from './lower-numbers.ts';
import { narrowGuards } from './narrow-guards.ts';
import type { Pass } from './pass.ts';
import { plainKinds } from './plain-kinds.ts';
import { plainConfig, plainDetails } from './plain-setup.ts';
import { plainerCarriers } from './plainer-carriers.ts';
import { rename } from './rename.ts';
import { retell } from './retell.ts';
import { swapFaults } from './swap-faults.ts';
import { sweepInstead } from './sweep-instead.ts';
import { waitInstead } from './wait-instead.ts';
import { weatherInstead } from './weather-instead.ts';
import { compareWeights, weigh } from './weight.ts';

/** What to shrink, and how far to go. */
export interface ShrinkOptions {
  /** The invariant that must stay broken, so that the story cannot slip to another bug. */
  readonly invariant: InvariantId;
  /** What the case gave when it was run. */
  readonly found: RunResult;
  /** Runs one candidate. */
  readonly run: (subject: Case) => Promise<RunResult>;
  /** How many candidates may be run at most; 2 000 by default. */
  readonly budget?: number;
  /** Ends the search early, with the simplest case so far. */
  readonly stopSignal?: AbortSignal | undefined;
}

/** The simplest case that was found. */
export interface Shrunk {
  readonly case: Case;
  readonly result: RunResult;
  /** How many candidates were run. */
  readonly executions: number;
  /** False when the budget or the signal ended the search before nothing was left to try. */
  readonly finished: boolean;
  /** Candidates on which the harness itself or the target failed; they count as not breaking the invariant. */
  readonly errors: readonly { readonly case: Case; readonly error: unknown }[];
}

const defaultBudget = 2_000;

const passes: readonly Pass[] = [
  dropSteps,
  calmWeather,
  dropFaults,
  plainConfig,
  foldRequests,
  plainerCarriers,
  blockedInstead,
  sweepInstead,
  foldFaults,
  waitInstead,
  weatherInstead,
  plainDetails,
  plainKinds,
  plainWeather,
  closeGaps,
  lowerNumbers,
];

// Dear ones, for when the others have come to an end.
const lastPasses: readonly Pass[] = [dropPairs, narrowGuards, swapFaults, retell, lowerPairs];

/**
 * Shrinks `subject`: fewer requests first, then fewer faults, a plainer set-up, smaller numbers. Deterministic, as
 * long as `run` is and the signal stays silent.
 */
export async function shrinkCase(subject: Case, options: ShrinkOptions): Promise<Shrunk> {
  const search = searching(withoutLabels(subject), options);
  let before: Case;
  do {
    before = search.best();
    for (const pass of passes) await search.apply(pass);
    if (search.best() !== before) continue;
    for (const pass of lastPasses) await search.apply(pass);
  } while (search.best() !== before && search.goesOn());
  await search.apply(rename, 'as-simple');
  return search.shrunk();
}

/** What a saved case says about itself is no part of the story. */
function withoutLabels({ expect: _expect, found: _found, ...subject }: Case): Case {
  return subject;
}

/** Which candidates that still break are kept; `as-simple` takes those too that only look better. */
type Keeping = 'simpler' | 'as-simple';

interface Searching {
  best(): Case;
  goesOn(): boolean;
  /** Runs a pass to its end. */
  apply(pass: Pass, keeping?: Keeping): Promise<void>;
  shrunk(): Shrunk;
}

function searching(subject: Case, options: ShrinkOptions): Searching {
  const { invariant, run, budget = defaultBudget, stopSignal } = options;
  const tried = new Set([JSON.stringify(subject)]);
  const errors: { case: Case; error: unknown }[] = [];
  let best = subject;
  let weight = weigh(subject);
  let result = options.found;
  let executions = 0;

  const goesOn = (): boolean => executions < budget && stopSignal?.aborted !== true;

  const stillBreaks = async (candidate: Case): Promise<RunResult | undefined> => {
    executions += 1;
    try {
      const outcome = await run(candidate);
      return outcome.broken.includes(invariant) ? outcome : undefined;
    } catch (error) {
      errors.push({ case: candidate, error });
      return undefined;
    }
  };

  const attempt = async (candidate: Case, keeping: Keeping): Promise<boolean> => {
    const itsWeight = weigh(candidate);
    const difference = compareWeights(itsWeight, weight);
    if (difference > 0 || (difference === 0 && keeping === 'simpler')) return false;
    const text = JSON.stringify(candidate);
    if (tried.has(text)) return false;
    tried.add(text);
    if (semanticProblems(candidate).length > 0) return false;
    const outcome = await stillBreaks(candidate);
    if (outcome === undefined) return false;
    best = candidate;
    weight = itsWeight;
    result = outcome;
    return true;
  };

  return {
    best: () => best,
    goesOn,
    async apply(pass, keeping = 'simpler') {
      const candidates = pass(best, result.history);
      let next = candidates.next();
      while (next.done !== true && goesOn()) {
        next = candidates.next(await attempt(next.value, keeping));
      }
    },
    shrunk: () => ({ case: best, result, executions, finished: goesOn(), errors }),
  };
}
