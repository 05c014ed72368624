// Hand-made histories of a shop for the tests of checkers: deliveries, the inbox, the ledger, reconciliations and velocity
// counts, each as a tale tells them.

import type { VelocityRequest } from '../../src/fraud/velocity-store.ts';
import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { TransactionRecord } from '../../src/reconciliation/record.ts';
import type { InboxRecord, ObjectState } from '../../src/webhooks/inbox-store.ts';
import type { Crossing, History, Outcome, Terms } from '../history/history.ts';
import type { DeliveryIntent, Reconciled, ShopBooks } from '../history/shop.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { bad, good } from './testing-values.ts';

/** 2026-01-01T00:00:00Z, at which virtual time begins. */
export const epochMs = 1_767_225_600_000;

/** The day on which all happens. */
const day = '2026-01-01';

/** A delivery as a test wants it; by default the capture of `ch_1`, signed as Stripe does and answered 200. */
export interface Delivering extends Pick<Course, 'process' | 'faults'> {
  readonly type?: string;
  readonly object?: string;
  readonly capturedMinor?: number;
  readonly authentic?: boolean;
  /** Undefined: it never arrived. */
  readonly status?: number | undefined;
  /** How old the signature is when it is sent; null for a scheme without timestamps. */
  readonly agoMs?: number | null;
  /** From sending to arrival. */
  readonly takesMs?: number;
  readonly actor?: string;
}

/** An entry as a test wants it; by default the capture of `ch_1`, 500 USD. */
export interface Posting {
  readonly key?: string;
  readonly gatewayId?: string;
  readonly reference?: string;
  readonly amountMinor?: number;
  /** Absent: the entry names no payment. */
  readonly payment?: false;
}

/** A history of a shop under construction. */
export interface ShopTale {
  readonly story: Tale;
  delivers(eventId: string, how?: Delivering): Crossing;
  /** The inbox keeps an event, and has it in `record.state` at the end; null: not any more. */
  keeps(eventId: string, record?: Partial<InboxRecord> | null, actor?: string): Crossing;
  /** An entry named `kind/operation` is committed. */
  posts(kind: string, operation: string, posting?: Posting): PostedEntry;
  /** An object is seen, or put, in a state. */
  stands(object: string, state: ObjectState, how?: 'seen' | 'put' | 'refused'): Crossing;
  /** Somebody reads the report of the day. */
  reads(actor: string, rows: readonly Partial<TransactionRecord>[], date?: string): Crossing;
  /** A reconciliation that does what `meanwhile` says. */
  reconciles(actor: string, result?: Partial<Reconciled>, meanwhile?: () => void): Crossing;
  /** A velocity operation under `card` for payment `ref`; by default 1 of 1 in an hour, held for a minute. */
  counts(
    actor: string,
    what: 'reserve' | 'confirm' | 'release',
    how?: Partial<VelocityRequest> & { readonly answer?: Outcome | undefined },
  ): Crossing;
  done(terms?: Partial<Terms>): History;
}

/** Starts an empty tale of a shop. */
export function shopTale(): ShopTale {
  const story = tale();
  const inbox: InboxRecord[] = [];
  const entries: PostedEntry[] = [];
  return {
    story,
    ...inboxParts(story, inbox),
    ...ledgerParts(story, entries),
    ...reportParts(story),
    ...velocityParts(story),
    done(terms) {
      const history = story.done(terms);
      const shop: ShopBooks = { reservations: [], shipments: [], pages: [], sagas: [], entries, inbox };
      return { ...history, books: { ...history.books, shop } };
    },
  };
}

/** The row of a settled charge. */
export function row(gatewayId = 'ch_1', more: Partial<TransactionRecord> = {}): TransactionRecord {
  const money = { amountMinor: 500, currency: 'USD', status: 'captured' };
  return { kind: 'charge', gatewayId, ...money, atMs: epochMs + 1_000, ...more };
}

