// Hand-made histories of a shop: orders, their sagas, what services and gateway were asked for, and everybody's books.

import type { Entry } from '../../src/ledger/entry.ts';
import type { PostedEntry } from '../../src/ledger/ledger-store.ts';
import type { SagaRecord, SagaState } from '../../src/saga/journal.ts';
import type { SagaProgress, StepProgress, StepState } from '../../src/saga/progress.ts';
import type {
  BookedCharge,
  BookedDispute,
  BookedRefund,
  Crossing,
  History,
  Terms,
} from '../history/history.ts';
import type {
  BookedPage,
  BookedReservation,
  BookedShipment,
  OrderIntent,
  RefundIntent,
} from '../history/shop.ts';
import type { Site } from '../history/sites.ts';
import { type Course, type Tale, tale } from './testing.ts';
import { chargeResult, good, purchase } from './testing-values.ts';

/** Steps as a test writes them: a state, or more of what the journal says. */
export type Steps = Readonly<Record<string, StepState | Partial<StepProgress>>>;

/** A write of a saga's progress as a test wants it. */
export interface SagaWriting extends Course {
  readonly id?: string;
  readonly state?: SagaState;
  readonly progress?: Partial<SagaProgress>;
  readonly dueAtMs?: number;
}

/** A movement as a test wants it. */
export interface Moving extends Course {
  readonly amountMinor?: number;
  readonly key?: string;
}

/** A refund: what the gateway answers at first, and how it stands in the books in the end. */
export interface Refunding extends Moving {
  readonly acknowledged?: BookedRefund['status'];
  readonly status?: BookedRefund['status'];
  /** When it came to that status, after it was made. */
  readonly afterMs?: number;
}

/** A history of a shop under construction. */
export interface ShopTale extends Tale {
  /** A client's order that reached the service. */
  order(actor: string, asked?: Partial<OrderIntent>): Crossing;
  /** A client's request for a refund that reached the service. */
  asksBack(actor: string, asked?: Partial<RefundIntent>): Crossing;
  begins(actor: string, steps: Steps, how?: SagaWriting): Crossing;
  takesUp(actor: string, why: 'recovery' | 'repair', how?: SagaWriting): Crossing;
  saves(actor: string, steps: Steps, how?: SagaWriting): Crossing;
  /** The last write of a drive: ends the saga, or leaves it until `dueAtMs`. */
  leaves(actor: string, steps: Steps, how?: SagaWriting): Crossing;
  /** A call of inventory or carrier that was carried out. */
  serves(actor: string, site: Site, how?: { readonly key?: string; readonly order?: string }): Crossing;
  captures(actor: string, charge: BookedCharge, how?: Moving): Crossing;
  voids(actor: string, charge: BookedCharge, how?: Moving): Crossing;
  refunds(actor: string, charge: BookedCharge, how?: Refunding): BookedRefund;
  disputes(charge: BookedCharge, how?: Partial<BookedDispute>): BookedDispute;
  /** An entry about a charge in the target's ledger: what is debited and what is credited. */
  posts(charge: BookedCharge, kind: string, how?: Posting): PostedEntry;
  pages(about: string): void;
  done(terms?: Partial<Terms>, rest?: Partial<History>): History;
}

/** An entry as a test wants it. */
export interface Posting {
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly operation?: string;
}

/** The order that everything is about unless a test says otherwise: 5.00 dollars under k1. */
export const orderIntent: OrderIntent = { ...purchase, risk: 'none' };

/** The accounts that each kind of entry debits and credits. */
const sides: Readonly<Record<string, readonly [string, string]>> = {
  capture: ['gateway-clearing', 'captured'],
  refund: ['refunded', 'gateway-clearing'],
  'refund-failed': ['gateway-clearing', 'refunded'],
  chargeback: ['disputed', 'gateway-clearing'],
  'chargeback-won': ['gateway-clearing', 'disputed'],
  fee: ['fees', 'gateway-clearing'],
};

/** Starts an empty tale of a shop. */
export function shopTale(): ShopTale {
  const story = tale();
  const desk: Desk = { reservations: [], shipments: [], pages: [], sagas: new Map(), entries: [] };
  return {
    ...story,
    ...clients(story),
    ...journal(story, desk),
    ...services(story, desk),
    ...movements(story),
    ...ledger(story, desk),
    done: (terms, rest = {}) => {
      const { books: gateway, ...history } = story.done(terms, rest);
      const { sagas, ...others } = desk;
      const shop = { ...others, sagas: [...sagas.values()], inbox: [] };
      return { ...history, books: { ...gateway, shop } };
    },
  };
}

