// Small changes to a case, each giving a new one.

import { type Case, type ChargeStep, type Fault, type Step, usualScope } from '../cases/case.ts';

/** A copy of `subject` as `change` left it, without what became empty or has nothing left to strike or to answer. */
export function edited(subject: Case, change: (draft: Case) => void): Case {
  const draft = structuredClone(subject);
  change(draft);
  tidy(draft);
  return draft;
}

/** Whoever carries faults in a case; `move` makes it act later by so many milliseconds, where that can be said. */
export interface Carrying {
  faults?: Fault[] | undefined;
  readonly move: ((ms: number) => void) | undefined;
}

/** Every actor of `draft` in the case's order: steps, their retries, sweeps. Writing to `faults` changes the draft. */
export function carriersOf(draft: Case): Carrying[] {
  const carriers: Carrying[] = [];
  for (const step of chargesOf(draft)) {
    carriers.push(carrying(step, (ms) => (step.at += ms)));
    for (const retry of step.retries ?? []) carriers.push(carrying(retry, (ms) => (retry.afterMs += ms)));
  }
  const { background = {} } = draft;
  for (const name of Object.keys(background)) {
    carriers.push({
      move: undefined,
      get faults() {
        return background[name];
      },
      set faults(faults) {
        background[name] = faults ?? [];
      },
    });
  }
  return carriers;
}

/** The steps of a case that name a purchase: charges, and the step-ups of their payers. */
export function purchasesOf(subject: Case): Exclude<Step, { readonly do: 'clock' }>[] {
  return subject.steps.filter((step) => step.do !== 'clock');
}

/** The charge steps of a case. */
export function chargesOf(subject: Case): ChargeStep[] {
  return subject.steps.filter((step) => step.do === 'charge');
}

function carrying(bearer: { faults?: Fault[] | undefined }, move: (ms: number) => void): Carrying {
  return {
    move,
    get faults() {
      return bearer.faults;
    },
    set faults(faults) {
      bearer.faults = faults;
    },
  };
}

function tidy(draft: Case): void {
  for (const step of draft.steps) {
    if (step.do !== 'charge') continue;
    dropEmptyFaults(step);
    for (const retry of step.retries ?? []) dropEmptyFaults(retry);
    if (step.retries?.length === 0) delete step.retries;
  }
  dropUnaskedStepUps(draft);
  const { background = {}, config = {} } = draft;
  const sweeps = config.sweepEveryMs === undefined ? 0 : (config.sweeps ?? 1);
  for (const [name, faults] of Object.entries(background)) {
    const runs = Number(name.slice('sweep:'.length)) <= sweeps;
    if (!runs || faults.length === 0) delete background[name];
  }
  if (Object.keys(background).length === 0) delete draft.background;
  if (draft.episodes?.length === 0) delete draft.episodes;
  if (config.processes === 1) delete config.processes;
  if (config.skewMs?.every((skewMs) => skewMs === 0)) delete config.skewMs;
  if (config.sweepEveryMs === undefined || config.sweeps === 1) delete config.sweeps;
  for (const guard of ['breaker', 'limit'] as const) {
    if (Object.keys(config[guard] ?? {}).length === 0) delete config[guard];
  }
  if (Object.keys(config).length === 0) delete draft.config;
}

/** Nobody is asked to authenticate for a purchase that nobody makes. */
function dropUnaskedStepUps(draft: Case): void {
  const asked = new Set(chargesOf(draft).map(purchaseOf));
  draft.steps = draft.steps.filter((step) => step.do !== 'step-up' || asked.has(purchaseOf(step)));
}

function purchaseOf({ scope = usualScope, key }: Pick<ChargeStep, 'scope' | 'key'>): string {
  return JSON.stringify([scope, key]);
}

function dropEmptyFaults(bearer: { faults?: Fault[] | undefined }): void {
  if (bearer.faults === undefined || bearer.faults.length === 0) delete bearer.faults;
}
