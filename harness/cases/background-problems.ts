// What can be wrong with a background actor of a case: that there is none of its name, that it never comes, or that it
// never meets what it carries.

import { groupOf } from '../faults/kinds.ts';
import type { Site } from '../history/sites.ts';
import type { Case, Fault } from './case.ts';
import { faultProblems } from './fault-problems.ts';

/** What is wrong with the faults that the background actor `actor` carries, one sentence each. */
export function backgroundProblems(actor: string, faults: readonly Fault[], value: Case): string[] {
  const path = `background["${actor}"]`;
  const kind = kinds.find(({ name }) => name.test(actor));
  if (kind === undefined)
    return [`${path}: no background actor has this name; ${kinds.map(({ called }) => called).join('; ')}`];
  const problems = [
    ...(kind === sweeps ? idleSweepProblems(actor, value) : []),
    ...faultProblems(path, faults, value),
  ];
  for (const [index, fault] of faults.entries()) {
    if (kind.meets(fault)) continue;
    problems.push(`${path}[${index}].site: ${kind.noun} never crosses ${fault.site}${kind.advice(fault)}`);
  }
  return problems;
}

interface Kind {
  readonly name: RegExp;
  readonly called: string;
  readonly noun: string;
  readonly meets: (fault: Fault) => boolean;
  /** What to do about a fault that is never met. */
  readonly advice: (fault: Fault) => string;
}

const onAStep = ({ site }: { readonly site: Site }): string =>
  groupOf(site) === 'client' ? '; carry this fault on a step' : '; carry this fault on the actor that does';

const sweeps: Kind = {
  name: /^sweep:[1-9]\d{0,3}$/,
  called: 'sweeps are called sweep:1, sweep:2, …',
  noun: 'a sweep',
  meets: ({ site, kind }) =>
    groupOf(site) !== 'client' && groupOf(site) !== 'webhook' && !kind.startsWith('row-'),
  advice: onAStep,
};

const kinds: readonly Kind[] = [
  sweeps,
  {
    // The events that `webhook-two-ids` sends once more have names of their own.
    name: /^twin:deliver:evt_[1-9]\d{0,3}(?:_again)?$/,
    called: 'deliveries twin:deliver:evt_1, twin:deliver:evt_2, …',
    noun: 'a delivery',
    // What a process does about a delivery it does in the name of the delivery.
    meets: ({ site, kind }) => groupOf(site) !== 'client' && !kind.startsWith('row-'),
    advice: onAStep,
  },
  {
    name: /^twin:row:txn_[a-z]+_[1-9]\d{0,3}_[1-9]$/,
    called: 'rows of a report twin:row:txn_ch_1_1, twin:row:txn_re_1_1, …',
    noun: 'a row',
    meets: ({ site, kind, nth }) => site === 'gateway.report' && kind.startsWith('row-') && nth === 1,
    advice: () => ' but to be reported once; give it a row fault at gateway.report, nth 1',
  },
];

/** Faults that would never strike make a case say something that is not so. */
function idleSweepProblems(actor: string, { config, background }: Case): string[] {
  const path = `background["${actor}"]`;
  if (background?.[actor]?.length === 0) return [];
  if (config?.sweepEveryMs === undefined)
    return [`${path}: nothing sweeps; set config.sweepEveryMs, or remove these faults`];
  const { sweeps: made = 1 } = config;
  const number = Number(actor.slice('sweep:'.length));
  if (number <= made) return [];
  const run = made === 1 ? 'only one sweep runs' : `only ${made} sweeps run`;
  return [`${path}: ${run}; set config.sweeps to ${number} or more, or remove these faults`];
}
