// What a webhook inbox has to be told, with the defaults and their bounds.

import { ValidationError } from '../errors/payment-error.ts';
import type { Runtime } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { EventMapping, WebhookEvent } from './event.ts';
import type { InboxRecord, InboxStore } from './inbox-store.ts';
import type { Movement, Ordering } from './ordering.ts';
import type { WebhookVerifier } from './verifier.ts';

/** One effect of an event, kept once under (object, transition, name). */
export interface EventEffect {
  /** Tells the effects of one change apart. Default: the change has this one effect. */
  readonly name?: string;
  /** What the store applies; JSON. */
  readonly payload: unknown;
}

/**
 * How a handler leaves an event.
 *
 * - `done`: handled; `effects` are applied in the operation that says so, unless an earlier event had them.
 * - `parked`: it refers to something that is not known here yet; try again later.
 */
export type Handled =
  | { readonly kind: 'done'; readonly effects?: readonly EventEffect[] }
  | { readonly kind: 'parked'; readonly why: string };

/** What a handler is told besides the event. */
export interface Delivery {
  /**
   * What the event does to the state of its object, once `done` is written; until then another event may come first. So what
   * follows from it belongs into effects, which are written with it.
   */
  readonly movement: Movement;
  /** 1 the first time. */
  readonly attempt: number;
  /**
   * The key of the event's effect, equal at every attempt and for every event that announces the same change. Whoever acts outside
   * of the store passes it on as idempotency key.
   */
  effectKey(name?: string): string;
  /** Throws `LeaseLostError` when the lease is over and somebody else may have the event; to be called before acting outside. */
  fence(): void;
  /** Aborted when the lease is over. */
  readonly signal: AbortSignal;
}

/** Options of `webhookInbox`. Durations are milliseconds. */
export interface WebhookInboxOptions<Body, Data> extends EventMapping<Body, Data> {
  readonly runtime: Runtime;
  readonly store: InboxStore;
  readonly verifier: WebhookVerifier;
  /** Handles one event. What it throws is tried again later; so is an answer other than {@link Handled}. */
  readonly handle: (event: WebhookEvent<Data>, delivery: Delivery) => Promise<Handled>;
  /** Keeps states moving forward only. Default: events are not ordered. */
  readonly ordering?: Ordering;
  /** How long one handling may take. Then it is given up, and somebody else may try. Default 60 000. */
  readonly leaseMs?: number;
  /** How long a handled event's id is remembered. At least the sender's horizon of repetitions. Default 80 hours. */
  readonly dedupTtlMs?: number;
  /** Wait after the first failure; doubles each time. Default 1 000. */
  readonly retryDelayMs?: number;
  /** Wait after parking; doubles each time. Default 1 000. */
  readonly parkDelayMs?: number;
  /** Longest wait. Default 600 000. */
  readonly maxDelayMs?: number;
  /** Failed or abandoned handlings after which an event is dead. Default 16, which is over an hour. */
  readonly maxAttempts?: number;
  /** Parkings after which an event is dead. Default 24, over two hours. */
  readonly maxParks?: number;
  /** Most events that one call of `work` handles. Default 100. */
  readonly batch?: number;
  /** Whether `receive` also tries to handle a new event before it answers, which it does once the event is durable. Default false. */
  readonly handleNow?: boolean;
  /**
   * Told of each event that is given up, to page somebody. Not told where the process dies right after; `deadLetters`
   * knows all of them.
   */
  readonly onDeadLetter?: (record: InboxRecord) => unknown;
}

/** Options with every default filled in. */
export type InboxSettings<Body, Data> = Omit<Required<WebhookInboxOptions<Body, Data>>, 'ordering'> &
  Pick<WebhookInboxOptions<Body, Data>, 'ordering'>;

/** For how long a sender may repeat an event, milliseconds: eighty hours, which is longer than Stripe's three days. */
export const defaultDedupTtlMs = 288_000_000;

const check = optionCheck('webhookInbox');

/**
 * Fills in the defaults.
 *
 * @throws ValidationError when a number is out of range, or a function or a part is none.
 */
export function inboxSettings<Body, Data>(
  options: WebhookInboxOptions<Body, Data>,
): InboxSettings<Body, Data> {
  const settings = {
    leaseMs: 60_000,
    dedupTtlMs: defaultDedupTtlMs,
    retryDelayMs: 1_000,
    parkDelayMs: 1_000,
    maxDelayMs: 600_000,
    maxAttempts: 16,
    maxParks: 24,
    batch: 100,
    handleNow: false,
    onDeadLetter: () => {},
    ...options,
  };
  check.runtime(settings.runtime, ['monotonicMs', 'after', 'id', 'log']);
  for (const name of ['eventOf', 'handle', 'onDeadLetter'] as const) check.callback(name, settings[name]);
  check.callback('verifier.verify', settings.verifier?.verify);
  if (settings.ordering !== undefined) {
    check.callback('ordering.fetch', settings.ordering.fetch);
    check.callback('ordering.lattice.mayMove', settings.ordering.lattice?.mayMove);
  }
  for (const name of ['leaseMs', 'retryDelayMs', 'parkDelayMs', 'maxDelayMs'] as const) {
    check.delay(name, settings[name], 1);
  }
  check.span('dedupTtlMs', settings.dedupTtlMs);
  for (const name of ['maxAttempts', 'maxParks', 'batch'] as const) check.count(name, settings[name]);
  if (typeof settings.handleNow !== 'boolean')
    throw new ValidationError('webhookInbox: handleNow must be a boolean');
  return settings;
}
