// Marks of deliveries, reports and velocity counts: what a suite of a whole shop has to have met.

import type { VelocityAnswer } from '../../src/fraud/velocity-store.ts';
import type { InboxWriteAnswer } from '../../src/webhooks/inbox-store.ts';
import type { Crossing, History } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { bookedFacts } from './booked-facts.ts';
import { crossingsAt } from './crossings-at.ts';
import { announcedFacts, type Delivered, deliveriesOf, isAccepted, isRefused } from './deliveries-of.ts';
import type { Reach } from './mark-definitions.ts';
import { type ReadReport, reportsIn, runsOf } from './reconcile-runs.ts';

/** Notes the marks that a shop's webhooks, reports and counts reach. */
export function markWebhooks(history: History, reach: Reach): void {
  if (history.books.shop === undefined) return;
  for (const [site, mark] of stores)
    for (const crossing of crossingsAt(history, site))
      if (crossing.effect?.ok === true) mark(crossing.effect.value, crossing, reach);
  const deliveries = deliveriesOf(history);
  for (const delivered of deliveries) markDelivery(history, delivered, reach);
  if (haveOneEffect(history, deliveries)) reach('webhook-two-ids-one-effect');
  markReports(history, reach);
  for (const { crossing, result } of runsOf(history)) {
    if (result.repaired > 0) reach('reconciliation-repaired');
    const types = new Set(result.discrepancies.map(({ type }) => type));
    if (types.has('DUPLICATE')) reach('duplicate-row-found');
    if (types.has('AMOUNT_MISMATCH')) reach('amount-mismatch-found');
    if (types.has('STATUS_MISMATCH')) reach('status-mismatch-found');
    const isPage = ({ actor, applied }: Crossing): boolean =>
      actor === crossing.actor && applied !== undefined;
    if (types.has('MISSING_GATEWAY') && crossingsAt(history, 'oncall.page').some(isPage))
      reach('missing-row-paged');
  }
}

type Marker = (value: unknown, crossing: Crossing, reach: Reach) => void;

const markers: Readonly<Partial<Record<Site, Marker>>> = {
  'inbox.receive': (value, _, reach) => {
    if (!(value as { readonly first: boolean }).first) reach('webhook-duplicate-dropped');
  },
  'inbox.postpone': (value, { request }, reach) => {
    const { parked } = request as { readonly parked: boolean };
    if ((value as InboxWriteAnswer).written && parked) reach('webhook-parked');
  },
  'inbox.bury': (value, _, reach) => {
    if ((value as InboxWriteAnswer).written) reach('webhook-dead-lettered');
  },
  'velocity.reserve': (value, _, reach) => {
    if (!(value as VelocityAnswer).admitted) reach('velocity-blocked');
  },
  'velocity.release': (_, __, reach) => reach('velocity-given-back'),
};

const stores = Object.entries(markers) as readonly (readonly [Site, Marker])[];

function markDelivery(history: History, delivered: Delivered, reach: Reach): void {
  const { crossing, kind, statuses, announcement } = delivered;
  const refused = statuses.some(isRefused);
  if (kind === 'forged' && refused) reach('webhook-forged-refused');
  if (kind === 'stale' && refused) reach('webhook-stale-refused');
  if (kind !== 'authentic' || crossing.applied === undefined) return;
  const isRotated = crossing.faults.some(
    (fault) => fault === 'webhook-old-secret' || fault === 'webhook-both-secrets',
  );
  if (isRotated && statuses.some(isAccepted)) reach('webhook-rotated-accepted');
  if (announcement !== undefined && cameFirst(history, crossing.applied.order, announcement.object))
    reach('webhook-before-response');
}

/** Whether an announcement arrived before the answer to the request that made its object. */
function cameFirst(history: History, order: number, object: string): boolean {
  const made = ({ effect, replied }: Crossing): boolean =>
    effect?.ok === true &&
    (effect.value as { readonly id?: string }).id === object &&
    order < (replied?.order ?? Number.POSITIVE_INFINITY);
  return (
    crossingsAt(history, 'gateway.authorize').some(made) || crossingsAt(history, 'gateway.refund').some(made)
  );
}

/** Whether two events that announced one change were both accepted, and what they announced is booked once. */
function haveOneEffect(history: History, deliveries: readonly Delivered[]): boolean {
  const ids = new Map<string, string>();
  return deliveries.some(({ intent, kind, statuses, announcement }) => {
    if (kind !== 'authentic' || !statuses.some(isAccepted)) return false;
    const facts = announcedFacts(history, announcement);
    const { type, object } = announcement ?? {};
    const change = JSON.stringify([type, object, facts.length]);
    const known = ids.get(change) ?? intent.eventId;
    ids.set(change, known);
    return known !== intent.eventId && facts.length > 0 && facts.every(({ entries }) => entries.length === 1);
  });
}

/** A row that a report lacked, though it had happened by then, and that a later report of the day has. */
function markReports(history: History, reach: Reach): void {
  const reports = reportsIn(history);
  const { facts } = bookedFacts(history);
  const objects = new Map(
    reports.map((report) => [report, new Set(report.rows.map(({ gatewayId }) => gatewayId))]),
  );
  if (reports.some(looksBack)) reach('next-day-row');
  const none = new Set<string | undefined>();
  for (const [index, later] of reports.entries()) {
    const fresh = objects.get(later) ?? none;
    if (fresh.size === 0) continue;
    for (const earlier of reports.slice(0, index)) {
      if (earlier.day !== later.day) continue;
      const seen = objects.get(earlier) ?? none;
      const isLate = facts.some(
        ({ object, sinceMs }) =>
          fresh.has(object) &&
          !seen.has(object) &&
          sinceMs < (earlier.crossing.applied?.atMs ?? Number.NEGATIVE_INFINITY),
      );
      if (isLate) reach('late-settlement-row');
    }
  }
}

/** Whether a report lists what had happened before its day. */
function looksBack({ day, rows }: ReadReport): boolean {
  const fromMs = Date.parse(day);
  return rows.some(({ atMs }) => atMs < fromMs);
}
