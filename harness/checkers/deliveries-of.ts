// Requests to the webhook endpoint as checkers want them: what each announced, how it was answered, and how old it looked
// to the process that it reached.

import type { Crossing, History, Outcome } from '../history/history.ts';
import type { DeliveryIntent } from '../history/shop.ts';
import { bookedFacts, type Fact } from './booked-facts.ts';
import { crossingsAt } from './crossings-at.ts';

/** One request to the endpoint. */
export interface Delivered {
  readonly crossing: Crossing;
  readonly intent: DeliveryIntent;
  /** Each HTTP status that it was answered with: two where the network delivered it twice. */
  readonly statuses: readonly number[];
  /**
   * - `authentic`: sent by the gateway;
   * - `stale`: what the gateway once sent, sent again by somebody else;
   * - `forged`: made up, tampered with, or unsigned.
   */
  readonly kind: 'authentic' | 'stale' | 'forged';
  /**
   * From the signature to the arrival, by the wall clock of the process, milliseconds; undefined where the scheme has no
   * timestamps, or it never arrived.
   */
  readonly ageMs: number | undefined;
  readonly announcement: Announcement | undefined;
}

/** What a body says has happened; undefined of one that cannot be read. */
export interface Announcement {
  readonly type: string;
  /** The gateway's id of the object. */
  readonly object: string;
  /** Of a payment: what was captured by then. */
  readonly capturedMinor: number;
}

// Only the latest, as of views.
let latest: { readonly history: History; readonly deliveries: readonly Delivered[] } | undefined;

/** All deliveries in the order of the calls. */
export function deliveriesOf(history: History): readonly Delivered[] {
  if (latest?.history !== history) latest = { history, deliveries: build(history) };
  return latest.deliveries;
}

function build(history: History): readonly Delivered[] {
  const crossings = crossingsAt(history, 'webhook.deliver');
  const sent = new Set<string>();
  for (const { request } of crossings) {
    const { authentic, body } = request as DeliveryIntent;
    if (authentic) sent.add(body);
  }
  const epochMs = epochOf(crossings);
  const read = new Map<string, Announcement | undefined>();
  return crossings.map((crossing) => {
    const intent = crossing.request as DeliveryIntent;
    const { body } = intent;
    if (!read.has(body)) read.set(body, announcementIn(body));
    const kind = intent.authentic ? 'authentic' : sent.has(intent.body) ? 'stale' : 'forged';
    const statuses = [crossing.effect, crossing.effectAgain].flatMap(statusIn);
    const ageMs = ageOf(history, crossing, epochMs);
    return { crossing, intent, kind, statuses, ageMs, announcement: read.get(body) };
  });
}

/** Whether a status says that the event is safe. */
export function isAccepted(status: number): boolean {
  return status >= 200 && status < 300;
}

/** Whether a status says that the request was at fault. */
export function isRefused(status: number): boolean {
  return status >= 400 && status < 500;
}

/** Reads a body in the envelope of the gateway's events. */
function announcementIn(body: string): Announcement | undefined {
  try {
    const { type, data } = JSON.parse(body) as Envelope;
    const { id, capturedMinor = 0 } = data.object;
    return typeof type === 'string' && typeof id === 'string'
      ? { type, object: id, capturedMinor }
      : undefined;
  } catch {
    return undefined;
  }
}

interface Envelope {
  readonly type?: unknown;
  readonly data: { readonly object: { readonly id?: unknown; readonly capturedMinor?: number } };
}

const transitions: Readonly<Record<string, Fact['transition']>> = {
  'payment.captured': 'captured',
  'refund.succeeded': 'refunded',
  'refund.failed': 'refund-failed',
  'dispute.open': 'disputed',
  'dispute.won': 'dispute-won',
};

/** The facts that were announced; none where that is no movement of money, or one that never happened. */
export function announcedFacts(history: History, announced: Announcement | undefined): readonly Fact[] {
  if (announced === undefined) return [];
  const facts = bookedFacts(history).facts.filter(
    ({ transition, object }) => transition === transitions[announced.type] && object === announced.object,
  );
  let capturedMinor = 0;
  return facts.filter(({ transition, amountMinor }) => {
    capturedMinor += amountMinor;
    return transition !== 'captured' || capturedMinor <= announced.capturedMinor;
  });
}

function statusIn(outcome: Outcome | undefined): readonly number[] {
  const status =
    outcome?.ok === true ? (outcome.value as { readonly status?: unknown } | null)?.status : undefined;
  return typeof status === 'number' ? [status] : [];
}

/** The wall-clock time at which virtual time began: the gateway signs at the instant at which it sends. */
function epochOf(crossings: readonly Crossing[]): number | undefined {
  for (const { request, called } of crossings) {
    const { authentic, headers } = request as DeliveryIntent;
    const signedMs = signedAtMs(headers);
    if (authentic && signedMs !== undefined) return signedMs - called.atMs;
  }
  return undefined;
}

function signedAtMs(headers: DeliveryIntent['headers']): number | undefined {
  const text = headers['webhook-timestamp'] ?? /(?:^|,)t=(\d+)/.exec(headers['stripe-signature'] ?? '')?.[1];
  const seconds = Number(text);
  return text !== undefined && Number.isSafeInteger(seconds) ? seconds * 1_000 : undefined;
}

function ageOf(
  { terms, incidents }: History,
  { request, process, applied }: Crossing,
  epochMs: number | undefined,
): number | undefined {
  const signedMs = signedAtMs((request as DeliveryIntent).headers);
  if (signedMs === undefined || epochMs === undefined || applied === undefined) return undefined;
  let nowMs = epochMs + applied.atMs + (terms.clockSkewMs?.[process] ?? 0);
  for (const incident of incidents) {
    const isJump = incident.kind === 'clock-jumped' && incident.process === process;
    if (isJump && incident.at.order < applied.order) nowMs += incident.ms ?? 0;
  }
  return nowMs - signedMs;
}
