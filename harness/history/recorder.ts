// Writes a history while it happens and digests it on the way, so that the digest costs no second pass.

import { type Digest, digest } from './digest.ts';
import type { Books, Crossing, History, Incident, Outcome, Terms } from './history.ts';
import { type InsideRecorder, insideRecorder } from './inside-recorder.ts';
import type { Instant } from './instant.ts';
import type { Site } from './sites.ts';

/** What is known of a crossing when it is called. */
export interface Called {
  readonly actor: string;
  readonly process: string;
  readonly incarnation: number;
  readonly site: Site;
  readonly nth: number;
  readonly request: unknown;
  readonly faults: readonly string[];
}

/** What only the end of the run knows. */
export interface Closing {
  readonly terms: Terms;
  readonly books: Books;
  readonly deadlocked: readonly string[];
}

/** A history being written. Times are virtual milliseconds. */
export interface Recorder extends InsideRecorder {
  /** What was crossed so far, in order. */
  readonly crossings: readonly Crossing[];
  instant(atMs: number): Instant;
  called(crossing: Called, atMs: number): Crossing;
  /** The first application sets `applied` and `effect`, a second one the `…Again` members. */
  applied(crossing: Crossing, atMs: number, effect: Outcome | undefined): void;
  /** Sets the effect of an application whose work took time. */
  effected(crossing: Crossing, effect: Outcome): void;
  replied(crossing: Crossing, atMs: number, reply: Outcome): void;
  incident(incident: Omit<Incident, 'at'>, atMs: number): void;
  close(closing: Closing): History;
}

/** Starts an empty history. */
export function recorder(): Recorder {
  const sum = digest();
  const crossings: Crossing[] = [];
  const incidents: Incident[] = [];
  let order = 0;
  let events = 0;

  const instant = (atMs: number): Instant => ({ atMs, order: order++ });
  const mark = (tag: number, id: number, atMs: number): Instant => {
    sum.word(tag);
    sum.word(id);
    sum.value(atMs);
    return instant(atMs);
  };

  const inside = insideRecorder(sum, mark);
  const { passages, logs } = inside;

  return {
    ...inside,
    crossings,
    instant,
    called(called, atMs) {
      const id = crossings.length;
      const crossing: Crossing = {
        id,
        actor: called.actor,
        process: called.process,
        incarnation: called.incarnation,
        site: called.site,
        nth: called.nth,
        request: called.request,
        faults: called.faults,
        called: mark(101, id, atMs),
      };
      digestCalled(sum, called);
      crossings.push(crossing);
      return crossing;
    },
    applied(crossing, atMs, effect) {
      events += 1;
      const at = mark(102, crossing.id, atMs);
      if (effect !== undefined) digestEffect(sum, crossing.site, effect);
      if (crossing.applied === undefined) {
        crossing.applied = at;
        if (effect !== undefined) crossing.effect = effect;
      } else {
        crossing.appliedAgain = at;
        if (effect !== undefined) crossing.effectAgain = effect;
      }
    },
    effected(crossing, effect) {
      sum.word(103);
      sum.word(crossing.id);
      sum.value(effect);
      if (crossing.effect === undefined) crossing.effect = effect;
      else crossing.effectAgain = effect;
    },
    replied(crossing, atMs, reply) {
      events += 1;
      crossing.replied = mark(104, crossing.id, atMs);
      crossing.reply = reply;
      if (reply !== crossing.effect) sum.value(reply);
    },
    incident(incident, atMs) {
      sum.text(incident.kind);
      sum.text(incident.process ?? '');
      sum.value(incident.ms);
      sum.text(incident.paymentToken ?? '');
      if (incident.outcome !== undefined) sum.text(incident.outcome);
      incidents.push({ ...incident, at: mark(105, incidents.length, atMs) });
    },
    close({ terms, books, deadlocked }) {
      sum.value(terms);
      digestBooks(sum, books);
      sum.value(deadlocked);
      return { terms, crossings, incidents, passages, logs, books, deadlocked, events, digest: sum.hex() };
    },
  };
}

/** Stores answer with records, alone or in lists, which never change and are seen again and again. */
function digestEffect(sum: Digest, site: Site, effect: Outcome): void {
  if (!effect.ok || typeof effect.value !== 'object' || effect.value === null) return sum.value(effect);
  const value = effect.value as Readonly<Record<string, unknown>>;
  const record = value['record'];
  if (typeof record !== 'object' || record === null) {
    if (Array.isArray(value)) return digestRecords(sum, value);
    return site === 'saga.read' || site === 'store.read' ? sum.kept(value) : sum.value(effect);
  }
  sum.kept(record);
  for (const name in value) {
    if (name === 'record') continue;
    sum.text(name);
    sum.value(value[name]);
  }
}

function digestRecords(sum: Digest, records: readonly unknown[]): void {
  sum.word(records.length);
  for (const record of records)
    if (typeof record === 'object' && record !== null) sum.kept(record);
    else sum.value(record);
}

function digestBooks(sum: Digest, { shop, ...books }: Books): void {
  sum.value(books);
  if (shop === undefined) return;
  for (const records of Object.values(shop)) digestRecords(sum, records);
}

function digestCalled(
  sum: Digest,
  { actor, process, incarnation, site, nth, faults, request }: Called,
): void {
  sum.text(actor);
  sum.text(process);
  sum.word(incarnation);
  sum.text(site);
  sum.word(nth);
  sum.word(faults.length);
  for (const fault of faults) sum.text(fault);
  sum.value(request);
}
