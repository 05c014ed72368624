// What can be asked of a thread of the bench. Errands and what comes of them are plain data, and what comes of one
// depends on nothing but the errand, so that it does not matter who runs it.

import type { Case, ProfileName } from '../../cases/case.ts';
import type { CaseSize } from '../../cases/measure.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import { runCase } from '../../run.ts';
import { type CampaignEvent, type CampaignOptions, runCampaign } from '../../search/campaign.ts';
import type { Violation } from '../../search/violation-book.ts';
import type { Order } from '../../targets/orders.ts';
import { stackTarget } from '../../targets/stacks.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { loadMs } from './weather.ts';
import { type Day, workload } from './workload.ts';

/** An order of the layers, and cases to draw for it. */
export interface Campaigned {
  readonly order: Order;
  readonly gateway: ProfileName;
  readonly seed: number;
  readonly runs: number;
}

/** The same on several gateways, one after the other until something breaks; so many cases on each. */
export interface Hunted extends Omit<Campaigned, 'gateway'> {
  readonly gateways: readonly ProfileName[];
}

/** One broken invariant, as small as it gets. */
export interface Witness extends CaseSize {
  readonly invariant: InvariantId;
  readonly because: string;
  /** Its target is the order that it was found against. */
  readonly case: Case;
  readonly historyHash: string;
  /** Cases until the invariant broke first, this one and those on earlier gateways included. */
  readonly runsToFailure: number;
}

/** What one campaign or several came to. */
export interface Outcome {
  readonly runs: number;
  readonly witnesses: readonly Witness[];
  /** Cases that could not be judged, and what the first of them said. */
  readonly errorCount: number;
  readonly firstError: string | undefined;
}

/** What one day came to. */
export interface Measured {
  readonly metrics: Metrics;
  readonly broken: readonly InvariantId[];
  /** The first broken invariant's own words. */
  readonly because: string | undefined;
}

/** What is asked and what is answered, by the kind of errand. */
export interface Errands {
  /** Spend a day. */
  readonly measure: { readonly asked: Day & { readonly order: Order }; readonly answer: Measured };
  /** Run ordinary campaigns, to their end unless something breaks, and shrink what does. */
  readonly hunt: { readonly asked: Hunted; readonly answer: Outcome };
  /** Run an ordinary campaign until something breaks; nothing is shrunk. */
  readonly storm: { readonly asked: Campaigned; readonly answer: Outcome };
  /** Run these cases, and say which invariants they break. */
  readonly confront: {
    readonly asked: { readonly order: Order; readonly cases: readonly Case[] };
    readonly answer: readonly InvariantId[];
  };
}

/** See {@link Errands}. */
export type ErrandKind = keyof Errands;

type Doers = {
  readonly [Kind in ErrandKind]: (asked: Errands[Kind]['asked']) => Promise<Errands[Kind]['answer']>;
};

const doers: Doers = {
  async measure({ order, ...day }) {
    const { history, broken, verdicts } = await runCase(workload(order, day), stackTarget(order));
    const first = verdicts.find(({ verdict }) => verdict.verdict === 'breaks')?.verdict;
    const because = first?.verdict === 'breaks' ? first.because : undefined;
    return { metrics: metricsOf(history, loadMs), broken, because };
  },
  hunt,
  storm: (asked) => campaign(asked, { bail: true, shrink: false }),
  async confront({ order, cases }) {
    const target = stackTarget(order);
    const broken = new Set<InvariantId>();
    for (const subject of cases) {
      const result = await runCase({ ...subject, target: target.name }, target);
      for (const id of result.broken) broken.add(id);
    }
    return [...broken];
  },
};

/** Runs an errand on this thread. One at a time: a thread has one simulated world. */
export async function runErrand<Kind extends ErrandKind>(
  kind: Kind,
  asked: Errands[Kind]['asked'],
): Promise<Errands[Kind]['answer']> {
  return await doers[kind](asked);
}

/** Candidates that shrinking may run for each invariant: most stories are as small as they get after some hundred. */
const shrinkBudget = 1_000;

/**
 * Once something has broken, a hunt goes on for a while, because another invariant may tell a shorter story: for as many
 * cases as it has taken until then, and some more.
 */
const moreCases = 200;

async function hunt({ gateways, ...asked }: Hunted): Promise<Outcome> {
  let sum: Outcome = { runs: 0, witnesses: [], errorCount: 0, firstError: undefined };
  for (const gateway of gateways) {
    const here = await huntOn({ gateway, ...asked });
    const before = sum.runs;
    sum = {
      runs: before + here.runs,
      witnesses: here.witnesses.map((one) => ({ ...one, runsToFailure: before + one.runsToFailure })),
      errorCount: sum.errorCount + here.errorCount,
      firstError: sum.firstError ?? here.firstError,
    };
    if (sum.witnesses.length > 0) break;
  }
  return sum;
}

async function huntOn(asked: Campaigned): Promise<Outcome> {
  const enough = new AbortController();
  let lastRun = Number.POSITIVE_INFINITY;
  return await campaign(asked, { bail: false, shrink: true, stopSignal: enough.signal }, (event) => {
    if (event.kind === 'broken') lastRun = Math.min(lastRun, 2 * event.index + moreCases);
    if (event.kind === 'progress' && event.runs >= lastRun) enough.abort();
  });
}

async function campaign(
  { order, gateway, seed, runs }: Campaigned,
  how: Pick<CampaignOptions, 'bail' | 'shrink' | 'stopSignal'>,
  observe?: (event: CampaignEvent) => void,
): Promise<Outcome> {
  const options: CampaignOptions = {
    target: stackTarget(order),
    profile: gateway,
    tier: 'sim',
    seed,
    runs,
    strategy: 'mixed',
    shrinkBudget,
    recheckEvery: 0,
    // Bounded by cases alone, so that it ends at the same one on any machine.
    now: () => 0,
    runCase,
    ...how,
  };
  const { violations, errors, errorCount, ...came } = await runCampaign(options, observe);
  return {
    runs: came.runs,
    witnesses: violations.map(witnessOf),
    errorCount,
    firstError: errors[0]?.message,
  };
}

function witnessOf(violation: Violation): Witness {
  const { invariant, because, requests, faults, preemptions, runsToFailure, result } = violation;
  const historyHash = result.history.digest;
  return {
    invariant,
    because,
    requests,
    faults,
    preemptions,
    runsToFailure,
    historyHash,
    case: violation.case,
  };
}
