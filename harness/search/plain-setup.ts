// A plainer set-up: fewer switches, one process, one sweep, one key, one currency, no members that only repeat what
// is understood.

import { type Case, isRequest, retriesOf } from '../cases/case.ts';
import { carriersOf, edited, moneyOf, purchasesOf, rekey } from './edit.ts';
import type { Pass } from './pass.ts';
import { plainAmountMinor } from './weight.ts';

type Change = (draft: Case) => void;

/** Takes out switches of the configuration, processes and sweeps. */
export const plainConfig: Pass = function* (from) {
  yield* offer(from, configChanges);
};

/** Makes keys, scopes, currencies, processes and optional members plain: all of a sort at once, then one by one. */
export const plainDetails: Pass = function* (from) {
  yield* offer(from, detailChanges);
};

/** Offers every change in turn, each on top of what was kept before it. */
function* offer(from: Case, changesOf: (subject: Case) => readonly Change[]): Generator<Case, void, boolean> {
  let current = from;
  for (const change of changesOf(from)) {
    const candidate = edited(current, change);
    if (isConfused(candidate)) continue;
    if (yield candidate) current = candidate;
  }
}

/** Whether an order and a charge have come to have one name, by which nobody could tell them apart. */
function isConfused({ steps }: Case): boolean {
  const orders = steps.filter((step) => step.do === 'checkout');
  return steps.some(
    (step) =>
      step.do === 'charge' && orders.some(({ scope, key }) => scope === step.scope && key === step.key),
  );
}

function configChanges({ config = {}, background = {} }: Case): readonly Change[] {
  const changes: Change[] = [(draft) => delete draft.config, toOneProcess];
  for (let count = (config.processes ?? 1) - 1; count > 1; count--)
    changes.push((draft) => toProcesses(draft, count));
  const members = Object.keys(config) as (keyof typeof config)[];
  for (const member of members) {
    if (member !== 'processes') changes.push((draft) => delete draft.config?.[member]);
  }
  for (const member of Object.keys(config.breaker ?? {}) as (keyof NonNullable<typeof config.breaker>)[])
    changes.push((draft) => delete draft.config?.breaker?.[member]);
  for (const member of Object.keys(config.limit ?? {}) as (keyof NonNullable<typeof config.limit>)[])
    changes.push((draft) => delete draft.config?.limit?.[member]);
  for (const member of Object.keys(config.webhooks ?? {}) as (keyof NonNullable<typeof config.webhooks>)[])
    changes.push((draft) => delete draft.config?.webhooks?.[member]);
  const sweeps = config.sweeps ?? 1;
  for (let kept = 1; kept <= sweeps; kept++) changes.push((draft) => onlySweep(draft, kept));
  for (const name of Object.keys(background)) changes.push((draft) => delete draft.background?.[name]);
  for (let count = 1; count < sweeps; count++) {
    changes.push((draft) => {
      if (draft.config !== undefined) draft.config.sweeps = count;
    });
  }
  return changes;
}

function toOneProcess(draft: Case): void {
  toProcesses(draft, 1);
}

/** Keeps `count` processes and sends what went to others to the first. */
function toProcesses(draft: Case, count: number): void {
  const { config } = draft;
  if (config === undefined) return;
  config.processes = count;
  if (config.skewMs !== undefined) config.skewMs = config.skewMs.slice(0, count);
  for (const step of draft.steps) {
    if ('process' in step && step.process >= count) step.process = 0;
    if (!isRequest(step)) continue;
    for (const retry of retriesOf(step)) {
      if (count === 1) delete retry.process;
      else if ((retry.process ?? 0) >= count) retry.process = 0;
    }
  }
}

/** Leaves one sweep, at the time at which the `kept`-th was. */
function onlySweep(draft: Case, kept: number): void {
  const { config, background } = draft;
  if (config?.sweepEveryMs === undefined) return;
  config.sweepEveryMs *= kept;
  config.sweeps = 1;
  const faults = background?.[`sweep:${kept}`];
  if (faults === undefined) delete draft.background;
  else draft.background = { 'sweep:1': faults };
}

function detailChanges(from: Case): readonly Change[] {
  return [
    ...intentChanges(from),
    ...processChanges(from),
    ...memberChanges(from),
    ...stepUpChanges(from),
    ...shopChanges(from),
  ];
}