interface Desk {
  readonly reservations: BookedReservation[];
  readonly shipments: BookedShipment[];
  readonly pages: BookedPage[];
  readonly sagas: Map<string, SagaRecord>;
  readonly entries: PostedEntry[];
}

function clients({ cross, now }: Tale): Pick<ShopTale, 'order' | 'asksBack'> {
  const asked = (actor: string, site: Site, request: unknown): Crossing =>
    Object.assign(cross(actor, site, request)({}), { applied: now() });
  return {
    order: (actor, wanted = {}) => asked(actor, 'client.checkout', { ...orderIntent, ...wanted }),
    asksBack(actor, wanted = {}) {
      const { paymentToken, scope, currency } = orderIntent;
      const refund = { paymentToken, scope, order: 'k1', key: 'r1', amountMinor: 500, currency };
      return asked(actor, 'client.refund', { ...refund, ...wanted });
    },
  };
}

type JournalParts = Pick<ShopTale, 'begins' | 'takesUp' | 'saves' | 'leaves'>;

function journal({ cross }: Tale, { sagas }: Desk): JournalParts {
  const saga = 'checkout';
  const record = (id: string, change: Partial<SagaRecord>): SagaRecord => {
    const first: SagaRecord = {
      saga,
      id,
      state: 'RUNNING',
      fingerprint: 'sha',
      progress: '',
      token: 1,
      version: 0,
      startedAtMs: 0,
    };
    const next = { ...first, ...sagas.get(id), ...change };
    sagas.set(id, next);
    return next;
  };
  const write =
    (site: 'saga.save' | 'saga.leave') =>
    (actor: string, steps: Steps, how: SagaWriting = {}): Crossing => {
      const { id = 'shop/k1', state = 'RUNNING', progress = {}, dueAtMs, ...course } = how;
      const { attemptId: _, dueAtMs: __, ...known } = sagas.get(id) ?? record(id, {});
      sagas.set(id, known);
      const after = record(id, {
        state,
        progress: progressOf(steps, progress),
        version: known.version + 1,
        ...(dueAtMs === undefined ? {} : { dueAtMs }),
      });
      const answer = good({ written: true, record: after, nowMs: 0 });
      const { token, version, progress: noted } = after;
      const asked = { saga, id, token, version, state, progress: noted, leaseMs: 90_000 };
      return cross(actor, site, asked)({ effect: answer, reply: answer, ...course });
    };
  return {
    begins(actor, steps, { id = 'shop/k1', progress = {}, ...course } = {}) {
      const after = record(id, { progress: progressOf(steps, progress), attemptId: actor, dueAtMs: 90_000 });
      const answer = good({ owned: true, record: after, nowMs: 0 });
      const asked = { saga, id, attemptId: actor, leaseMs: 90_000, fingerprint: 'sha' };
      return cross(actor, 'saga.open', asked)({ effect: answer, reply: answer, ...course });
    },
    takesUp(actor, why, { id = 'shop/k1', ...course } = {}) {
      const token = (sagas.get(id)?.token ?? 0) + 1;
      const after = record(id, { token, attemptId: actor, dueAtMs: 90_000 });
      const answer = good({ owned: true, record: after, nowMs: 0 });
      const asked = { saga, id, attemptId: actor, leaseMs: 90_000, why };
      return cross(actor, 'saga.claim', asked)({ effect: answer, reply: answer, ...course });
    },
    saves: write('saga.save'),
    leaves: write('saga.leave'),
  };
}

function progressOf(steps: Steps, progress: Partial<SagaProgress>): string {
  const known = Object.entries(steps).map(([name, step]) => ({
    name,
    tries: 0,
    ...(typeof step === 'string' ? { state: step } : { state: 'started', ...step }),
  }));
  return JSON.stringify({ context: {}, steps: known, notes: {}, idle: 0, ...progress });
}

