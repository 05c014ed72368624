// What a schema cannot say: whether a case that has the right shape can be carried out as it is written.

import { holdsEffectBack } from '../faults/assumptions.ts';
import { type FaultKind, faultFacts, faultKinds, groupOf, strikes } from '../faults/kinds.ts';
import { boundedEffectDelayMs } from '../gateway-twin/profiles.ts';
import type { Site } from '../history/history.ts';
import type { Case, Fault } from './case.ts';

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
    if (step.do !== 'step-up') problems.push(...processProblems(`${path}.process`, step.process, processes));
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
  return problems;
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
  const problems = faultProblems(path, faults, value);
  for (const [index, fault] of faults.entries()) {
    if (fault.site === 'client.charge') {
      problems.push(
        `${path}[${index}].site: a sweep never crosses client.charge; carry this fault on a step`,
      );
    }
  }
  return problems;
}

function faultProblems(path: string, faults: readonly Fault[], value: Case): string[] {
  const problems = faults.flatMap((fault, index) => oneFaultProblems(`${path}[${index}]`, fault));
  if (value.config?.effectDelay === 'unbounded') return problems;
  const held = new Map<string, number>();
  for (const [index, fault] of faults.entries()) {
    if (groupOf(fault.site) !== 'mutation' || !holdsEffectBack(fault.kind)) continue;
    const crossing = `${fault.site} ${fault.nth}`;
    const before = held.get(crossing) ?? 0;
    const sum = before + (fault.ms ?? faultFacts[fault.kind].defaultMs ?? 0);
    held.set(crossing, sum);
    if (before > boundedEffectDelayMs || sum <= boundedEffectDelayMs) continue;
    problems.push(
      `${path}[${index}].ms: the request takes effect ${sum} ms late, but delay is bounded by ${boundedEffectDelayMs} ms; ` +
        'shorten it or set config.effectDelay to "unbounded"',
    );
  }
  return problems;
}

function oneFaultProblems(path: string, fault: Fault): string[] {
  const problems: string[] = [];
  if (!strikes(fault.kind, fault.site)) {
    const can = kindsAt(fault.site).join(', ');
    problems.push(`${path}.kind: ${fault.kind} cannot strike ${fault.site}; these can: ${can}`);
  }
  if (fault.ms !== undefined && faultFacts[fault.kind].defaultMs === undefined) {
    const timed = faultKinds.filter((kind) => faultFacts[kind].defaultMs !== undefined).join(', ');
    problems.push(`${path}.ms: ${fault.kind} takes no duration; remove ms, or use one of ${timed}`);
  }
  if (fault.restartAfterMs !== undefined && !fault.kind.startsWith('crash-')) {
    problems.push(
      `${path}.restartAfterMs: only a crash is followed by a restart; remove it from ${fault.kind}`,
    );
  }
  if (fault.retryAfter !== undefined && fault.kind !== 'rate-limited') {
    problems.push(`${path}.retryAfter: only rate-limited sends this header; remove it from ${fault.kind}`);
  }
  return problems;
}

/** The kinds that can strike `site`, in the catalogue's order. */
export function kindsAt(site: Site): readonly FaultKind[] {
  return faultKinds.filter((kind) => strikes(kind, site));
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
