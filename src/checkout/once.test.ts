// Convinces by the records that each user of a shared store is handed, and by how often the store is listed for them.

import { expect, it, vi } from 'vitest';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryIdempotencyStore } from '../stores/memory-idempotency-store.ts';
import { sweepAll } from './once.ts';

it('a sweep lists a shared store once, and hands each user its own records, oldest first', async () => {
  const runtime = manualRuntime();
  const store = memoryIdempotencyStore(runtime);
  for (const key of ['b/1', 'a/1', 'stranger/1', 'b/2']) {
    await store.claim({ key, fingerprint: 'f', request: '{}', attemptId: key, leaseMs: 1_000 });
    await runtime.advance(1);
  }
  await runtime.advance(1_000);
  const list = vi.spyOn(store, 'list');
  const swept: string[] = [];
  const user = (name: string) => ({
    owns: (key: string) => key.startsWith(name),
    sweep: async (records: readonly { readonly key: string }[]) =>
      void swept.push(records.map(({ key }) => key).join()),
  });
  await sweepAll(store, [user('a'), user('b'), user('c')]);
  expect(swept).toEqual(['a/1', 'b/1,b/2', '']);
  expect(list).toHaveBeenCalledTimes(1);
});