function services({ cross, now }: Tale, desk: Desk): Pick<ShopTale, 'serves' | 'pages'> {
  return {
    serves(actor, site, { key = site, order = 'shop/k1' } = {}) {
      const done = good(site === 'shipping.ship' ? { shipment: 'sh_1' } : undefined);
      const crossing = cross(actor, site, { idempotencyKey: key, order })({ effect: done, reply: done });
      const at = crossing.applied ?? now();
      if (site === 'inventory.reserve') desk.reservations.push({ idempotencyKey: key, order, at });
      if (site === 'shipping.ship') desk.shipments.push({ idempotencyKey: key, order, at });
      const held = desk.reservations.find((one) => one.order === order && one.releasedAt === undefined);
      if (site === 'inventory.release' && held !== undefined) Object.assign(held, { releasedAt: at });
      return crossing;
    },
    pages: (about) => void desk.pages.push({ about, process: 'p0', at: now() }),
  };
}

function movements({ cross, now }: Tale): Pick<ShopTale, 'captures' | 'voids' | 'refunds' | 'disputes'> {
  const move = (actor: string, site: Site, how: Moving & { charge: BookedCharge; answer: object }) => {
    const { charge, amountMinor, key = `${site} ${charge.id}`, answer, ...course } = how;
    const asked = { chargeId: charge.id, idempotencyKey: key, merchantReference: key, amountMinor };
    return cross(actor, site, asked)({ effect: good(answer), reply: good(answer), ...course });
  };
  return {
    captures(actor, charge, { amountMinor = charge.amountMinor, ...how } = {}) {
      const answer = { ...chargeResult(charge.id), capturedMinor: charge.capturedMinor + amountMinor };
      const call = move(actor, 'gateway.capture', { ...how, amountMinor, charge, answer });
      const at = call.applied;
      if (at === undefined) return call;
      const made = { idempotencyKey: 'c', merchantReference: 'c', amountMinor, at };
      const captures = [...(charge.captures ?? []), made];
      Object.assign(charge, { status: 'captured', captures, capturedMinor: answer.capturedMinor });
      return call;
    },
    voids(actor, charge, how = {}) {
      const status = charge.capturedMinor > 0 ? 'captured' : 'voided';
      const answer = { ...chargeResult(charge.id), status, capturedMinor: charge.capturedMinor };
      const call = move(actor, 'gateway.void', { ...how, charge, answer });
      if (call.applied !== undefined && call.effect?.ok === true)
        Object.assign(charge, { status, openMinor: 0 });
      return call;
    },
    refunds(actor, charge, how = {}) {
      const { acknowledged = 'succeeded', status = acknowledged, afterMs = 0, ...moving } = how;
      const { amountMinor = charge.capturedMinor, key = `refund ${charge.refunds?.length ?? 0}` } = moving;
      const id = `re_${charge.id}_${charge.refunds?.length ?? 0}`;
      const answer = { id, chargeId: charge.id, amountMinor, status: acknowledged };
      const call = move(actor, 'gateway.refund', { ...moving, amountMinor, key, charge, answer });
      const at = call.applied ?? now();
      const changedAtMs = at.atMs + afterMs;
      const refund = {
        id,
        idempotencyKey: key,
        merchantReference: key,
        amountMinor,
        status,
        at,
        changedAtMs,
      };
      const refundedMinor = charge.refundedMinor + (status === 'succeeded' ? amountMinor : 0);
      Object.assign(charge, { refunds: [...(charge.refunds ?? []), refund], refundedMinor });
      return refund;
    },
    disputes(charge, how = {}) {
      const at = now();
      const id = `dp_${charge.disputes?.length ?? 0}`;
      const dispute = { id, amountMinor: 500, status: 'open', at, changedAtMs: at.atMs, ...how } as const;
      Object.assign(charge, { disputes: [...(charge.disputes ?? []), dispute] });
      return dispute;
    },
  };
}

function ledger({ now }: Tale, { entries }: Desk): Pick<ShopTale, 'posts'> {
  return {
    posts(charge, kind, { amountMinor = 500, currency = charge.currency, operation = 'op' } = {}) {
      const [debit = '', credit = ''] = sides[kind] ?? [];
      const { atMs } = now();
      const entry: Entry = {
        key: `${kind}/${operation}/${entries.length}`,
        kind,
        payment: { merchantReference: charge.merchantReference, gatewayId: charge.id },
        operation,
        occurredAtMs: atMs,
        postings: [
          { account: debit, amountMinor, currency },
          { account: credit, amountMinor: -amountMinor, currency },
        ],
      };
      const posted = { ...entry, fingerprint: 'sha', sequence: entries.length + 1, postedAtMs: atMs };
      entries.push(posted);
      return posted;
    },
  };
}
