// Small changes to a case, each giving a new one.

import {
  type Case,
  type ChargeStep,
  type Fault,
  isMoney,
  isRequest,
  type MoneyStep,
  type RequestStep,
  retriesOf,
  type Step,
  usualScope,
} from '../cases/case.ts';

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
  for (const step of requestsOf(draft)) {
    carriers.push(carrying(step, (ms) => (step.at += ms)));
    for (const retry of retriesOf(step)) carriers.push(carrying(retry, (ms) => (retry.afterMs += ms)));
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

/** A step that names a purchase: by its own key, or by that of somebody else's request. */
export type NamingStep = Exclude<Step, { readonly do: 'clock' | 'reconcile' }>;

/** The steps of a case that name a purchase. */
export function purchasesOf(subject: Case): NamingStep[] {
  return subject.steps.filter((step) => step.do !== 'clock' && step.do !== 'reconcile');
}

/** Gives the purchase that `step` is about another key; a refund has a key of its own beside that. */
export function rekey(step: NamingStep, change: (key: string) => string): void {
  if (step.do === 'refund') step.order = change(step.order);
  else step.key = change(step.key);
}

/** The requests of a case: charges, orders, refunds and reconciliations. */
export function requestsOf(subject: Case): RequestStep[] {
  return subject.steps.filter(isRequest);
}

/** The charge steps of a case. */
export function chargesOf(subject: Case): ChargeStep[] {
  return subject.steps.filter((step) => step.do === 'charge');
}

/** The requests for money of a case: charges, orders and refunds. */
export function moneyOf(subject: Case): MoneyStep[] {
  return subject.steps.filter(isMoney);
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
    if (!isRequest(step)) continue;
    dropEmptyFaults(step);
    for (const retry of retriesOf(step)) dropEmptyFaults(retry);
    if (isMoney(step) && step.retries?.length === 0) delete step.retries;
  }
  dropUnfounded(draft);
  const { background = {}, config = {} } = draft;
  const sweeps = config.sweepEveryMs === undefined ? 0 : (config.sweeps ?? 1);
  for (const [name, faults] of Object.entries(background)) {
    const runs = !name.startsWith('sweep:') || Number(name.slice('sweep:'.length)) <= sweeps;
    if (!runs || faults.length === 0) delete background[name];
  }
  if (Object.keys(background).length === 0) delete draft.background;
  if (draft.episodes?.length === 0) delete draft.episodes;
  if (config.processes === 1) delete config.processes;
  if (config.skewMs?.every((skewMs) => skewMs === 0)) delete config.skewMs;
  if (config.sweepEveryMs === undefined || config.sweeps === 1) delete config.sweeps;
  for (const guard of ['breaker', 'limit', 'webhooks'] as const) {
    if (Object.keys(config[guard] ?? {}).length === 0) delete config[guard];
  }
  if (Object.keys(config).length === 0) delete draft.config;
}

/** Nobody is asked to authenticate for a purchase that nobody makes, and nobody returns its money. */
function dropUnfounded(draft: Case): void {
  const charged = new Set<string>();
  const ordered = new Set<string>();
  for (const step of draft.steps) {
    if (step.do === 'charge') charged.add(nameOf(step, step.key));
    if (step.do === 'checkout') ordered.add(nameOf(step, step.key));
  }
  draft.steps = draft.steps.filter((step) => {
    if (step.do === 'refund') return ordered.has(nameOf(step, step.order));
    if (step.do !== 'step-up' && step.do !== 'dispute') return true;
    const name = nameOf(step, step.key);
    return charged.has(name) || ordered.has(name);
  });
}

function nameOf({ scope = usualScope }: { readonly scope?: string | undefined }, key: string): string {
  return JSON.stringify([scope, key]);
}

function dropEmptyFaults(bearer: { faults?: Fault[] | undefined }): void {
  if (bearer.faults === undefined || bearer.faults.length === 0) delete bearer.faults;
}
