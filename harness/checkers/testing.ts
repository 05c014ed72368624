// Hand-made histories for the tests of checkers: what is written down first happened first, and every stage of
// a crossing gets an instant of its own.

import type { IdempotencyRecord } from '../../src/idempotency/store.ts';
import type {
  Answer,
  BookedCharge,
  ChargeIntent,
  Crossing,
  GuardKind,
  History,
  Incident,
  LogEntry,
  Outcome,
  Passage,
  Terms,
} from '../history/history.ts';
import type { Instant } from '../history/instant.ts';
import type { Site } from '../history/sites.ts';
import { usualTerms } from '../history/testing.ts';
import { bad, chargeResult, freshRecord, good, okAnswer, purchase } from './testing-values.ts';

/** How a crossing went. A missing effect means that it never arrived, a missing reply that none came. */
export interface Course {
  readonly effect?: Outcome | undefined;
  readonly reply?: Outcome | undefined;
  readonly process?: string;
  readonly incarnation?: number;
  readonly faults?: readonly string[];
}

/** A charge request as a test wants it changed, and how it went. */
export interface Sending extends Course {
  readonly key?: string;
  readonly reference?: string;
  readonly amountMinor?: number;
  readonly token?: string;
}

/** A history under construction. */
export interface Tale {
  wait(ms: number): void;
  now(): Instant;
  cross(actor: string, site: Site, request: unknown): (course: Course) => Crossing;
  /** A client's request that reached the service. */
  request(actor: string, asked?: Partial<ChargeIntent>): Crossing;
  answer(request: Crossing, answer: Answer): void;
  /** A claim that was answered; by default it is granted. */
  claim(actor: string, record?: Partial<IdempotencyRecord>, how?: Claiming): Crossing;
  /** A conditional write that was answered; by default it was carried out and left `record`. */
  write(actor: string, site: Site, how?: Writing): Crossing;
  send(actor: string, sending?: Sending): Crossing;
  lookup(actor: string, found: unknown, course?: Course): Crossing;
  book(charge?: Partial<BookedCharge>): BookedCharge;
  incident(incident: Omit<Incident, 'at'>): void;
  /** A call that reaches a guard and is let through; how it ends is told with `settles`. */
  passes(actor: string, guard: GuardKind, life?: Life): Passage;
  /** A call that reaches a guard and is refused. */
  refused(actor: string, guard: GuardKind, life?: Life): Passage;
  /** What is guarded answers, and the guard passes it on. */
  settles(passage: Passage, result?: Outcome): void;
  /** Something is logged on behalf of an actor. */
  logs(actor: string, record: LogEntry['record'], life?: Life): void;
  done(terms?: Partial<Terms>, rest?: Partial<History>): History;
}

/** Which life of which process; by default the first of `p0`. */
export interface Life {
  readonly process?: string;
  readonly incarnation?: number;
}

/** A claim as a test wants it. */
export interface Claiming {
  readonly owned?: boolean;
  /** What the claimer asks with, where it differs from the record's. */
  readonly fingerprint?: string;
}

/** A write as a test wants it. */
export interface Writing extends Course {
  readonly request?: Readonly<Record<string, unknown>>;
  readonly record?: Partial<IdempotencyRecord>;
  readonly written?: boolean;
}

/** Starts an empty tale. */
export function tale(): Tale {
  const pen = writing();
  return { ...pen.tale, ...clientParts(pen), ...storeParts(pen), ...gatewayParts(pen), ...insideParts(pen) };
}

type Cross = Tale['cross'];

interface Pen {
  readonly open: (actor: string, site: Site, request: unknown) => Crossing;
  readonly charges: BookedCharge[];
  readonly passages: Passage[];
  readonly logs: LogEntry[];
  readonly tale: Pick<Tale, 'now' | 'wait' | 'cross' | 'incident' | 'done'>;
}

function writing(): Pen {
  const crossings: Crossing[] = [];
  const incidents: Incident[] = [];
  const charges: BookedCharge[] = [];
  const passages: Passage[] = [];
  const logs: LogEntry[] = [];
  let atMs = 0;
  let order = 0;
  const now = (): Instant => ({ atMs, order: order++ });

  const begin = (actor: string, site: Site, called: Course & { readonly request: unknown }): Crossing => {
    const nth = crossings.filter((one) => one.actor === actor && one.site === site).length + 1;
    const { request, process = 'p0', incarnation = 1, faults = [] } = called;
    const id = crossings.length;
    const crossing = { id, actor, process, incarnation, site, nth, request, faults, called: now() };
    crossings.push(crossing);
    return crossing;
  };
  const cross: Cross = (actor, site, request) => (course) => {
    const crossing = begin(actor, site, { request, ...course });
    const { effect, reply } = course;
    if (effect !== undefined) Object.assign(crossing, { applied: now(), effect });
    if (reply !== undefined) Object.assign(crossing, { replied: now(), reply });
    return crossing;
  };

  return {
    open: (actor, site, request) => begin(actor, site, { request }),
    charges,
    passages,
    logs,
    tale: {
      now,
      cross,
      wait(ms) {
        atMs += ms;
      },
      incident: (incident) => void incidents.push({ ...incident, at: now() }),
      done: (terms = {}, rest = {}) => ({
        terms: { ...usualTerms, ...terms },
        crossings,
        incidents,
        books: { charges },
        passages,
        logs,
        deadlocked: [],
        events: order,
        digest: '0123456789abcdef',
        ...rest,
      }),
    },
  };
}