function inboxParts(story: Tale, inbox: InboxRecord[]): Pick<ShopTale, 'delivers' | 'keeps' | 'stands'> {
  return {
    delivers(eventId, how = {}) {
      const { process = 'p0', faults = [], takesMs = 0, authentic = true, agoMs = 0 } = how;
      const {
        actor = `twin:deliver:${eventId}`,
        type = 'payment.captured',
        object = 'ch_1',
        capturedMinor = 500,
      } = how;
      const timestampS = (epochMs + story.now().atMs - (agoMs ?? 0)) / 1_000;
      const headers: Record<string, string> =
        agoMs === null
          ? { 'x-hub-signature-256': 'sha256=0' }
          : { 'stripe-signature': `t=${Math.floor(timestampS)},v1=0` };
      const data = { object: { id: object, capturedMinor } };
      // A copy of what was sent has its very body.
      const body = JSON.stringify({ id: eventId, type, data });
      const intent: DeliveryIntent = { eventId, attempt: 1, authentic, headers, body };
      const status = 'status' in how ? how.status : 200;
      const crossing = story.cross(actor, 'webhook.deliver', intent)({ process, faults });
      story.wait(takesMs);
      if (status === undefined) return crossing;
      const answer = good({ status });
      return Object.assign(crossing, {
        applied: story.now(),
        effect: answer,
        replied: story.now(),
        reply: answer,
      });
    },
    keeps(id, record = {}, actor = `twin:deliver:${id}`) {
      const { atMs } = story.now();
      const times = { receivedAtMs: atMs, dueAtMs: atMs };
      const kept: InboxRecord = {
        ...{
          id,
          object: 'payment/ch_1',
          event: '{}',
          state: 'DONE',
          token: 1,
          attemptId: 'try',
          attempts: 1,
          parks: 0,
        },
        ...times,
        ...record,
      };
      if (record !== null) inbox.push(kept);
      const answer = good({ first: true, record: kept });
      const { object, event } = kept;
      return story.cross(actor, 'inbox.receive', { id, object, event })({ effect: answer, reply: answer });
    },
    stands(object, state, how = 'put') {
      const record = { id: 'evt_1', object };
      if (how === 'seen') {
        const claim = good({ record, position: { ...state, revision: 1 } });
        return story.cross('work', 'inbox.claim', {})({ effect: claim, reply: claim });
      }
      const write = good(
        how === 'put' ? { written: true, record } : { written: false, why: 'moved', record },
      );
      const move = { to: state, afterRevision: 0 };
      return story.cross('work', 'inbox.finish', { id: 'evt_1', token: 1, effects: [], move })({
        effect: write,
        reply: write,
      });
    },
  };
}

/** Which account a kind touches, and on which side. */
const accounts: Readonly<Record<string, readonly [string, 1 | -1]>> = {
  capture: ['captured', -1],
  refund: ['refunded', 1],
  'refund-failed': ['refunded', -1],
  chargeback: ['disputed', 1],
  'chargeback-won': ['disputed', -1],
  fee: ['fees', 1],
};

function ledgerParts(story: Tale, entries: PostedEntry[]): Pick<ShopTale, 'posts'> {
  return {
    posts(kind, operation, { amountMinor = 500, ...named } = {}) {
      const { key = `${kind}/${operation}`, gatewayId = 'ch_1', reference = 'ref', payment } = named;
      const [account, side] = accounts[kind] ?? ['other', 1];
      const money = { currency: 'USD' };
      const { atMs } = story.now();
      const entry: PostedEntry = {
        key,
        kind,
        ...(payment === false ? {} : { payment: { gatewayId, merchantReference: reference } }),
        operation,
        occurredAtMs: epochMs + atMs,
        postings: [
          { account, amountMinor: side * amountMinor, ...money },
          { account: 'gateway-clearing', amountMinor: -side * amountMinor, ...money },
        ],
        fingerprint: 'f',
        sequence: entries.length + 1,
        postedAtMs: atMs,
      };
      entries.push(entry);
      const answer = good({ committed: true, outcomes: [] });
      story.cross('work', 'ledger.commit', [{ effect: key, entries: [entry], events: [] }])({
        effect: answer,
        reply: answer,
      });
      return entry;
    },
  };
}

function reportParts(story: Tale): Pick<ShopTale, 'reads' | 'reconciles'> {
  return {
    reads(actor, rows, date = day) {
      const answer = good([{ day: date, rows }]);
      return story.cross(actor, 'gateway.report', { fromDay: date, toDay: date })({
        effect: answer,
        reply: answer,
      });
    },
    reconciles(actor, result = {}, meanwhile = () => {}) {
      const crossing = story.cross(actor, 'client.reconcile', { day })({});
      meanwhile();
      const answer = good({ matched: 0, internal: 0, gateway: 0, discrepancies: [], repaired: 0, ...result });
      return Object.assign(crossing, {
        applied: crossing.called,
        effect: answer,
        replied: story.now(),
        reply: answer,
      });
    },
  };
}

function velocityParts(story: Tale): Pick<ShopTale, 'counts'> {
  return {
    counts(actor, what, { answer, ...asked } = {}) {
      const request = {
        ...{ key: 'card', attemptId: 'ref', evaluationId: actor, amount: 1, cap: 1 },
        ...{ windowMs: 3_600_000, holdMs: 60_000 },
        ...asked,
      };
      const given = answer ?? good(what === 'reserve' ? { admitted: true, used: request.amount } : null);
      return story.cross(actor, `velocity.${what}`, request)({ effect: given, reply: given });
    },
  };
}

/** A store that did not answer. */
export const silent: Outcome = bad('store_unavailable', 'none');
