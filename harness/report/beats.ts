// A history has everything; a story has what matters. This picks the moments to tell, in the order in which they
// happened: everything about the purchases in the evidence, up to the moment at which the invariant broke.

import type { BookedCharge, Crossing, History, Incident } from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import { outwardSites, type Site } from '../history/sites.ts';
import { faultsOn } from './fault-words.ts';
import { intentsOf } from './intents.ts';

/** One moment of a story. */
export type Beat =
  /** A crossing reached one of its stages. `charge` is what the gateway booked at that moment. */
  | {
      readonly kind: 'called' | 'applied' | 'again' | 'replied';
      readonly at: Instant;
      readonly crossing: Crossing;
      readonly charge?: BookedCharge;
    }
  /** The gateway booked something outside any application: slow work, a late commit. */
  | { readonly kind: 'booked'; readonly at: Instant; readonly charge: BookedCharge }
  /** Something happened to a process or to the world. */
  | { readonly kind: 'incident'; readonly at: Instant; readonly incident: Incident };

/** What to tell and what to point at. */
export interface Scene {
  readonly beats: readonly Beat[];
  /** Crossings that the verdict names; empty when it names none, and then everything is told. */
  readonly evidence: ReadonlySet<number>;
}

/** Picks the beats of `history` that show what the crossings in `evidence` are about. */
export function sceneOf(history: History, evidence: readonly number[]): Scene {
  const named = new Set(evidence);
  const intentOf = intentsOf(history);
  const intents = new Set<string | undefined>();
  for (const crossing of history.crossings) if (named.has(crossing.id)) intents.add(intentOf(crossing));
  const everything = named.size === 0 || (intents.size === 1 && intents.has(undefined));
  const idle = idleQuestions(history, named);
  const told = history.crossings.filter(
    (crossing) =>
      !idle.has(crossing.actor) && (everything || named.has(crossing.id) || intents.has(intentOf(crossing))),
  );
  const charges = history.books.charges.filter((charge) => everything || intents.has(charge.paymentToken));
  const incidents = history.incidents.filter(
    ({ paymentToken }) => paymentToken === undefined || everything || intents.has(paymentToken),
  );
  const ends = struckWith(told, named);
  const endOrder =
    named.size === 0
      ? Number.POSITIVE_INFINITY
      : Math.max(endOf(ends, charges), ...crashOrders(history, ends), ...stepUpOrders(incidents, charges));
  const beats = [...crossingBeats(told, charges), ...incidentBeats(incidents, told)]
    .filter((beat) => beat.at.order <= endOrder)
    .sort((left, right) => left.at.order - right.at.order);
  return { beats: withoutIdleIncidents(beats), evidence: named };
}

/**
 * Who asked when all was over, a client for its payment or an operator for a day's books, and was told what was known: it
 * explains nothing, unless the evidence says so.
 */
function idleQuestions(
  { crossings, incidents }: History,
  evidence: ReadonlySet<number>,
): ReadonlySet<string> {
  const healed = incidents.find(({ kind }) => kind === 'healed')?.at.order ?? Number.POSITIVE_INFINITY;
  const idle = new Set<string>();
  const busy = new Set<string>();
  for (const { id, actor, site, called, faults, effect } of crossings) {
    if (called.order < healed || !/^(ask|reconcile):/.test(actor)) continue;
    const changed = effect?.ok === true && changes.has(site);
    if (changed || faults.length > 0 || evidence.has(id)) busy.add(actor);
    else idle.add(actor);
  }
  return idle.difference(busy);
}

const changes: ReadonlySet<Site> = new Set<Site>(['ledger.commit', 'oncall.page', ...outwardSites]);

/** The evidence, and what struck those whose doing it is, however much later: the story would not be one without. */
function struckWith(told: readonly Crossing[], evidence: ReadonlySet<number>): readonly Crossing[] {
  const named = told.filter(({ id }) => evidence.has(id));
  const actors = new Set(named.map(({ actor }) => actor));
  return told.filter(({ id, actor, faults }) => evidence.has(id) || (actors.has(actor) && faults.length > 0));
}

