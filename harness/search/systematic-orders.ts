// One fault at every boundary of a few small cases of orders, then every second fault at every boundary that is crossed
// after the first one struck.

import type { CaseOptions } from '../cases/arbitraries.ts';
import type { Case, Fault } from '../cases/case.ts';
import type { Focus } from '../checkers/focus.ts';
import { faultKinds } from '../faults/kinds.ts';
import type { RunResult } from '../run.ts';
import { type Boundary, discover, faultsAt, laterThan, type Placed, withFault } from './boundaries.ts';
import { orderBasesFor } from './order-bases.ts';
import { type SystematicCase, visited } from './systematic.ts';

/** What to search. */
export interface SystematicOrders extends CaseOptions {
  /** What the cases are about: it decides which bases there are. */
  readonly focus: Exclude<Focus, 'charge'>;
  /** Seed of the runs; it also decides the order in which faults are visited. */
  readonly seed: number;
}

/**
 * The bases themselves, then all cases with one fault, then those with two. There are far more boundaries than a short
 * campaign has cases, so they are not visited in their order: kinds take turns, and the visits of a kind jump about, so
 * that any number of them has seen all bases from their beginnings to their ends. A boundary that several
 * bases cross alike is visited in the first of them alone.
 * Deterministic as long as `run` is, and lazy: pairs are discovered only when they are asked for.
 */
export async function* systematicOrders(
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOrders,
): AsyncGenerator<SystematicCase, void, void> {
  const firsts: First[] = [];
  const known = new Set<string>();
  for (const { case: base } of orderBasesFor(options, options.focus, options.seed)) {
    yield { case: base, strategy: 'no-fault' };
    for (const boundary of await discover(run, base)) {
      const address = addressOf(base, boundary);
      if (known.has(address)) continue;
      known.add(address);
      firsts.push(...faultsAt(boundary, options).map((first) => ({ base, first })));
    }
    firsts.push(...rowFaultsOf(base).map((first) => ({ base, first })));
  }
  const ordered = [...kindByKind(firsts, options.seed)];
  for (const { base, first } of ordered) yield { case: withFault(base, first), strategy: 'one-fault' };
  for (const single of ordered) yield* pairsOf(single, run, options);
}

interface First {
  readonly base: Case;
  readonly first: Placed;
}

/** Two processes that do the same at once are another matter than one. */
function addressOf({ config }: Case, { actor, site, nth }: Boundary): string {
  return `${config?.processes ?? 1} ${actor} ${site} ${nth}`;
}

/** One fault of each kind in turn: many strike anywhere, and those that strike in one place only must not wait for them. */
function* kindByKind(firsts: readonly First[], seed: number): Generator<First, void, void> {
  const byKind = Map.groupBy(firsts, ({ first }) => first.fault.kind);
  let open = [...byKind.values()].map((ofKind) => visiting(ofKind, seed));
  while (open.length > 0) {
    const still: typeof open = [];
    for (const source of open) {
      const { value } = source.next();
      if (value === undefined) continue;
      yield value;
      still.push(source);
    }
    open = still;
  }
}

const rowKinds = faultKinds.filter((kind) => kind.startsWith('row-'));

/** What may befall the row of the payment, where somebody reconciles. */
function rowFaultsOf({ steps }: Case): readonly Placed[] {
  if (steps.every((step) => step.do !== 'reconcile')) return [];
  return rowKinds.map((kind): Placed => {
    const fault: Fault = { site: 'gateway.report', nth: 1, kind };
    return { actor: 'twin:row:txn_ch_1_1', fault };
  });
}

/** All of them, in an order that jumps about. */
function* visiting<T>(all: readonly T[], seed: number): Generator<T, void, void> {
  for (const round of all.keys()) {
    const next = all[visited(round, all.length, seed)];
    if (next !== undefined) yield next;
  }
}

/** So many second faults of each first one: discovering them costs a run, and there are too many for all. */
const secondsOfEach = 4;

async function* pairsOf(
  { base, first }: First,
  run: (subject: Case) => Promise<RunResult>,
  options: SystematicOrders,
): AsyncGenerator<SystematicCase, void, void> {
  const subject = withFault(base, first);
  const later = laterThan(first, await discover(run, subject));
  const seconds = later.flatMap((boundary) => faultsAt(boundary, options));
  let left = secondsOfEach;
  for (const second of visiting(seconds, options.seed)) {
    if (left === 0) return;
    left -= 1;
    yield { case: withFault(subject, second), strategy: 'two-faults' };
  }
}
