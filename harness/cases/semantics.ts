// What a schema cannot say: whether a case that has the right shape can be carried out as it is written.

import { type Case, type Fault, usualScope } from './case.ts';
import { episodeProblems } from './episode-problems.ts';
import { faultProblems } from './fault-problems.ts';
import { nearest } from './nearest.ts';

/** Every reason why `value` cannot be carried out, one sentence each with its path; empty when it can. */
export function semanticProblems(value: Case): string[] {
  const problems: string[] = [];
  const processes = value.config?.processes ?? 1;
  const skews = value.config?.skewMs?.length ?? 0;
  if (skews > processes) {
    problems.push(
      `config.skewMs: gives ${skews} clocks to ${count(processes, 'process', 'processes')}; drop the last ones or raise config.processes`,
    );
  }
  const seen = new Map<string, number>();
  for (const [index, step] of value.steps.entries()) {
    const path = `steps[${index}]`;
    const first = seen.get(step.id);
    if (first === undefined) seen.set(step.id, index);
    else
      problems.push(
        `${path}.id: "${step.id}" is already the id of steps[${first}]; every step needs its own`,
      );
    if (step.do === 'step-up') {
      problems.push(...stepUpProblems(path, step, value));
      continue;
    }
    problems.push(...processProblems(`${path}.process`, step.process, processes));
    if (step.do !== 'charge') continue;
    problems.push(...faultProblems(`${path}.faults`, step.faults ?? [], value));
    for (const [nth, retry] of (step.retries ?? []).entries()) {
      const at = `${path}.retries[${nth}]`;
      if (retry.process !== undefined)
        problems.push(...processProblems(`${at}.process`, retry.process, processes));
      problems.push(...faultProblems(`${at}.faults`, retry.faults ?? [], value));
    }
  }
  for (const [actor, faults] of Object.entries(value.background ?? {})) {
    problems.push(...backgroundProblems(actor, faults, value));
  }
  return [...problems, ...episodeProblems(value)];
}

type StepUp = Extract<Case['steps'][number], { readonly do: 'step-up' }>;

/** Without a charge there is no challenge to answer. */
function stepUpProblems(path: string, { key, scope = usualScope }: StepUp, value: Case): string[] {
  const charges = value.steps.filter((step) => step.do === 'charge');
  const keys = charges.filter((step) => (step.scope ?? usualScope) === scope).map((step) => step.key);
  if (keys.includes(key)) return [];
  const elsewhere = charges.find((step) => step.key === key);
  const meant = nearest(key, keys);
  const way =
    elsewhere !== undefined
      ? `name its scope, "${elsewhere.scope ?? usualScope}"`
      : `${meant === undefined ? '' : `did you mean "${meant}"? `}Name the purchase of a charge`;
  return [
    `${path}.key: no charge in scope "${scope}" has the key "${key}", so its payer is never asked; ${way}`,
  ];
}

function processProblems(path: string, process: number, processes: number): string[] {
  if (process < processes) return [];
  const names = processes === 1 ? 'only process 0' : `processes 0 to ${processes - 1}`;
  return [
    `${path}: there is no process ${process}, ${names}; set config.processes to ${process + 1} or more`,
  ];
}

function backgroundProblems(actor: string, faults: readonly Fault[], value: Case): string[] {
  const path = `background["${actor}"]`;
  if (!/^sweep:[1-9]\d{0,3}$/.test(actor)) {
    return [`${path}: no background actor has this name; sweeps are called sweep:1, sweep:2, …`];
  }
  const problems = [...idleSweepProblems(actor, value), ...faultProblems(path, faults, value)];
  for (const [index, fault] of faults.entries()) {
    if (fault.site === 'client.charge') {
      problems.push(
        `${path}[${index}].site: a sweep never crosses client.charge; carry this fault on a step`,
      );
    }
  }
  return problems;
}

/** Faults that would never strike make a case say something that is not so. */
function idleSweepProblems(actor: string, { config, background }: Case): string[] {
  const path = `background["${actor}"]`;
  if (background?.[actor]?.length === 0) return [];
  if (config?.sweepEveryMs === undefined)
    return [`${path}: nothing sweeps; set config.sweepEveryMs, or remove these faults`];
  const { sweeps = 1 } = config;
  const number = Number(actor.slice('sweep:'.length));
  if (number <= sweeps) return [];
  const run = sweeps === 1 ? 'only one sweep runs' : `only ${sweeps} sweeps run`;
  return [`${path}: ${run}; set config.sweeps to ${number} or more, or remove these faults`];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