/** When the processes crashed that were to crash at one of `struck`. */
function crashOrders({ incidents }: History, struck: readonly Crossing[]): readonly number[] {
  return struck
    .filter(({ faults }) => faults.some((kind) => kind.startsWith('crash')))
    .flatMap(({ process, called }) => {
      const crash = incidents.find(
        ({ kind, process: where, at }) => kind === 'crashed' && where === process && at.order > called.order,
      );
      return crash === undefined ? [] : [crash.at.order];
    });
}

/** The last moment at which the evidence still moved. */
function endOf(evidence: readonly Crossing[], charges: readonly BookedCharge[]): number {
  let end = 0;
  for (const crossing of evidence) {
    const { called, applied, appliedAgain, replied } = crossing;
    for (const at of [called, applied, appliedAgain, replied]) end = Math.max(end, at?.order ?? 0);
    if (!crossing.site.startsWith('gateway.')) continue;
    for (const charge of charges) if (sentBy(charge, crossing)) end = Math.max(end, charge.at.order);
  }
  return end;
}

/** When payers answered who may have been challenged: what a payment came to shows only then. */
function stepUpOrders(incidents: readonly Incident[], charges: readonly BookedCharge[]): readonly number[] {
  return incidents
    .filter(({ kind, at }) => kind === 'stepped-up' && charges.some((charge) => charge.at.order < at.order))
    .map(({ at }) => at.order);
}

function crossingBeats(crossings: readonly Crossing[], charges: readonly BookedCharge[]): readonly Beat[] {
  const beats: Beat[] = [];
  const unbooked = new Set(charges);
  const bookedAt = (crossing: Crossing, at: Instant): { readonly charge?: BookedCharge } => {
    for (const charge of unbooked) {
      if (charge.at.atMs !== at.atMs || !sentBy(charge, crossing)) continue;
      unbooked.delete(charge);
      return { charge };
    }
    return {};
  };
  for (const crossing of crossings) {
    const { called, applied, appliedAgain, replied } = crossing;
    beats.push({ kind: 'called', at: called, crossing });
    if (applied !== undefined)
      beats.push({ kind: 'applied', at: applied, crossing, ...bookedAt(crossing, applied) });
    if (appliedAgain !== undefined) {
      beats.push({ kind: 'again', at: appliedAgain, crossing, ...bookedAt(crossing, appliedAgain) });
    }
    if (replied !== undefined) beats.push({ kind: 'replied', at: replied, crossing });
    else if (applied !== undefined && faultsOn('back', crossing.faults) !== undefined) {
      // An answer that never came has no instant; it is told right after the application, where it is missed.
      beats.push({ kind: 'replied', at: { ...applied, order: applied.order + 0.5 }, crossing });
    }
  }
  for (const charge of unbooked) beats.push({ kind: 'booked', at: charge.at, charge });
  return beats;
}

function sentBy(charge: BookedCharge, { site, request }: Crossing): boolean {
  if (site !== 'gateway.authorize') return false;
  const sent = request as { readonly idempotencyKey?: unknown; readonly paymentToken?: unknown };
  return sent.idempotencyKey === charge.idempotencyKey && sent.paymentToken === charge.paymentToken;
}

function incidentBeats(incidents: readonly Incident[], told: readonly Crossing[]): readonly Beat[] {
  const processes = new Set(told.map((crossing) => crossing.process));
  const down = new Set<string | undefined>();
  const beats: Beat[] = [];
  for (const incident of incidents) {
    const { kind, process, at } = incident;
    if (process !== undefined && !processes.has(process)) continue;
    if (kind === 'crashed') down.add(process);
    // Only a start after a crash is news: every run begins with one.
    const toTell = kind === 'started' ? down.delete(process) : kind !== 'settled';
    if (toTell) beats.push({ kind: 'incident', at, incident });
  }
  return beats;
}

/** Incidents before the first or after the last thing that was told explain nothing, but a crash says why it was the last. */
function withoutIdleIncidents(beats: readonly Beat[]): readonly Beat[] {
  const first = beats.findIndex((beat) => beat.kind !== 'incident');
  const last = beats.findLastIndex((beat) => beat.kind !== 'incident');
  return beats.filter(
    (beat, index) =>
      beat.kind !== 'incident' ||
      beat.incident.kind === 'clock-jumped' ||
      beat.incident.kind === 'stepped-up' ||
      (beat.incident.kind === 'crashed' && index > first) ||
      (index > first && index < last),
  );
}
