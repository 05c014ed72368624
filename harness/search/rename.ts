// Names for reading, once nothing else is left to do: steps a, b, c, keys k1, k2 and processes 0, 1 in the order in
// which they come up.

import { type Case, isRequest, retriesOf, type Step } from '../cases/case.ts';
import { sites } from '../history/sites.ts';
import { carriersOf, edited, purchasesOf, rekey } from './edit.ts';
import type { Pass } from './pass.ts';

/** Orders steps by time and faults by site and occurrence, and renames processes, keys and steps; each is kept only if the case still breaks. */
export const rename: Pass = function* (from) {
  let current = from;
  for (const change of [sortSteps, buyFirst, sortFaults, renameProcesses, renameKeys, renameSteps]) {
    const candidate = edited(current, change);
    if (yield candidate) current = candidate;
  }
};

function sortSteps(draft: Case): void {
  draft.steps.sort((a, b) => a.at - b.at);
}

/** Of one moment, purchases come before what is about them: all that asked for one before may have gone. */
function buyFirst(draft: Case): void {
  draft.steps.sort((a, b) => a.at - b.at || Number(isAboutAnother(a)) - Number(isAboutAnother(b)));
}

function isAboutAnother({ do: act }: Step): boolean {
  return act === 'refund' || act === 'dispute' || act === 'step-up';
}

function sortFaults(draft: Case): void {
  for (const { faults } of carriersOf(draft)) {
    faults?.sort((a, b) => sites.indexOf(a.site) - sites.indexOf(b.site) || a.nth - b.nth);
  }
}

function renameProcesses(draft: Case): void {
  const order = [...new Set(draft.steps.flatMap(processesOf))];
  const { config } = draft;
  for (let process = 0; process < (config?.processes ?? 1); process++) {
    if (!order.includes(process)) order.push(process);
  }
  for (const step of draft.steps) {
    if ('process' in step) step.process = order.indexOf(step.process);
    if (!isRequest(step)) continue;
    for (const retry of retriesOf(step)) {
      if (retry.process !== undefined) retry.process = order.indexOf(retry.process);
    }
  }
  if (config?.skewMs !== undefined) config.skewMs = order.map((process) => config.skewMs?.[process] ?? 0);
}

function processesOf(step: Step): number[] {
  if (!('process' in step)) return [];
  const retries = isRequest(step) ? retriesOf(step) : [];
  return [step.process, ...retries.map((retry) => retry.process ?? step.process)];
}

function renameSteps(draft: Case): void {
  for (const [index, step] of draft.steps.entries()) step.id = nameOf(index);
}

/** a, b, … z, a2, b2, … */
function nameOf(index: number): string {
  const letter = String.fromCharCode('a'.charCodeAt(0) + (index % 26));
  return index < 26 ? letter : `${letter}${Math.floor(index / 26) + 1}`;
}

function renameKeys(draft: Case): void {
  const names = new Map<string, string>();
  const named = (key: string): string => {
    const name = names.get(key) ?? `k${names.size + 1}`;
    names.set(key, name);
    return name;
  };
  for (const step of purchasesOf(draft)) {
    rekey(step, named);
    if (step.do === 'refund') step.key = named(step.key);
  }
}
