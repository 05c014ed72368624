// L1. After the storm every purchase comes to an end: who asks once more is told paid or not paid.

import type { Crossing, History } from '../history/history.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
import { judgeOrdersFinished } from './orders-finish.ts';
import { mayConflict } from './payloads.ts';
import { breaks, holds, isAsk, nameOf, toldBy } from './verdicts.ts';
import { type IntentView, recordAfter } from './view.ts';
import { viewOf } from './view-of.ts';

/** L1 requests-finish: every request ends in success, declined or not charged once the world has healed. */
export const requestsFinish: Checker = {
  id: 'L1',
  name: 'requests-finish',
  statement: 'After healing, every request ends in success, declined or not charged.',
  evidence: ['answers'],
  assumes: ['bounded-delay'],
  hint:
    'Something is stuck: look for a record that nobody takes over, an unknown outcome that is never looked up again, ' +
    'and a key that the gateway has sealed with an error.',
  check,
};

function check(history: History): Verdict {
  const { deadlocked, terms } = history;
  if (deadlocked.length > 0) {
    return breaks(
      `${deadlocked.join(', ')} never ended, although nothing was left to happen`,
      stuck(history),
    );
  }
  const bounded = !terms.broken.includes('bounded-delay') && Number.isFinite(terms.maxEffectDelayMs);
  const orders = judgeOrdersFinished(history);
  if (bounded && orders.open !== undefined)
    return breaks(`${orders.open.ask.actor} asked for ${orders.open.words}`, [orders.open.ask]);
  let { judged } = orders;
  let queued: Crossing | undefined;
  for (const intent of viewOf(history).intents) {
    for (const ask of intent.requests) {
      if (!isAsk(ask)) continue;
      const told = toldBy(ask);
      if (told?.kind === 'ok' || told?.kind === 'failed' || mayConflict(history, intent, ask)) {
        judged += 1;
      } else if (!bounded && told !== undefined && isQueued(intent)) {
        queued ??= ask;
      } else {
        const answer = told === undefined ? 'got no answer' : `was told ${told.kind} (${told.code})`;
        return breaks(
          `${ask.actor} asked for ${nameOf(intent)} after everything had healed and ${answer}`,
          shownFor(intent, ask),
        );
      }
    }
  }
  if (queued === undefined) return holds(judged);
  const why =
    'the gateway may carry a request out at any time, so an outcome may stay unknown, and is queued as such';
  return { verdict: 'not-promised', why };
}

/** Whether the record says "undecided", so that a later sweep will find it; without a trace it may. */
function isQueued({ slots }: IntentView): boolean {
  return slots.every(({ operations }) => {
    const last = operations.findLast((operation) => recordAfter(operation) !== undefined);
    const state = last === undefined ? undefined : recordAfter(last)?.state;
    return state === 'UNKNOWN' || state === 'PENDING';
  });
}

function stuck(history: History): readonly Crossing[] {
  const { deadlocked } = history;
  if (deadlocked.length === 0) return [];
  return crossingsAt(history, 'client.charge').filter(({ actor }) => deadlocked.includes(actor));
}

function shownFor(intent: IntentView, ask: Crossing): readonly Crossing[] {
  return [...intent.sends.map((send) => send.crossing), ask];
}
