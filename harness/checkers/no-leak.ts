// S21. Card data that a customer types where none belongs must not stay anywhere: not in a log, not in a store, not in a
// message.

import type { Crossing, History, Outcome } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { canariesOf, canaryWithin } from './canaries.ts';
import { canaryGlance } from './canary-glance.ts';
import type { Checker, Verdict } from './checker.ts';
import { breaks, holds } from './verdicts.ts';

/** S21 no-leak: nothing that the case planted is logged, stored or answered. */
export const noLeak: Checker = {
  id: 'S21',
  name: 'no-leak',
  statement:
    'No card number or code that the case planted appears in a log record, a stored value, an error message or an answer.',
  evidence: ['bytes'],
  assumes: [],
  hint:
    "A customer's text was passed on as it came: look at what is logged of requests and errors, and what sagas, records " +
    'and events keep, before redaction sees it.',
  check,
};

/** A place in which something may be found. */
interface Place {
  /** What it is, for the report. */
  readonly words: () => string;
  readonly value: unknown;
  readonly crossing?: Crossing;
}

function check(history: History): Verdict {
  if (history.books.shop === undefined) return holds(0);
  const canaries = new Set<string>();
  for (const { site, request } of history.crossings)
    if (site === 'client.checkout') for (const one of canariesOf(request as OrderIntent)) canaries.add(one);
  if (canaries.size === 0) return holds(0);
  const mayHold = canaryGlance(canaries);
  let judged = 0;
  for (const { words, value, crossing } of placesOf(history)) {
    judged += 1;
    const found = mayHold(value) ? canaryWithin(value, canaries) : undefined;
    // The report is a place as well: it tells where, and not what.
    if (found !== undefined)
      return breaks(
        `${words()} holds ${found.startsWith('cvv') ? 'a CVV' : 'a card number'} that a customer wrote`,
        [crossing],
      );
  }
  return holds(judged);
}

/** What is sent to the target is not the target's doing. */
const asked: ReadonlySet<Site> = new Set<Site>([
  'client.charge',
  'client.checkout',
  'client.refund',
  'client.reconcile',
  'webhook.deliver',
]);

function* placesOf({ crossings, logs, books }: History): Generator<Place> {
  for (const { record, actor, at } of logs)
    yield { words: () => `the log record of ${actor} at ${at.atMs} ms`, value: record };
  for (const crossing of crossings) {
    const { site, actor, request, effect, reply } = crossing;
    if (!asked.has(site)) yield { words: () => `what ${actor} gave to ${site}`, value: request, crossing };
    for (const outcome of effect === reply ? [effect] : [effect, reply]) {
      const value = saidBy(site, outcome);
      if (value !== undefined) yield { words: () => `what ${site} answered ${actor}`, value, crossing };
    }
  }
  const { sagas = [], entries = [], inbox = [], pages = [] } = books.shop ?? {};
  for (const [name, value] of Object.entries({ journal: sagas, ledger: entries, inbox, pager: pages }))
    yield { words: () => `the ${name}`, value };
}

/** Error messages, and what the target itself answers. */
function saidBy(site: Site, outcome: Outcome | undefined): unknown {
  if (outcome === undefined) return undefined;
  if (!outcome.ok) return outcome.error;
  return asked.has(site) ? outcome.value : undefined;
}
