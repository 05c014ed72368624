// What a thread of the bench runs; see `openPool`.

import { parentPort } from 'node:worker_threads';
import { runErrand } from './errands.ts';
import type { Assignment, Reply } from './pool.ts';

parentPort?.on('message', async ({ place, kind, asked }: Assignment) => {
  parentPort?.postMessage(await replyTo({ place, kind, asked }));
});

async function replyTo({ place, kind, asked }: Assignment): Promise<Reply> {
  try {
    return { place, answer: await runErrand(kind, asked) };
  } catch (cause) {
    return { place, error: cause instanceof Error ? (cause.stack ?? cause.message) : String(cause) };
  }
}
