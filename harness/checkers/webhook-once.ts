// W1. However often an event is delivered, under however many ids, and whoever else told of the same change before: the
// money is booked once.

import type { History } from '../history/history.ts';
import { bookedFacts, movedMinor, transitionOf } from './booked-facts.ts';
import type { Checker, Verdict } from './checker.ts';
import { writersOf } from './entry-writers.ts';
import { breaks, holds } from './verdicts.ts';

/** W1 webhook-once: at most one effect for each transition of each object. */
export const webhookOnce: Checker = {
  id: 'W1',
  name: 'webhook-once',
  statement: 'Each change of an object that the gateway made has at most one effect in the ledger.',
  evidence: ['books', 'trace'],
  assumes: [],
  hint:
    'One change was booked under two names: look for entries that are named after the event, or after the answer of the ' +
    'API, instead of after the object and what happened to it, and for checks that are not one operation with the write.',
  check,
};

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const { facts, strays } = bookedFacts(history);
  const [stray] = strays;
  if (stray !== undefined) {
    const payment = stray.payment?.gatewayId ?? 'no payment';
    const what = `${movedMinor(stray)} as ${transitionOf(stray)} of ${payment}`;
    return breaks(
      `entry ${stray.key} books ${what}, which is not so in the gateway's books`,
      writersOf(history, [stray]),
    );
  }
  let judged = 0;
  for (const { transition, object, entries } of facts) {
    if (entries.length > 1) {
      const keys = entries.map(({ key }) => key).join(', ');
      return breaks(
        `${object} was ${transition} once, and is booked ${entries.length} times: ${keys}`,
        writersOf(history, entries),
      );
    }
    judged += entries.length;
  }
  return holds(judged);
}
