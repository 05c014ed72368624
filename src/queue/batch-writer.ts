// Many small writes become few large ones, and each caller still learns what became of the own one.

import { joinFailures } from '../errors/join.ts';
import { PaymentError, ValidationError } from '../errors/payment-error.ts';
import type { Clock, Timers } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { QueueRefusedError } from './queue-refused-error.ts';

/** Options of {@link batchWriter}. */
export interface BatchWriterOptions<Item> {
  readonly runtime: Pick<Clock, 'monotonicMs'> & Pick<Timers, 'after'>;
  /**
   * Makes all items durable, in their order, or rejects. Has to be **idempotent for each item**, by a unique key in
   * the store, because an item may be written again after a rejection that did not tell whether it was. Must settle:
   * bound it by a time-out. A store that is down for a moment is worth a `retry` around this.
   */
  readonly write: (items: readonly Item[]) => Promise<unknown>;
  /** What an item is about, such as a payment: items of one key are written in the order in which they were added. */
  readonly key: (item: Item) => string;
  /** A batch holds no more. Default 100. */
  readonly maxItems?: number;
  /** No item waits longer for its batch to begin, milliseconds, unless all flights are under way. Default 5 000. */
  readonly maxWaitMs?: number;
  /** How many batches are written at the same time at most; never two with items of one key. Default 1. */
  readonly maxFlights?: number;
  /** How many items wait at most; one more is refused. Default 10 000. */
  readonly maxBuffered?: number;
}

/** Collects items and writes them in batches. */
export interface BatchWriter<Item> {
  /**
   * Resolves when the item is durable.
   *
   * @throws QueueRefusedError when too many wait, or the writer has been stopped; the item is not written.
   * @throws ValidationError when the item has no key.
   * Else rejects with the join of the rejections of every write that the item was in: it may be durable when that
   * leaves the effect unknown. To add it again is safe, but puts it behind what was added meanwhile: where that
   * matters, await an item before adding the next of its key.
   */
  add(item: Item): Promise<void>;
  /** Accepts nothing more, writes what waits at once, and resolves when all of it is settled. */
  stop(): Promise<void>;
}

/**
 * A writer that begins a batch when `maxItems` wait, or the oldest has waited for `maxWaitMs`. What waits is **in memory
 * only**: nobody was told that it is durable, so whoever added it has to add it again after a crash.
 *
 * A batch that is rejected is split and its halves are written again, down to single items, so that one that the store
 * refuses does not fail the others. When the rejection is a `PaymentError` that is retriable it is not the items' fault:
 * then nothing is split, and everything of the batch that is not yet written is rejected with it.
 *
 * @throws ValidationError when an option is out of range.
 */
export function batchWriter<Item>(options: BatchWriterOptions<Item>): BatchWriter<Item> {
  const { runtime, write, key, maxItems, maxWaitMs, maxFlights, maxBuffered } = settingsOf(options);
  let buffer: Added<Item>[] = [];
  const keysInFlight = new Set<string>();
  let flights = 0;
  let stopped = false;
  let cancelTimer = (): void => {};
  let idle: (() => void)[] = [];

  /** What may be written now. An item whose key is under way holds back what came later for it, and nothing else. */
  const free = (): readonly Added<Item>[] => buffer.filter((added) => !keysInFlight.has(added.key));
  const fly = (batch: readonly Added<Item>[]): void => {
    const keys = new Set(batch.map((added) => added.key));
    for (const name of keys) keysInFlight.add(name);
    flights += 1;
    void landed(write, batch).then(() => {
      for (const name of keys) keysInFlight.delete(name);
      flights -= 1;
      proceed();
    });
  };
  /** Milliseconds until a batch of `items` is due. */
  const waitMs = (items: readonly Added<Item>[]): number => {
    const [oldest] = items;
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    if (stopped || items.length >= maxItems) return 0;
    return Math.max(0, oldest.addedMs + maxWaitMs - runtime.monotonicMs());
  };
  const proceed = (): void => {
    cancelTimer();
    while (flights < maxFlights) {
      const items = free();
      const leftMs = waitMs(items);
      if (leftMs > 0) {
        if (items.length > 0) cancelTimer = runtime.after(leftMs, proceed);
        break;
      }
      const batch = new Set(items.slice(0, maxItems));
      buffer = buffer.filter((added) => !batch.has(added));
      fly([...batch]);
    }
    if (buffer.length > 0 || flights > 0) return;
    for (const tell of idle) tell();
    idle = [];
  };

  return {
    async add(item) {
      const name = key(item);
      if (typeof name !== 'string')
        throw new ValidationError('batchWriter: the key of an item has to be a text');
      if (stopped) throw new QueueRefusedError('batchWriter: it has been stopped; add the item elsewhere');
      if (buffer.length >= maxBuffered) {
        throw new QueueRefusedError(
          `batchWriter: ${maxBuffered} items are waiting; add the item again later`,
        );
      }
      await new Promise<void>((resolve, reject) => {
        buffer.push({ item, key: name, addedMs: runtime.monotonicMs(), failures: [], resolve, reject });
        proceed();
      });
    },
    stop() {
      stopped = true;
      return new Promise((resolve) => {
        idle.push(resolve);
        proceed();
      });
    },
  };
}

interface Added<Item> {
  readonly item: Item;
  readonly key: string;
  readonly addedMs: number;
  /** What every write that it was in rejected with. */
  readonly failures: unknown[];
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Writes a batch and settles each of its items; tells the trouble of the store that ended it early, if any did. */
async function landed<Item>(
  write: BatchWriterOptions<Item>['write'],
  batch: readonly Added<Item>[],
): Promise<PaymentError | undefined> {
  try {
    await write(batch.map(({ item }) => item));
    for (const { resolve } of batch) resolve();
    return undefined;
  } catch (error) {
    for (const { failures } of batch) failures.push(error);
    const trouble = error instanceof PaymentError && error.retriable ? error : undefined;
    if (trouble !== undefined || batch.length === 1) {
      for (const { failures, reject } of batch) reject(joinFailures(failures, false));
      return trouble;
    }
  }
  const middle = Math.ceil(batch.length / 2);
  const second = batch.slice(middle);
  const trouble = await landed(write, batch.slice(0, middle));
  if (trouble === undefined) return landed(write, second);
  for (const { failures, reject } of second) reject(joinFailures([...failures, trouble], false));
  return trouble;
}

const check = optionCheck('batchWriter');

function settingsOf<Item>(options: BatchWriterOptions<Item>): Required<BatchWriterOptions<Item>> {
  const settings = { maxItems: 100, maxWaitMs: 5_000, maxFlights: 1, maxBuffered: 10_000, ...options };
  check.runtime(settings.runtime, ['monotonicMs', 'after']);
  for (const name of ['maxItems', 'maxFlights', 'maxBuffered'] as const) check.count(name, settings[name]);
  check.delay('maxWaitMs', settings.maxWaitMs);
  for (const name of ['write', 'key'] as const) check.callback(name, settings[name]);
  return settings;
}
