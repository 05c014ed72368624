// L3. No saga is left half way: it completes, is undone, or waits in the repair queue of people who were called.

import type { StepProgress } from '../../src/saga/progress.ts';
import type { History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { type SagaMoment, type SagaView, type ShopView, sagaCalled, shopOf } from './shop-view.ts';
import { breaks, holds } from './verdicts.ts';

/** L3 sagas-end: every saga ends; FAILED_COMPENSATION is queued and paged. */
export const sagasEnd: Checker = {
  id: 'L3',
  name: 'sagas-end',
  statement:
    'After healing every saga has ended, and people were called for each that ended in FAILED_COMPENSATION.',
  evidence: ['trace', 'books'],
  assumes: ['bounded-delay'],
  hint:
    'Nobody goes on with the saga: look for a lease that recovery does not take over, a next look that was never ' +
    'journalled, and a page that was lost with the process that was to make it.',
  check,
};

function check(history: History): Verdict {
  const shop = shopOf(history);
  if (shop?.settledAt === undefined) return holds(0);
  const { broken, maxEffectDelayMs } = history.terms;
  const bounded = !broken.includes('bounded-delay') && Number.isFinite(maxEffectDelayMs);
  let judged = 0;
  let waiting = false;
  for (const saga of shop.sagas) {
    const { final } = saga;
    if (final === undefined) return broke(saga, 'is not in its journal any more');
    if (final.state === 'RUNNING' || final.state === 'COMPENSATING') {
      if (final.dueAtMs === undefined)
        return broke(saga, `is ${final.state}, and nobody will ever look at it`);
      if (bounded) return broke(saga, `is still ${final.state} after everything had settled`);
      waiting = true;
      continue;
    }
    judged += 1;
    const left = uncalled(shop, saga);
    if (left !== undefined) return broke(saga, 'ended as FAILED_COMPENSATION, and nobody was called', left);
  }
  if (!waiting) return holds(judged);
  const why =
    'the gateway may carry a request out at any time, so a saga may have to wait, and is queued as such';
  return { verdict: 'not-promised', why };
}

function broke(saga: SagaView, what: string, shown = saga.moments.at(-1)): Verdict {
  return breaks(`${sagaCalled(saga)} ${what}`, [shown?.crossing]);
}

/**
 * The first write that left a saga to people of whom none was called before it was gone on with; undefined when there is none.
 * A repair does not make up for it: whoever came by might as well not have. A call may come before the write, for a step that is
 * stuck while others go on; and where a repair ends with the same steps stuck for the same reasons, people have been called.
 */
function uncalled(shop: ShopView, saga: SagaView): SagaMoment | undefined {
  let fromOrder = Number.NEGATIVE_INFINITY;
  let left: SagaMoment | undefined;
  let matters: readonly string[] = [];
  let known: readonly string[] = [];
  for (const moment of saga.moments) {
    const { record, at, steps } = moment;
    if (record.state === 'FAILED_COMPENSATION') {
      matters = mattersIn(steps);
      if (record.dueAtMs === undefined && !isKnown(matters, known)) left ??= moment;
    } else if (left !== undefined) {
      if (!wasPaged(shop, saga, { fromOrder, untilOrder: at.order })) return left;
      left = undefined;
      known = matters;
      fromOrder = at.order;
    }
  }
  const untilOrder = Number.POSITIVE_INFINITY;
  const isLeft = saga.final?.state === 'FAILED_COMPENSATION' && !isKnown(mattersIn(saga.finalSteps), known);
  return isLeft && !wasPaged(shop, saga, { fromOrder, untilOrder })
    ? (left ?? saga.moments.at(-1))
    : undefined;
}

/** The steps that are stuck, and why. */
function mattersIn(steps: readonly StepProgress[]): readonly string[] {
  return steps.filter(({ stuck }) => stuck).map(({ name, error }) => JSON.stringify([name, error?.code]));
}

function isKnown(matters: readonly string[], known: readonly string[]): boolean {
  return matters.length > 0 && matters.every((matter) => known.includes(matter));
}

interface Span {
  readonly fromOrder: number;
  readonly untilOrder: number;
}

function wasPaged({ books }: ShopView, { name }: SagaView, { fromOrder, untilOrder }: Span): boolean {
  return books.pages.some(
    ({ about, at }) => at.order > fromOrder && at.order < untilOrder && names(about, name.id),
  );
}

/** Whether a text has an id as a word of its own, so that nobody is called for order-1 when order-10 is meant. */
function names(about: string, id: string): boolean {
  for (let from = about.indexOf(id); from !== -1; from = about.indexOf(id, from + 1)) {
    if (!isWordAt(about, from - 1) && !isWordAt(about, from + id.length)) return true;
  }
  return false;
}

function isWordAt(text: string, index: number): boolean {
  return /[\p{L}\p{N}_]/u.test(text.charAt(index));
}
