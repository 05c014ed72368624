// S20. What is not in the audit log can't be explained to a customer, a card scheme or a court; what is in it twice, or
// never happened, explains something else.

import type { Crossing, History, LogEntry } from '../history/history.ts';
import { type AuditEvent, auditEventsOf, plainlyAudited } from './audit-events.ts';
import { misnamedBy } from './audit-names.ts';
import { shopAuditEventsOf } from './audit-shop-events.ts';
import type { Checker, Verdict } from './checker.ts';
import { type ShopActorView, shopOf } from './shop-view.ts';
import { breaks, holds, untraced } from './verdicts.ts';
import type { ActorView } from './view.ts';
import { viewOf } from './view-of.ts';

/** S20 audit-complete: every attempt, replay, conflict and local rejection has exactly one audit record. */
export const auditComplete: Checker = {
  id: 'S20',
  name: 'audit-complete',
  statement:
    'Every attempt, replay, conflict and local rejection has exactly one audit record, under a key of its payment, and ' +
    'nothing else has one; one may be missing where a process died.',
  evidence: ['bytes', 'answers', 'trace'],
  assumes: [],
  hint:
    'Something is decided where nobody writes it down, or is written down twice: look at where the log stands in the ' +
    'stack, and at each way in which a call can end without reaching it.',
  check,
};

function check(history: History): Verdict {
  const lost = untraced(history.terms);
  if (lost !== undefined) return lost;
  if (!history.terms.audits) return holds(0);
  const shop = shopOf(history);
  let judged = 0;
  for (const actor of viewOf(history).actors.values()) {
    const own = shop && actor.request === undefined ? (shop.actors.get(actor.id) ?? idle) : undefined;
    const plain = own === undefined ? plainlyAudited(actor) : undefined;
    if (plain !== undefined) {
      judged += plain;
      continue;
    }
    const misnamed = misnamedBy(actor, own);
    if (misnamed !== undefined)
      return breaks(`the audit log of ${actor.id} has ${misnamed}`, shownFor(actor));
    const { tier } = history.terms;
    const events = own === undefined ? auditEventsOf(actor, tier) : shopAuditEventsOf({ actor, own, tier });
    const records = actor.logs.filter(isAudit);
    if (events.length === 0 && records.length === 0) continue;
    const { unmatched, extra } = matched(events, records);
    if (extra !== undefined) return unfounded(actor, extra, events);
    judged += events.length - unmatched.length;
    if (unmatched.length === 0) continue;
    const missing = unmatched.filter(({ optional }) => !optional);
    const [first] = missing;
    if (first !== undefined && missing.length > (hasDied(history, actor, first) ? 1 : 0)) {
      return breaks(`the audit log has no record of ${first.words} (${actor.id})`, [first.crossing]);
    }
  }
  return holds(judged);
}

/** Who did nothing for orders by itself. */
const idle: ShopActorView = {
  request: undefined,
  opens: [],
  takesUp: [],
  movements: [],
  verdicts: [],
  limits: [],
};

/** A record of the audit log, as `AuditRecord` of the layers; other records that are logged are none of it. */
interface Audited extends LogEntry {
  readonly record: { readonly audit: string; readonly code?: string };
}

function isAudit(entry: LogEntry): entry is Audited {
  return typeof entry.record['audit'] === 'string';
}

interface Matching {
  readonly unmatched: readonly AuditEvent[];
  /** The first record that nothing stands behind. */
  readonly extra: Audited | undefined;
}

/** Gives each record an event: one that demands its very code before one that takes any, one that must be before one that may. */
function matched(events: readonly AuditEvent[], records: readonly Audited[]): Matching {
  const open = [...events];
  let left: readonly Audited[] = records;
  for (const fits of fitting) {
    if (left.length === 0) break;
    left = left.filter(({ record }) => {
      let place = open.findIndex((event) => !event.optional && fits(event, record));
      if (place < 0) place = open.findIndex((event) => fits(event, record));
      if (place < 0) return true;
      open.splice(place, 1);
      return false;
    });
  }
  return { unmatched: open, extra: left[0] };
}

type Fit = (event: AuditEvent, record: Audited['record']) => boolean;

const isOfCode: Fit = (event, record) => event.audit === record.audit && event.code === record.code;

const isOfKind: Fit = ({ audit, code }, record) => {
  if (code !== undefined) return false;
  return audit === 'decision' ? record.audit !== 'attempt' : audit === record.audit && record.code !== 'ok';
};

const fitting: readonly Fit[] = [isOfCode, isOfKind];

function unfounded(actor: ActorView, { record, at }: Audited, events: readonly AuditEvent[]): Verdict {
  const alike = events.filter(({ audit, code }) => audit === record.audit && code === record.code).length;
  const than = alike === 0 ? 'that nothing stands behind' : `more than the ${alike} that there should be`;
  const shown = events.map(({ crossing }) => crossing);
  return breaks(
    `the audit log has a record of ${actor.id} at ${at.atMs} ms (${record.audit}, ${record.code ?? 'no code'}) ${than}`,
    shown,
  );
}

function shownFor({ sends, claims }: ActorView): readonly Crossing[] {
  return [...claims, ...sends.map(({ crossing }) => crossing)];
}

/** Whether the life that the actor ran in ended by a crash: what it was about to write died with it. */
function hasDied(
  { incidents }: History,
  { sends, passages, logs, claims }: ActorView,
  event: AuditEvent,
): boolean {
  const place = sends[0]?.crossing ?? passages[0] ?? logs[0] ?? claims[0] ?? event.crossing;
  if (place === undefined) return false;
  const crashes = incidents.filter(({ kind, process }) => kind === 'crashed' && process === place.process);
  return crashes.length >= place.incarnation;
}
