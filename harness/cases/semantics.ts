// What a schema cannot say: whether a case that has the right shape can be carried out as it is written.

import { faultFacts } from '../faults/kinds.ts';
import { backgroundProblems } from './background-problems.ts';
import {
  type Case,
  type CheckoutStep,
  type Fault,
  isRequest,
  type RequestStep,
  retriesOf,
  type Step,
  usualScope,
} from './case.ts';
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
    if ('process' in step) problems.push(...processProblems(`${path}.process`, step.process, processes));
    if (isRequest(step)) problems.push(...requestProblems(path, step, value));
    problems.push(...namingProblems(path, step, value));
  }
  for (const [actor, faults] of Object.entries(value.background ?? {})) {
    problems.push(...backgroundProblems(actor, faults, value));
  }
  return [...problems, ...storesProblems(value), ...episodeProblems(value)];
}

/** Servers are for processes; what the simulator promises needs stores that it runs itself. */
function storesProblems({ tier = 'sim', stores = 'memory' }: Case): string[] {
  if (stores === 'memory' || tier === 'real') return [];
  return [`stores: tier ${tier} keeps its stores in memory; set tier to "real", or leave stores out`];
}

function requestProblems(path: string, step: RequestStep, value: Case): string[] {
  const problems = stepFaultProblems(`${path}.faults`, step.faults, value);
  for (const [nth, retry] of retriesOf(step).entries()) {
    const at = `${path}.retries[${nth}]`;
    if (retry.process !== undefined)
      problems.push(...processProblems(`${at}.process`, retry.process, value.config?.processes ?? 1));
    problems.push(...stepFaultProblems(`${at}.faults`, retry.faults, value));
  }
  return problems;
}

function stepFaultProblems(path: string, faults: readonly Fault[] = [], value: Case): string[] {
  const strays = faults.flatMap(({ site, kind }, index) => {
    const carrier =
      site === 'webhook.deliver'
        ? 'twin:deliver:evt_1'
        : faultFacts[kind].needs === 'reports'
          ? 'twin:row:txn_ch_1_1'
          : undefined;
    if (carrier === undefined) return [];
    return [
      `${path}[${index}]: a request never meets ${kind} at ${site}; carry this fault in background["${carrier}"]`,
    ];
  });
  return [...strays, ...faultProblems(path, faults, value)];
}

/** What a step names has to be there: a challenge, a refund and a dispute are about a purchase. */
function namingProblems(path: string, step: Step, value: Case): string[] {
  const { scope = usualScope } = 'scope' in step ? step : {};
  switch (step.do) {
    case 'checkout':
      return clashProblems(path, step, value);
    case 'step-up':
      return unknownProblems(`${path}.key`, step.key, {
        scope,
        purchases: value.steps.filter((one) => one.do === 'charge' || one.do === 'checkout'),
        what: 'charge or order',
        so: 'so its payer is never asked',
      });
    case 'dispute':
      return unknownProblems(`${path}.key`, step.key, {
        scope,
        purchases: value.steps.filter((one) => one.do === 'charge' || one.do === 'checkout'),
        what: 'charge or order',
        so: 'so there is nothing to dispute',
      });
    case 'refund':
      return unknownProblems(`${path}.order`, step.order, {
        scope,
        purchases: value.steps.filter((one) => one.do === 'checkout'),
        what: 'order',
        so: 'so there is nothing to refund',
      });
    case 'reconcile':
      return step.day === undefined || isDay(step.day)
        ? []
        : [`${path}.day: ${step.day} is no day; name one that exists, or leave it out for the present one`];
    default:
      return [];
  }
}

/** The gateway tells purchases apart by scope and key alone. */
function clashProblems(path: string, { key, scope = usualScope }: CheckoutStep, value: Case): string[] {
  const index = value.steps.findIndex(
    (one) => one.do === 'charge' && one.key === key && (one.scope ?? usualScope) === scope,
  );
  if (index < 0) return [];
  return [
    `${path}.key: steps[${index}] charges under "${key}" in scope "${scope}" too; give the order another key`,
  ];
}

interface Naming {
  readonly scope: string;
  readonly purchases: readonly { readonly scope?: string | undefined; readonly key: string }[];
  readonly what: string;
  readonly so: string;
}

function unknownProblems(path: string, key: string, { scope, purchases, what, so }: Naming): string[] {
  const keys = purchases.filter((step) => (step.scope ?? usualScope) === scope).map((step) => step.key);
  if (keys.includes(key)) return [];
  const elsewhere = purchases.find((step) => step.key === key);
  const meant = nearest(key, keys);
  const way =
    elsewhere !== undefined
      ? `name its scope, "${elsewhere.scope ?? usualScope}"`
      : `${meant === undefined ? '' : `did you mean "${meant}"? `}Name the purchase of ${article(what)} ${what}`;
  return [`${path}: no ${what} in scope "${scope}" has the key "${key}", ${so}; ${way}`];
}

function article(what: string): string {
  return /^[aeio]/.test(what) ? 'an' : 'a';
}

function isDay(day: string): boolean {
  const atMs = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(atMs) && new Date(atMs).toISOString().startsWith(day);
}

function processProblems(path: string, process: number, processes: number): string[] {
  if (process < processes) return [];
  const names = processes === 1 ? 'only process 0' : `processes 0 to ${processes - 1}`;
  return [
    `${path}: there is no process ${process}, ${names}; set config.processes to ${process + 1} or more`,
  ];
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
