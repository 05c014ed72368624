// S21. Card data that a customer types where none belongs must not stay anywhere: not in a log, not in a store, not in a
// message.

import type { Crossing, History, Outcome } from '../history/history.ts';
import type { OrderIntent } from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { canariesOf, canaryWithin } from './canaries.ts';
import { canaryGlance } from './canary-glance.ts';
import type { Checker, Verdict } from './checker.ts';
import { crossingsAt } from './crossings-at.ts';
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

function check(history: History): Verdict {
  const { logs, crossings, books } = history;
  if (books.shop === undefined) return holds(0);
  const canaries = new Set<string>();
  for (const { request } of crossingsAt(history, 'client.checkout'))
    for (const one of canariesOf(request as OrderIntent)) canaries.add(one);
  if (canaries.size === 0) return holds(0);
  const mayHold = glanceFor(canaries);
  let judged = 0;
  // The report is a place as well: it tells where, and not what.
  const leaked = (found: string, where: string, crossing?: Crossing): Verdict =>
    breaks(`${where} holds ${found.startsWith('cvv') ? 'a CVV' : 'a card number'} that a customer wrote`, [
      crossing,
      writerOf(history, found),
    ]);
  const within = (value: unknown): string | undefined => {
    judged += 1;
    return mayHold(value) ? canaryWithin(value, canaries) : undefined;
  };
  for (const { record, actor, at } of logs) {
    const found = within(record);
    if (found !== undefined) return leaked(found, `the log record of ${actor} at ${at.atMs} ms`);
  }
  for (const crossing of crossings) {
    const { site, actor, request, effect, reply } = crossing;
    const given = asked.has(site) ? undefined : within(request);
    if (given !== undefined) return leaked(given, `what ${actor} gave to ${site}`, crossing);
    const done = saidBy(site, effect);
    const seen = reply === effect ? undefined : saidBy(site, reply);
    const said =
      (done === undefined ? undefined : within(done)) ?? (seen === undefined ? undefined : within(seen));
    if (said !== undefined) return leaked(said, `what ${site} answered ${actor}`, crossing);
  }
  const { sagas, entries, inbox, pages } = books.shop;
  for (const [name, value] of Object.entries({ journal: sagas, ledger: entries, inbox, pager: pages })) {
    const found = within(value);
    if (found !== undefined) return leaked(found, `the ${name}`);
  }
  return holds(judged);
}

/** Cases plant the same few, and a glance has learned the texts of the cases before: it looks for whatever they planted. */
const planted = new Set<string>();
const mostPlanted = 100;
let glance = canaryGlance(planted);

function glanceFor(canaries: ReadonlySet<string>): (value: unknown) => boolean {
  if (planted.size >= mostPlanted) planted.clear();
  const before = planted.size;
  for (const canary of canaries) planted.add(canary);
  if (planted.size > before) glance = canaryGlance(planted);
  return glance;
}

/** The order whose customer wrote what was found: a log record and a book name no request. */
function writerOf(history: History, canary: string): Crossing | undefined {
  return history.crossings.find(
    ({ site, request }) => site === 'client.checkout' && canariesOf(request as OrderIntent).includes(canary),
  );
}

/** What is sent to the target is not the target's doing. */
const asked: ReadonlySet<Site> = new Set<Site>([
  'client.charge',
  'client.checkout',
  'client.refund',
  'client.reconcile',
  'webhook.deliver',
]);

/** Error messages, and what the target itself answers. */
function saidBy(site: Site, outcome: Outcome | undefined): unknown {
  if (outcome === undefined) return undefined;
  if (!outcome.ok) return outcome.error;
  return asked.has(site) ? outcome.value : undefined;
}
