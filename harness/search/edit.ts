// Small changes to a case, each giving a new one.

import type { Case, ChargeStep, Fault } from '../cases/case.ts';

/** A copy of `subject` as `change` left it, without members that became empty. */
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
  const { background = {}, config = {} } = draft;
  for (const [name, faults] of Object.entries(background)) if (faults.length === 0) delete background[name];
  if (Object.keys(background).length === 0) delete draft.background;
  if (config.processes === 1) delete config.processes;
  if (config.skewMs?.every((skewMs) => skewMs === 0)) delete config.skewMs;
  if (config.sweepEveryMs === undefined || config.sweeps === 1) delete config.sweeps;
  if (Object.keys(config).length === 0) delete draft.config;
}

function dropEmptyFaults(bearer: { faults?: Fault[] | undefined }): void {
  if (bearer.faults === undefined || bearer.faults.length === 0) delete bearer.faults;
}