function stepUpChanges({ steps }: Case): Change[] {
  return steps.flatMap((one, index) => {
    if (one.do !== 'step-up') return [];
    return (draft) => Object.assign(draft.steps[index] ?? {}, { outcome: 'authenticated' });
  });
}

/** Orders without anything special, and acts of others that say no more than they must. */
function shopChanges({ steps }: Case): Change[] {
  return steps.flatMap((one, index): Change[] => {
    const without = (member: string): Change[] =>
      Object.hasOwn(one, member) ? [(draft) => Reflect.deleteProperty(draft.steps[index] ?? {}, member)] : [];
    if (one.do === 'checkout') return [...without('risk'), ...without('note')];
    if (one.do === 'dispute') return without('amountMinor');
    return one.do === 'reconcile' ? without('day') : [];
  });
}

function intentChanges(from: Case): Change[] {
  const onRequests = (change: (step: ReturnType<typeof moneyOf>[number]) => void): Change => {
    return (draft) => {
      for (const step of moneyOf(draft)) change(step);
    };
  };
  const onPurchases = (change: (step: ReturnType<typeof purchasesOf>[number]) => void): Change => {
    return (draft) => {
      for (const step of purchasesOf(draft)) change(step);
    };
  };
  const changes = [
    onPurchases((step) => delete step.scope),
    onPurchases((step) => rekey(step, () => 'k1')),
    onRequests((step) => (step.currency = 'USD')),
    onRequests((step) => (step.amountMinor = plainAmountMinor)),
    shiftAmounts,
  ];
  const keys = [...new Set(moneyOf(from).flatMap((step) => (step.do === 'refund' ? [] : [step.key])))];
  for (const [index, key] of keys.entries()) {
    for (const other of keys.slice(index + 1)) {
      changes.push(
        onPurchases((step) => {
          rekey(step, (own) => (own === other ? key : own));
        }),
      );
    }
  }
  for (const index of moneyOf(from).keys()) {
    const onOne = (change: (step: ReturnType<typeof moneyOf>[number]) => void): Change => {
      return (draft) => {
        const step = moneyOf(draft)[index];
        if (step !== undefined) change(step);
      };
    };
    changes.push(
      onOne((step) => delete step.scope),
      onOne((step) => (step.currency = 'USD')),
      onOne((step) => (step.amountMinor = plainAmountMinor)),
    );
    for (const retry of moneyOf(from)[index]?.retries?.keys() ?? []) {
      changes.push(onOne((step) => delete step.retries?.[retry]?.amountMinor));
    }
  }
  return changes;
}

/** Makes the least amount the plain one and keeps what the others differ by. */
function shiftAmounts(draft: Case): void {
  const amounts = moneyOf(draft).flatMap((step) => [step, ...(step.retries ?? [])]);
  const least = Math.min(...amounts.map(({ amountMinor = Number.MAX_SAFE_INTEGER }) => amountMinor));
  for (const bearer of amounts) {
    if (bearer.amountMinor !== undefined) bearer.amountMinor += plainAmountMinor - least;
  }
}

function processChanges(from: Case): Change[] {
  const changes: Change[] = [
    (draft) => {
      for (const step of draft.steps) {
        if ('process' in step) step.process = 0;
        if (isRequest(step)) for (const retry of retriesOf(step)) delete retry.process;
      }
    },
  ];
  for (const [index, one] of from.steps.entries()) {
    const process = 'process' in one ? one.process : 0;
    for (let lower = 0; lower < process; lower++) {
      changes.push((draft) => {
        const step = draft.steps[index];
        if (step !== undefined && 'process' in step) step.process = lower;
      });
    }
  }
  for (const [index, step] of moneyOf(from).entries()) {
    for (const retry of step.retries?.keys() ?? []) {
      changes.push((draft) => delete moneyOf(draft)[index]?.retries?.[retry]?.process);
    }
  }
  return changes;
}

function memberChanges(from: Case): Change[] {
  const changes: Change[] = [];
  for (const member of ['ms', 'restartAfterMs', 'retryAfter'] as const) {
    changes.push((draft) => {
      for (const carrier of carriersOf(draft)) for (const fault of carrier.faults ?? []) delete fault[member];
    });
    for (const [index, carrier] of carriersOf(from).entries()) {
      for (const [place, fault] of (carrier.faults ?? []).entries()) {
        if (fault[member] === undefined) continue;
        changes.push((draft) => delete carriersOf(draft)[index]?.faults?.[place]?.[member]);
      }
    }
  }
  return changes;
}
