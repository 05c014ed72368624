// What the tests of the batch writer share: a writer of short texts, whose first letter is their key, over a store that
// the test makes up.

import { IdempotencyConflictError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { type BatchWriterOptions, batchWriter } from './batch-writer.ts';

/** A writer of batches of three, or of what came within a second, with everything that it wrote and told. */
export function rig(options: Partial<BatchWriterOptions<string>> = {}) {
  const runtime = manualRuntime();
  const writes: { readonly atMs: number; readonly items: readonly string[] }[] = [];
  const told: string[] = [];
  const { write = async () => {} } = options;
  const writer = batchWriter<string>({
    runtime,
    key: (item) => item[0] ?? '',
    maxItems: 3,
    maxWaitMs: 1_000,
    ...options,
    write: (items) => {
      writes.push({ atMs: runtime.monotonicMs(), items });
      return write(items);
    },
  });
  const add = (...items: readonly string[]) =>
    Promise.all(
      items.map((item) =>
        writer.add(item).then(
          () => void told.push(`${item} ok`),
          (error: unknown) => void told.push(`${item} ${(error as Error).name}`),
        ),
      ),
    );
  return { runtime, writes, told, writer, add, items: () => writes.map(({ items }) => items.join(' ')) };
}

/** A store that refuses a batch as a whole for one bad item in it. */
export function refusing(...bad: readonly string[]): BatchWriterOptions<string>['write'] {
  return async (items) => {
    const found = items.find((item) => bad.includes(item));
    if (found !== undefined) throw new IdempotencyConflictError(found);
  };
}
