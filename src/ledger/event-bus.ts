// Tells everyone who subscribed to a type of event, each on their own: one that fails or hangs is reported and
// keeps nothing from the others.

import { OutcomeUnknownError, ValidationError } from '../errors/payment-error.ts';
import type { Timers } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';

/** An event on its way to its subscribers. */
export interface BusEvent {
  /** Unique: deliveries repeat, and a subscriber knows by it what it had before. */
  readonly id: string;
  readonly type: string;
  readonly aggregate: string;
  /** Plain JSON, shared by all subscribers: not to be changed. */
  readonly payload: unknown;
}

/**
 * Handles an event. Rejecting asks for the event again, for all its subscribers. `signal` is aborted when the time is
 * over.
 */
export type EventHandler = (event: BusEvent, signal: AbortSignal) => Promise<void> | void;

/** A subscriber that could not handle an event. */
export interface DeliveryFailure {
  readonly subscriber: string;
  readonly error: unknown;
}

/** What came of publishing an event. */
export interface Publication {
  /** How many subscribers were told. */
  readonly subscribers: number;
  /** Those that failed, in order of subscription. */
  readonly failures: readonly DeliveryFailure[];
}

/** A bus within one process. */
export interface EventBus {
  /**
   * Adds a handler under a name that is its own among the type's, and returns what removes it again. Handlers have
   * to be idempotent by the event's id: let them commit a unit of work with the effect `<name>/<event id>`.
   *
   * @throws ValidationError when the name is taken, or type, name or handler is none.
   */
  subscribe(type: string, name: string, handler: EventHandler): () => void;
  /**
   * Starts every handler of the event's type in order of subscription and waits for all of them, at most `withinMs`
   * milliseconds: one that has not settled by then failed with `OutcomeUnknownError`.
   *
   * @throws ValidationError when `withinMs` is nothing that a timer can hold; nobody was told.
   */
  publish(event: BusEvent, withinMs: number): Promise<Publication>;
}

const check = optionCheck('eventBus');

/**
 * A bus without subscribers.
 *
 * @throws ValidationError when the runtime cannot wait.
 */
export function eventBus({ runtime }: { readonly runtime: Pick<Timers, 'after'> }): EventBus {
  check.runtime(runtime, ['after']);
  const byType = new Map<string, Map<string, EventHandler>>();
  return {
    subscribe(type, name, handler) {
      check.text('type', type);
      check.text('name', name);
      check.callback('handler', handler);
      const handlers = byType.get(type) ?? new Map<string, EventHandler>();
      if (handlers.has(name)) {
        throw new ValidationError(
          `eventBus: ${type} has a subscriber ${name} already; give each its own name`,
        );
      }
      byType.set(type, handlers.set(name, handler));
      return () => void (handlers.get(name) === handler && handlers.delete(name));
    },
    async publish(event, withinMs) {
      check.delay('withinMs', withinMs);
      // What subscribes meanwhile is told of the next event.
      const handlers = [...(byType.get(event.type) ?? [])];
      const told = handlers.map(([subscriber, handler]) =>
        within(runtime, { withinMs, subscriber }, (signal) => handler(event, signal)),
      );
      const failures = (await Promise.all(told)).filter((failure) => failure !== undefined);
      return { subscribers: handlers.length, failures };
    },
  };
}

function within(
  runtime: Pick<Timers, 'after'>,
  { withinMs, subscriber }: { readonly withinMs: number; readonly subscriber: string },
  handle: (signal: AbortSignal) => Promise<void> | void,
): Promise<DeliveryFailure | undefined> {
  return new Promise((resolve) => {
    const controller = new AbortController();
    const cancel = runtime.after(withinMs, () => {
      const error = new OutcomeUnknownError(
        `eventBus: ${subscriber} did not settle within ${withinMs} ms; it may still act on the event`,
      );
      controller.abort(error);
      resolve({ subscriber, error });
    });
    const settle = (failure?: DeliveryFailure): void => {
      cancel();
      resolve(failure);
    };
    Promise.resolve(controller.signal)
      .then(handle)
      .then(
        () => settle(),
        (error: unknown) => settle({ subscriber, error }),
      );
  });
}
