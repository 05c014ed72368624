// The safe path from a webhook to its effect. Receiving only makes the event durable; handling is a claim that somebody else
// can take over.

import { ValidationError, WebhookReplayError, WebhookSignatureError } from '../errors/payment-error.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { codeOf } from '../resilience/audit.ts';
import { quietly } from '../resilience/quietly.ts';
import { objectKey } from './effect-key.ts';
import { eventReader, type WebhookEvent } from './event.ts';
import { type HandlingOutcome, handleClaimed, handleNext } from './handling.ts';
import type { WebhookHeaders } from './headers.ts';
import { type InboxSettings, inboxSettings, type WebhookInboxOptions } from './inbox-options.ts';
import type { InboxReceipt, InboxRecord } from './inbox-store.ts';

/** What to answer to one delivery. */
export interface ReceiveAnswer {
  /** The HTTP status. */
  readonly status: 200 | 400 | 500 | 503;
  /**
   * - `accepted` (200): the event is durable, and was new;
   * - `duplicate` (200): it was durable already;
   * - `ignored` (200): genuine, and `eventOf` has no use for it;
   * - `refused` (400): not genuine, not fresh, or not readable; nothing happened;
   * - `failed` (503 when the store did not answer, else 500): the sender has to send it again.
   */
  readonly outcome: 'accepted' | 'duplicate' | 'ignored' | 'refused' | 'failed';
  /** The event's id, where it is known. */
  readonly id?: string;
  /** How handling ended, where `handleNow` tried it; null when somebody else had it, or it was over already. */
  readonly handled?: HandlingOutcome | null;
  /** Why it was refused, or failed. For the log: the sender is not to be told. */
  readonly error?: unknown;
}

/** How many events ended how in one call of `work`. */
export type WorkReport = Readonly<Record<HandlingOutcome, number>>;

/** Receives webhooks and works them off. */
export interface WebhookInbox {
  /** Decides what to answer to a delivery. Never rejects. */
  receive(rawBody: Uint8Array, headers: WebhookHeaders): Promise<ReceiveAnswer>;
  /**
   * Handles what is due, one after the other, up to `batch`. To be called again and again, by as many processes as there are; each
   * event is held by one at a time, and so is each object. Rejects with `StoreUnavailableError` when nothing can be
   * claimed.
   */
  work(): Promise<WorkReport>;
  /** Events that were given up, oldest first: to be reported until somebody has dealt with them. */
  deadLetters(query?: { readonly limit?: number }): Promise<readonly InboxRecord[]>;
  /** Handles a dead event again, with all attempts ahead of it; answers whether it was dead. */
  requeue(id: string): Promise<boolean>;
}

/**
 * An inbox in front of `handle`. What it promises:
 *
 * - **2xx means durable.** A crash, or a store that does not answer, leaves the sender without a 2xx, and it sends again.
 * - **Effects that the handler returns are applied exactly once**: the store applies them in the operation that ends the event,
 *   and at most once per (object, transition), whatever the number of deliveries, attempts and event ids.
 * - **The handler itself runs at least once**, until it has answered `done` and that was written; twice where a process dies
 *   or stalls past its lease. What it does outside of the store happens once only if whoever it asks keeps things once
 *   under `delivery.effectKey()`, such as an operation behind `idempotent`, or a ledger that commits the key as a mark.
 * - **States move forward only**, given `ordering`; see `movementOf` for when the gateway is asked.
 * - **Nothing vanishes**: an event that can't be handled, or whose object stays unknown, ends among the dead letters.
 *
 * @throws ValidationError when an option is out of range.
 */
export function webhookInbox<Body, Data>(options: WebhookInboxOptions<Body, Data>): WebhookInbox {
  const settings = inboxSettings(options);
  const { store, batch } = settings;
  const received = receiving(settings);
  return {
    async receive(rawBody, headers) {
      const answer = await received(rawBody, headers).catch(unreadable);
      if (answer.error !== undefined) {
        const { outcome, status, error } = answer;
        quietly(settings.runtime.log, { webhook: outcome, status, code: codeOf(error) }, settings.runtime);
      }
      return answer;
    },
    async work() {
      const report: Record<HandlingOutcome, number> = { done: 0, parked: 0, failed: 0, dead: 0, lost: 0 };
      for (let handled = 0; handled < batch; handled += 1) {
        const outcome = await handleNext(settings);
        if (outcome === null) break;
        report[outcome] += 1;
      }
      return report;
    },
    deadLetters: async ({ limit = 100 } = {}) => store.list({ state: 'DEAD', limit }),
    requeue: async (id) => store.revive(id),
  };
}

function receiving<Body, Data>(
  settings: InboxSettings<Body, Data>,
): (rawBody: Uint8Array, headers: WebhookHeaders) => Promise<ReceiveAnswer> {
  const read = eventReader(settings);
  return async (rawBody, headers) => {
    const event = await read(rawBody, settings.verifier.verify(rawBody, headers));
    if (event === null) return { status: 200, outcome: 'ignored' };
    const { id } = event;
    const { runtime, store, leaseMs, handleNow } = settings;
    const arrival = { id, object: objectKey(event), event: storable(event, settings) };
    const askedAtMs = runtime.monotonicMs();
    let receipt: InboxReceipt;
    try {
      const wish = handleNow ? { claim: { attemptId: runtime.id('webhook'), leaseMs } } : {};
      receipt = await store.receive({ ...arrival, ...wish });
    } catch (error) {
      return { status: 503, outcome: 'failed', id, error };
    }
    const { first, record, claim } = receipt;
    const outcome = first ? 'accepted' : 'duplicate';
    if (!handleNow) return { status: 200, outcome, id };
    if (claim === null) return { status: 200, outcome, id, handled: null };
    // The event is durable, so whatever becomes of this handling is no concern of the sender's.
    const handled = await handleClaimed(settings, { record, ...claim }, askedAtMs + leaseMs);
    return { status: 200, outcome, id, handled };
  };
}

/**
 * @throws ValidationError when the event is no JSON, or in a state that the lattice has no place for: it would be stored only
 * to fail.
 */
function storable<Body, Data>(event: WebhookEvent<Data>, { ordering }: InboxSettings<Body, Data>): string {
  if (event.status !== undefined && ordering !== undefined && !ordering.lattice.knows(event.status)) {
    throw new ValidationError(
      `webhook: the lattice has no state ${event.status}; add it, or map it in eventOf`,
    );
  }
  return canonicalJson(event);
}

function unreadable(error: unknown): ReceiveAnswer {
  const isSenders =
    error instanceof WebhookSignatureError ||
    error instanceof WebhookReplayError ||
    error instanceof ValidationError;
  if (isSenders) return { status: 400, outcome: 'refused', error };
  return { status: 500, outcome: 'failed', error };
}
