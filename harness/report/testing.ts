// Hand-made histories for the tests of stories: events are appended in the order in which they happened.

import type { BookedCharge, ChargeIntent, Crossing, History, Incident, Outcome } from '../history/history.ts';
import type { Site } from '../history/sites.ts';
import { usualTerms } from '../history/testing.ts';

/** Who calls, from where, and what strikes the call; without faults and from process `p0` unless said otherwise. */
export interface Caller {
  readonly actor: string;
  readonly process?: string;
  readonly faults?: readonly string[];
}

/** A history under construction. */
export interface Script {
  /** A crossing that `who` has called; its further stages are added with the other functions. */
  call(who: string | Caller, site: Site, request: unknown): Crossing;
  apply(crossing: Crossing, effect?: Outcome): void;
  reply(crossing: Crossing, reply: Outcome): void;
  book(crossing: Crossing, id: string, status?: BookedCharge['status']): void;
  incident(incident: Omit<Incident, 'at'>): void;
  /** Lets virtual milliseconds pass. */
  wait(ms: number): void;
  done(): History;
}

/** A purchase of 5.00 dollars under `key`. */
export function intentFor(key: string, amountMinor = 500): ChargeIntent {
  return { paymentToken: `tok_${key}`, scope: 's', key, amountMinor, currency: 'USD' };
}

/** What is sent to the gateway for a purchase. */
export function chargeFor(key: string, idempotencyKey: string): Readonly<Record<string, unknown>> {
  const { paymentToken, amountMinor, currency } = intentFor(key);
  return {
    paymentToken,
    amountMinor,
    currency,
    idempotencyKey,
    merchantReference: `ref-${key}`,
    capture: 'automatic',
  };
}

/** A successful outcome. */
export function ok(value: unknown): Outcome {
  return { ok: true, value };
}

/** A failed outcome. */
export function failed(code: string): Outcome {
  return { ok: false, error: { name: 'PaymentError', code, message: code } };
}

/** Starts an empty script. */
export function script(): Script {
  const crossings: Crossing[] = [];
  const incidents: Incident[] = [];
  const charges: BookedCharge[] = [];
  let atMs = 0;
  let order = 0;
  const now = (): { atMs: number; order: number } => ({ atMs, order: order++ });
  return {
    call(who, site, request) {
      const { actor, faults = [], process = 'p0' } = typeof who === 'string' ? { actor: who } : who;
      const nth =
        crossings.filter((crossing) => crossing.actor === actor && crossing.site === site).length + 1;
      const crossing: Crossing = {
        id: crossings.length,
        actor,
        process,
        incarnation: 1,
        site,
        nth,
        request,
        faults,
        called: now(),
      };
      crossings.push(crossing);
      return crossing;
    },
    apply(crossing, effect) {
      crossing.applied = now();
      if (effect !== undefined) crossing.effect = effect;
    },
    reply(crossing, reply) {
      crossing.replied = now();
      crossing.reply = reply;
    },
    book(crossing, id, status = 'captured') {
      const sent = crossing.request as Omit<BookedCharge, 'id'>;
      const { paymentToken, idempotencyKey, merchantReference, amountMinor, currency } = sent;
      const capturedMinor = status === 'captured' ? amountMinor : 0;
      const money = { amountMinor, currency, status, capturedMinor, refundedMinor: 0 };
      charges.push({ id, paymentToken, idempotencyKey, merchantReference, ...money, at: now() });
    },
    incident: (incident) => void incidents.push({ ...incident, at: now() }),
    wait(ms) {
      atMs += ms;
    },
    done: () => ({
      terms: usualTerms,
      crossings,
      incidents,
      books: { charges },
      passages: [],
      logs: [],
      deadlocked: [],
      events: order,
      digest: '0123456789abcdef',
    }),
  };
}
