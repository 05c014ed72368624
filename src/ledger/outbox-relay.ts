// Brings committed events from the outbox to their subscribers: at least once, in order for each aggregate, and never
// held up for ever by one that cannot be delivered.

import { parseJson } from '../kernel/parse-json.ts';
import type { Clock, LogSink } from '../kernel/runtime.ts';
import { codeOf } from '../resilience/audit.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { quietly } from '../resilience/quietly.ts';
import type { EventBus, Publication } from './event-bus.ts';
import type { EventWrite } from './ledger-store.ts';
import type { ClaimedEvent, DeliveryOutcome, OutboxStore } from './outbox-store.ts';

/** Options of {@link outboxRelay}. Durations are milliseconds. */
export interface OutboxRelayOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'> & LogSink;
  readonly store: Pick<OutboxStore, 'claim' | 'settle'>;
  readonly bus: Pick<EventBus, 'publish'>;
  /** How many events one pass takes up, all at once. Default 100. */
  readonly limit?: number;
  /** How long a claimed event is kept from other relays. Subscribers have the first half of it. Default 60 000. */
  readonly leaseMs?: number;
  /** After so many attempts an event is given up. Default 20, which with the delays below is about an hour. */
  readonly maxAttempts?: number;
  /** Before the second attempt; doubles with each further one. Default 1 000. */
  readonly delayMs?: number;
  /** No delay is longer. Default 300 000. */
  readonly maxDelayMs?: number;
  /**
   * Told of each event that is given up, at least once, before it leaves the outbox for the dead letters. Must settle:
   * bound it by a time-out. When it fails that is logged, and the dead letters still tell.
   */
  readonly onDead: (event: EventWrite, reason: string) => Promise<void> | void;
}

/** What one pass did with the events that it claimed; what is not counted is left to its lease. */
export interface RelayReport {
  readonly claimed: number;
  readonly delivered: number;
  /** To be tried again later. */
  readonly failed: number;
  /** Given up. */
  readonly dead: number;
  /** Whether another pass may find something at once: what waited for one of these to end, or was beyond the limit. */
  readonly more: boolean;
}

/**
 * Builds a relay. Each call goes once over the events that are due, of each aggregate the first; call it again while
 * there are `more`. Any number of relays may work on one outbox.
 *
 * Delivery is **at least once**: an event is marked delivered after its subscribers have handled it, and whoever
 * crashes between the two lets it be delivered again. An event without a subscriber, with one that fails or one that
 * does not settle in time, is tried again as a whole; after `maxAttempts`, crashes included, it is dead: reported to
 * `onDead`, kept as a dead letter, and the next of its aggregate proceeds.
 *
 * A call rejects with `StoreUnavailableError` when the events cannot be claimed. Every attempt that failed is logged.
 *
 * @throws ValidationError when an option is out of range.
 */
export function outboxRelay(options: OutboxRelayOptions): () => Promise<RelayReport> {
  const settings = settingsOf(options);
  const { runtime, store, limit, leaseMs } = settings;
  return async () => {
    const untilMs = runtime.monotonicMs() + leaseMs / 2;
    const claimed = await store.claim({ limit, leaseMs });
    const kinds = await Promise.all(claimed.map((event) => delivered(settings, event, untilMs)));
    const count = (wanted: DeliveryOutcome['kind']): number => kinds.filter((kind) => kind === wanted).length;
    return {
      claimed: claimed.length,
      delivered: count('delivered'),
      failed: count('failed'),
      dead: count('dead'),
      more: claimed.some(
        ({ hasNext }, index) => isOver(kinds[index]) && (hasNext || claimed.length === limit),
      ),
    };
  };
}

/** Whether the next of the aggregate is to be delivered. */
function isOver(kind: DeliveryOutcome['kind'] | undefined): boolean {
  return kind === 'delivered' || kind === 'dead';
}

type Settings = Required<OutboxRelayOptions>;

const check = optionCheck('outboxRelay');

function settingsOf(options: OutboxRelayOptions): Settings {
  const settings = {
    limit: 100,
    leaseMs: 60_000,
    maxAttempts: 20,
    delayMs: 1_000,
    maxDelayMs: 300_000,
    ...options,
  };
  check.runtime(settings.runtime, ['monotonicMs', 'log']);
  check.count('limit', settings.limit);
  check.delay('leaseMs', settings.leaseMs, 2);
  check.count('maxAttempts', settings.maxAttempts);
  check.delay('delayMs', settings.delayMs, 1);
  check.delay('maxDelayMs', settings.maxDelayMs, settings.delayMs);
  check.callback('onDead', settings.onDead);
  return settings;
}

/** What was recorded of one event; undefined when nothing could be, and its lease decides. */
async function delivered(
  settings: Settings,
  claimed: ClaimedEvent,
  untilMs: number,
): Promise<DeliveryOutcome['kind'] | undefined> {
  const { store, onDead } = settings;
  const { event, token } = claimed;
  const outcome = await outcomeOf(settings, claimed, untilMs);
  if (outcome === undefined) return undefined;
  try {
    if (outcome.kind === 'dead') await onDead(event, outcome.reason);
  } catch (error) {
    log(settings, claimed, { step: 'onDead', code: codeOf(error) });
  }
  try {
    return (await store.settle({ id: event.id, token, outcome })) ? outcome.kind : undefined;
  } catch (error) {
    log(settings, claimed, { step: 'settle', code: codeOf(error) });
    return undefined;
  }
}

async function outcomeOf(
  settings: Settings,
  claimed: ClaimedEvent,
  untilMs: number,
): Promise<DeliveryOutcome | undefined> {
  const { runtime, bus, maxAttempts, delayMs, maxDelayMs } = settings;
  const { event, attempts } = claimed;
  // Whoever took it up before died of it, or was cut off, as often as anybody may.
  if (attempts > maxAttempts) return { kind: 'dead', reason: 'abandoned' };
  const leftMs = untilMs - runtime.monotonicMs();
  // The claim took so long to come back that the event may be somebody else's before it is handled.
  if (leftMs <= 0) return undefined;
  const { subscribers, failures } = await published(bus, event, leftMs);
  for (const { subscriber, error } of failures)
    log(settings, claimed, { step: subscriber, code: codeOf(error) });
  if (subscribers === 0) log(settings, claimed, { step: 'publish', code: 'no_subscriber' });
  const [first] = failures;
  if (subscribers > 0 && first === undefined) return { kind: 'delivered' };
  if (attempts < maxAttempts) {
    return { kind: 'failed', delayMs: Math.min(delayMs * 2 ** (attempts - 1), maxDelayMs) };
  }
  return { kind: 'dead', reason: first === undefined ? 'no_subscriber' : codeOf(first.error) };
}

/** A content that cannot be read fails its event and not the pass. */
async function published(
  bus: Pick<EventBus, 'publish'>,
  { id, type, aggregate, payload }: EventWrite,
  withinMs: number,
): Promise<Publication> {
  try {
    return await bus.publish({ id, type, aggregate, payload: parseJson(payload) }, withinMs);
  } catch (error) {
    return { subscribers: 1, failures: [{ subscriber: 'publish', error }] };
  }
}

/** Codes only: the message of a subscriber's error may hold what no log should. */
function log(
  { runtime }: Settings,
  { event, attempts }: ClaimedEvent,
  what: { readonly step: string; readonly code: string },
): void {
  quietly(
    runtime.log,
    { outbox: what.step, code: what.code, event: event.id, type: event.type, attempts },
    runtime,
  );
}
