// How a provider brings its events to the merchant: signed anew at each attempt, tried again until somebody answers
// 2xx or patience ends, at least once and in no order. What goes wrong on the way is decided by the faults of the event.

import type { Striking } from '../faults/decide.ts';
import { type FaultKind, faultFacts } from '../faults/kinds.ts';
import type { ProviderEvent } from './events.ts';
import { forgeries } from './forgeries.ts';
import { messageSigner, type SignerParts, type WebhookMessage } from './webhook-message.ts';
import type { WebhookScheme, WebhookSecrets } from './webhook-signatures.ts';

/** One request to the merchant's webhook endpoint. */
export interface Delivery extends WebhookMessage {
  /**
   * Who sends it: `twin:deliver:evt_1`, `twin:deliver:evt_1/dup` for a copy, `twin:forge:evt_1` for somebody who only
   * pretends to be the provider.
   */
  readonly actor: string;
  /** Id of the event that it claims to bring. */
  readonly eventId: string;
  /** From 1. */
  readonly attempt: number;
  /** Whether the provider sent it, now and as it is; the endpoint must not act on anything else. */
  readonly authentic: boolean;
}

/** When a provider tries, milliseconds. */
export interface DeliveryPolicy {
  /** From the change to the first attempt. */
  readonly firstAfterMs: number;
  /** How long it waits for an answer. */
  readonly timeoutMs: number;
  /** From a failed attempt to the next; when the list ends, so does the provider's patience. */
  readonly backoffMs: readonly number[];
}

/** What {@link deliveries} work with. */
export interface DeliveryParts extends SignerParts {
  readonly secrets: WebhookSecrets;
  /** Default: what is known of the providers that sign by the scheme, see {@link deliveryPolicies}. */
  readonly policy?: DeliveryPolicy | undefined;
  /** The faults that strike the `nth` attempt of an actor. */
  readonly faultsOn?: ((actor: string, nth: number) => readonly Striking[]) | undefined;
  /** Carries a request to the merchant; `answered` is told the HTTP status, or never called when there is none. */
  readonly deliver: (delivery: Delivery, answered: (status: number) => void) => void;
}

/** The deliveries of one provider. */
export interface Deliveries {
  /** Takes charge of an event. */
  send(event: ProviderEvent): void;
  /** The merchant asks for an event once more, however that went so far. False when there is no such event. */
  resend(eventId: string): boolean;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const common = { firstAfterMs: 500, timeoutMs: 20 * secondMs };

/**
 * - Stripe tries "for up to three days with an exponential back off" (documentation of webhooks, "Automatic retries");
 *   the steps are not published, so doubling from five minutes is assumed.
 * - The schedule of Svix, whose scheme Standard Webhooks is, comes from its documentation, "Retry schedule".
 * - GitHub does not try again by itself ("Handling failed webhook deliveries").
 */
export const deliveryPolicies: Readonly<Record<WebhookScheme, DeliveryPolicy>> = {
  stripe: {
    ...common,
    backoffMs: [5, 10, 20, 40, 80, 160, 320, 640, 1_280, 1_765].map((minutes) => minutes * minuteMs),
  },
  standard: {
    ...common,
    backoffMs: [5 * secondMs, 5 * minuteMs, 30 * minuteMs, 2 * hourMs, 5 * hourMs, 10 * hourMs, 10 * hourMs],
  },
  github: { ...common, backoffMs: [] },
};

/** Starts without events. */
export function deliveries(parts: DeliveryParts): Deliveries {
  const { far, scheme, secrets, deliver } = parts;
  const sign = messageSigner(parts);
  const policy = parts.policy ?? deliveryPolicies[scheme];
  const known = new Map<string, Errand>();

  function faultsOf(event: ProviderEvent, nth: number): Struck {
    return struckBy(parts.faultsOn?.(actorOf(event), nth) ?? []);
  }

  /** `failures` is how many attempts have failed since the errand was last begun. */
  function attempt(errand: Errand, failures: number): void {
    errand.attempts += 1;
    const { event, attempts } = errand;
    const struck = faultsOf(event, attempts);
    const post = (copy: string, answered: (status: number) => void): void => {
      const message = sign(event, signersOf(secrets, struck));
      const actor = `${actorOf(event)}${copy}`;
      deliver({ actor, eventId: event.id, attempt: attempts, authentic: true, ...message }, answered);
    };
    let over = false;
    const end = (status: number | undefined): void => {
      if (over) return;
      over = true;
      if (status !== undefined && status >= 200 && status < 300) return;
      const pauseMs = policy.backoffMs[failures];
      if (pauseMs !== undefined) far.after(pauseMs, () => attempt(errand, failures + 1));
    };
    // Forgeries come just before what is true: were they believed, they would have their effect first.
    for (const forgery of forgeries(event, struck, { sign, scheme, secret: secrets.current }))
      deliver({ actor: `twin:forge:${event.id}`, attempt: attempts, authentic: false, ...forgery }, () => {});
    far.after(policy.timeoutMs, () => end(undefined));
    post('', end);
    const againAfterMs = struck.get('webhook-duplicated');
    if (againAfterMs !== undefined) far.after(againAfterMs, () => post('/dup', () => {}));
  }

  function begin(event: ProviderEvent, afterMs: number): void {
    const errand: Errand = { event, attempts: 0 };
    known.set(event.id, errand);
    if (Number.isFinite(afterMs)) far.after(afterMs, () => attempt(errand, 0));
  }

  return {
    send(event) {
      const struck = faultsOf(event, 1);
      const firstMs = struck.has('webhook-early') ? 0 : policy.firstAfterMs;
      const heldMs = (struck.get('webhook-reordered') ?? 0) + (struck.get('webhook-late') ?? 0);
      const afterMs = struck.has('webhook-never') ? Number.POSITIVE_INFINITY : firstMs + heldMs;
      begin(event, afterMs);
      if (struck.has('webhook-two-ids')) begin({ ...event, id: `${event.id}_again` }, afterMs);
    },
    resend(eventId) {
      const errand = known.get(eventId);
      if (errand !== undefined) far.after(0, () => attempt(errand, 0));
      return errand !== undefined;
    },
  };
}

/** An event to bring, and how often that was attempted. */
interface Errand {
  readonly event: ProviderEvent;
  attempts: number;
}

function actorOf({ id }: ProviderEvent): string {
  return `twin:deliver:${id}`;
}

/** Kinds with their durations, milliseconds. */
type Struck = ReadonlyMap<FaultKind, number>;

function struckBy(faults: readonly Striking[]): Struck {
  return new Map(faults.map(({ kind, ms }) => [kind, ms ?? faultFacts[kind].defaultMs ?? 0]));
}

/** During a rotation the old secret's signature comes first, so that who looks at the first one only refuses it. */
function signersOf({ current, previous }: WebhookSecrets, struck: Struck): readonly string[] {
  if (previous === undefined) return [current];
  if (struck.has('webhook-old-secret')) return [previous];
  return struck.has('webhook-both-secrets') ? [previous, current] : [current];
}