function clientParts({ open, tale: { now } }: Pen): Pick<Tale, 'request' | 'answer'> {
  return {
    request: (actor, asked = {}) =>
      Object.assign(open(actor, 'client.charge', { ...purchase, ...asked }), { applied: now() }),
    answer(request, answer) {
      Object.assign(request, { effect: good(answer), replied: now(), reply: good(answer) });
    },
  };
}

function storeParts({ tale: { cross, wait } }: Pen): Pick<Tale, 'claim' | 'write'> {
  let epoch = 0;
  return {
    claim(actor, record = {}, { owned = true, fingerprint } = {}) {
      const after = { ...freshRecord, ...record };
      // A record comes to a new epoch when its time to live is over, not sooner.
      if (after.epoch > epoch) wait(usualTerms.ttlMs);
      epoch = Math.max(epoch, after.epoch);
      const { key, request, attemptId } = after;
      const answer = good({ owned, record: after, nowMs: 0 });
      const asked = {
        key,
        fingerprint: fingerprint ?? after.fingerprint,
        request,
        attemptId,
        leaseMs: 90_000,
      };
      return cross(actor, 'store.claim', asked)({ effect: answer, reply: answer });
    },
    write(actor, site, how = {}) {
      const { request = {}, record = {}, written = true, ...course } = how;
      const after = { ...freshRecord, ...record };
      const answer = good({ written, record: after, nowMs: 0 });
      const ttl = site === 'store.complete' || site === 'store.fail' ? { ttlMs: 86_400_000 } : {};
      const owned = { key: after.key, token: after.token, ...ttl, ...request };
      return cross(actor, site, owned)({ effect: answer, reply: answer, ...course });
    },
  };
}

function gatewayParts({ charges, tale: { cross, now } }: Pen): Pick<Tale, 'send' | 'lookup' | 'book'> {
  return {
    send(
      actor,
      { key = 'g0', reference = 'ref', amountMinor = 500, token = purchase.paymentToken, ...course } = {},
    ) {
      const money = { amountMinor, currency: 'USD', paymentToken: token, capture: 'automatic' };
      const done = good(chargeResult());
      return cross(actor, 'gateway.authorize', {
        ...money,
        idempotencyKey: key,
        merchantReference: reference,
      })({
        effect: done,
        reply: done,
        ...course,
      });
    },
    lookup(actor, found, course = {}) {
      const answer = good(found);
      const request = { by: 'reference', merchantReference: 'ref' };
      return cross(actor, 'gateway.lookup', request)({ effect: answer, reply: answer, ...course });
    },
    book(charge = {}) {
      const { paymentToken, amountMinor, currency } = purchase;
      const booked: BookedCharge = {
        id: 'ch_1',
        paymentToken,
        idempotencyKey: 'g0',
        merchantReference: 'ref',
        amountMinor,
        currency,
        status: 'captured',
        capturedMinor: 500,
        refundedMinor: 0,
        at: now(),
        ...charge,
      };
      charges.push(booked);
      return booked;
    },
  };
}

type InsideParts = Pick<Tale, 'passes' | 'refused' | 'settles' | 'logs'>;

function insideParts({ passages, logs, tale: { now } }: Pen): InsideParts {
  const arrives = (actor: string, guard: GuardKind, life: Life = {}): Passage => {
    const { process = 'p0', incarnation = 1 } = life;
    const passage = { id: passages.length, guard, actor, process, incarnation, arrived: now() };
    passages.push(passage);
    return passage;
  };
  return {
    passes: (actor, guard, life) => Object.assign(arrives(actor, guard, life), { admitted: now() }),
    refused(actor, guard, life) {
      const code = guard === 'rate-limit' ? 'rate_limited' : 'circuit_open';
      const answer = bad(code, 'none', { local: true });
      return Object.assign(arrives(actor, guard, life), { answered: now(), answer });
    },
    settles(passage, result = good(null)) {
      Object.assign(passage, { settled: now(), result, answered: now(), answer: result });
    },
    logs: (actor, record, { process = 'p0', incarnation = 1 } = {}) =>
      void logs.push({ actor, process, incarnation, at: now(), record }),
  };
}

/** Tells of one purchase from the request to the answer, as a correct service takes it. */
export function buys(story: Tale, actor: string, asked: Partial<ChargeIntent> = {}): Crossing {
  const request = story.request(actor, asked);
  const { scope, key, paymentToken, amountMinor } = { ...purchase, ...asked };
  const id = `ch_${paymentToken === purchase.paymentToken ? '1' : paymentToken}`;
  const record = { key: `${scope}/${key}` };
  const result = good({ ...chargeResult(id), amountMinor, capturedMinor: amountMinor });
  story.claim(actor, record);
  story.send(actor, { token: paymentToken, amountMinor, effect: result, reply: result });
  story.book({ id, paymentToken, amountMinor, capturedMinor: amountMinor });
  story.write(actor, 'store.complete', { record: { ...record, state: 'COMPLETED' } });
  story.answer(request, okAnswer(id, { amountMinor }));
  return request;
}

/** Tells of the final asking for the purchase, which is answered from the record. */
export function asks(story: Tale, answer: Answer, asked: Partial<ChargeIntent> = {}): Crossing {
  const request = story.request('ask:1', asked);
  const state = answer.kind === 'ok' ? 'COMPLETED' : answer.kind === 'failed' ? 'FAILED' : 'UNKNOWN';
  story.claim('ask:1', { state }, { owned: false });
  story.answer(request, answer);
  return request;
}
