// What can be asked of a thread of the bench. Errands and what comes of them are plain data, and what comes of one
// depends on nothing but the errand, so that it does not matter who runs it.

import type { Case } from '../../cases/case.ts';
import type { InvariantId } from '../../checkers/checker.ts';
import { runCase } from '../../run.ts';
import type { Order } from '../../targets/orders.ts';
import { stackTarget } from '../../targets/stacks.ts';
import {
  type Campaigned,
  type Confrontation,
  type Confronted,
  confront,
  type Hunted,
  hunt,
  type Outcome,
  shrinkAgainst,
  storm,
  type Witness,
} from './campaigns.ts';
import { type Metrics, metricsOf } from './metrics.ts';
import { loadMs } from './weather.ts';
import { type Day, workload } from './workload.ts';

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
  /** See `hunt`. */
  readonly hunt: { readonly asked: Hunted; readonly answer: Outcome };
  /** See `storm`. */
  readonly storm: { readonly asked: Campaigned; readonly answer: Outcome };
  /** See `shrinkAgainst`. */
  readonly shrink: {
    readonly asked: { readonly order: Order; readonly case: Case };
    readonly answer: readonly Witness[];
  };
  /** See `confront`. */
  readonly confront: { readonly asked: Confronted; readonly answer: Confrontation };
}

/** See {@link Errands}. */
export type ErrandKind = keyof Errands;

type Doers = {
  readonly [Kind in ErrandKind]: (asked: Errands[Kind]['asked']) => Promise<Errands[Kind]['answer']>;
};

const doers: Doers = {
  measure,
  hunt,
  storm,
  shrink: (asked) => shrinkAgainst(asked.order, asked.case),
  confront,
};

/** Runs an errand on this thread. One at a time: a thread has one simulated world. */
export async function runErrand<Kind extends ErrandKind>(
  kind: Kind,
  asked: Errands[Kind]['asked'],
): Promise<Errands[Kind]['answer']> {
  return await doers[kind](asked);
}

async function measure({ order, ...day }: Day & { readonly order: Order }): Promise<Measured> {
  const { history, broken, verdicts } = await runCase(workload(order, day), stackTarget(order));
  const first = verdicts.find(({ verdict }) => verdict.verdict === 'breaks')?.verdict;
  const because = first?.verdict === 'breaks' ? first.because : undefined;
  return { metrics: metricsOf(history, loadMs), broken, because };
}
