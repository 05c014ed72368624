// Campaigns against one order of the layers, and the witnesses that they bring back.

import type { Case, ProfileName } from '../../cases/case.ts';
import { type CaseSize, measureCase } from '../../cases/measure.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import { type RunResult, runCase } from '../../run.ts';
import { type CampaignEvent, type CampaignOptions, runCampaign } from '../../search/campaign.ts';
import { shrinkCase } from '../../search/shrink.ts';
import type { Order } from '../../targets/orders.ts';
import { stackTarget } from '../../targets/stacks.ts';

/** An order of the layers, and cases to draw for it. */
export interface Campaigned {
  readonly order: Order;
  readonly gateway: ProfileName;
  readonly seed: number;
  readonly runs: number;
}

/**
 * The same on several gateways, one after the other until something breaks; so many cases on each, from a seed of its
 * own, because equal seeds would draw much the same cases.
 */
export interface Hunted extends Omit<Campaigned, 'gateway'> {
  readonly gateways: readonly ProfileName[];
}

/** One broken invariant, and a case that breaks it. */
export interface Witness extends CaseSize {
  readonly invariant: InvariantId;
  readonly because: string;
  /** Its target is the order that it was found against. */
  readonly case: Case;
  readonly historyHash: string;
}

/** What one campaign or several came to. */
export interface Outcome {
  readonly runs: number;
  /** Cases until something broke first, this one included; undefined when nothing did. */
  readonly runsToFailure: number | undefined;
  readonly witnesses: readonly Witness[];
  /** Cases that could not be judged, and what the first of them said. */
  readonly errorCount: number;
  readonly firstError: string | undefined;
}

/** Candidates that shrinking may run for each invariant: most stories are as small as they get after some hundred. */
const shrinkBudget = 1_000;

/**
 * Once something has broken, a hunt goes on for a while, because another invariant may tell a shorter story: for as many
 * cases as it has taken until then, and some more.
 */
const moreCases = 200;

/** Runs ordinary campaigns, to their end unless something breaks, and shrinks what does. */
export async function hunt({ gateways, seed, ...asked }: Hunted): Promise<Outcome> {
  let before: Outcome = {
    runs: 0,
    runsToFailure: undefined,
    witnesses: [],
    errorCount: 0,
    firstError: undefined,
  };
  for (const [place, gateway] of gateways.entries()) {
    const here = await huntOn({ gateway, seed: seed + place, ...asked });
    before = {
      runs: before.runs + here.runs,
      runsToFailure: here.runsToFailure === undefined ? undefined : before.runs + here.runsToFailure,
      witnesses: here.witnesses,
      errorCount: before.errorCount + here.errorCount,
      firstError: before.firstError ?? here.firstError,
    };
    if (here.witnesses.length > 0) break;
  }
  return before;
}

async function huntOn(asked: Campaigned): Promise<Outcome> {
  const enough = new AbortController();
  let lastRun = Number.POSITIVE_INFINITY;
  return await campaign(asked, { bail: false, shrink: true, stopSignal: enough.signal }, (event) => {
    if (event.kind === 'broken') lastRun = Math.min(lastRun, 2 * event.index + moreCases);
    if (event.kind === 'progress' && event.runs >= lastRun) enough.abort();
  });
}

/** Runs an ordinary campaign until something breaks; nothing is shrunk. */
export async function storm(asked: Campaigned): Promise<Outcome> {
  return await campaign(asked, { bail: true, shrink: false });
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
    runsToFailure: violations[0]?.runsToFailure,
    witnesses: violations.map((violation) =>
      witnessOf(violation.invariant, violation.case, violation.result),
    ),
    errorCount,
    firstError: errors[0]?.message,
  };
}

/** Runs `subject` against `order`, and makes it as small as it gets for each invariant that breaks. */
export async function shrinkAgainst(order: Order, subject: Case): Promise<readonly Witness[]> {
  const target = stackTarget(order);
  const run = (candidate: Case): Promise<RunResult> => runCase(candidate, target);
  const aimed = { ...subject, target: target.name };
  const found = await run(aimed);
  const witnesses: Witness[] = [];
  for (const invariant of found.broken) {
    const shrunk = await shrinkCase(aimed, { invariant, found, run, budget: shrinkBudget });
    witnesses.push(witnessOf(invariant, shrunk.case, shrunk.result));
  }
  return witnesses;
}

/** An order, and cases that were found against others. */
export interface Confronted {
  readonly order: Order;
  readonly cases: readonly Case[];
  /** Whether to go on after the first case that breaks something. */
  readonly toTheEnd: boolean;
}

/** What came of it. */
export interface Confrontation {
  readonly broken: readonly InvariantId[];
  readonly runs: number;
}

/** Runs the cases against the order, and says which invariants broke and how many cases that took. */
export async function confront({ order, cases, toTheEnd }: Confronted): Promise<Confrontation> {
  const target = stackTarget(order);
  const broken = new Set<InvariantId>();
  let runs = 0;
  for (const subject of cases) {
    runs += 1;
    const result = await runCase({ ...subject, target: target.name }, target);
    for (const id of result.broken) broken.add(id);
    if (broken.size > 0 && !toTheEnd) break;
  }
  return { broken: [...broken], runs };
}

function witnessOf(invariant: InvariantId, subject: Case, { verdicts, history }: RunResult): Witness {
  const verdict = verdicts.find(({ id }) => id === invariant)?.verdict;
  const because = verdict?.verdict === 'breaks' ? verdict.because : '';
  return { ...measureCase(subject), invariant, because, case: subject, historyHash: history.digest };
}
