// Fewer requests: the first thing that makes a story shorter.

import type { Case, MoneyStep } from '../cases/case.ts';
import { edited, moneyOf } from './edit.ts';
import { dropChunks, type Pass } from './pass.ts';

/** Drops steps in chunks, then retries. */
export const dropSteps: Pass = function* (from) {
  let current = yield* dropChunks(from, stepCount, withoutSteps);
  current = yield* dropChunks(current, retryCount, withoutRetries);
};

/**
 * Drops one request but keeps what may have mattered about it: the time that passed with it, the retries that
 * followed it, or its faults, which another request takes over.
 */
export const foldRequests: Pass = function* (from) {
  let current = from;
  for (let step = moneyOf(current).length - 1; step >= 0; step--) {
    for (let retry = (moneyOf(current)[step]?.retries?.length ?? 0) - 1; retry >= 0; retry--) {
      const waited = edited(current, (draft) => {
        const retries = moneyOf(draft)[step]?.retries ?? [];
        const [gone] = retries.splice(retry, 1);
        const next = retries[retry];
        if (next !== undefined && gone !== undefined) next.afterMs += gone.afterMs;
      });
      if (yield waited) current = waited;
    }
    const promoted = edited(current, (draft) => promoteFirstRetry(moneyOf(draft)[step]));
    if (yield promoted) current = promoted;
  }
  for (let step = moneyOf(current).length - 1; step >= 0; step--) {
    const others = moneyOf(current).length - 1;
    for (let heir = 0; heir < others; heir++) {
      const inherited = edited(current, (draft) => bequeath(draft, step, heir));
      if (!(yield inherited)) continue;
      current = inherited;
      break;
    }
  }
};

function stepCount(subject: Case): number {
  return subject.steps.length;
}

function withoutSteps(subject: Case, dropped: (index: number) => boolean): Case {
  return edited(subject, (draft) => {
    draft.steps = draft.steps.filter((_, index) => !dropped(index));
  });
}

function retryCount(subject: Case): number {
  return moneyOf(subject).reduce((sum, step) => sum + (step.retries?.length ?? 0), 0);
}

function withoutRetries(subject: Case, dropped: (index: number) => boolean): Case {
  let index = -1;
  return edited(subject, (draft) => {
    for (const step of moneyOf(draft)) {
      step.retries = (step.retries ?? []).filter(() => {
        index += 1;
        return !dropped(index);
      });
    }
  });
}

function promoteFirstRetry(step: MoneyStep | undefined): void {
  const first = step?.retries?.shift();
  if (step === undefined || first === undefined) return;
  step.at += first.afterMs;
  step.faults = first.faults ?? [];
  step.amountMinor = first.amountMinor ?? step.amountMinor;
  step.process = first.process ?? step.process;
}

function bequeath(draft: Case, step: number, heir: number): void {
  const requests = moneyOf(draft);
  const gone = requests[step];
  const left = requests.filter((other) => other !== gone)[heir];
  if (gone === undefined || left === undefined) return;
  left.faults = [...(left.faults ?? []), ...(gone.faults ?? [])];
  if (left.retries === undefined && gone.retries !== undefined) left.retries = gone.retries;
  draft.steps = draft.steps.filter((other) => other !== gone);
}
