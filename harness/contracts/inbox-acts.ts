// What the clauses of an inbox store do to it.

import type { FinishWrite, InboxReceipt, InboxRecord, InboxStore } from '../../src/webhooks/inbox-store.ts';

/** Milliseconds. */
export const leaseMs = 1_000;
/** Milliseconds. */
export const dedupTtlMs = 10_000;
/** Why handling did not succeed. */
export const failure = { code: 'error', message: 'Error was thrown' };

/** Lets an event come in. */
export function receive(store: InboxStore, id: string, object = id): Promise<InboxReceipt> {
  return store.receive({ id, object, event: `"${id}"` });
}

/** Asks for any event, or for the one named. */
export function claim(store: InboxStore, attemptId: string, id?: string): ReturnType<InboxStore['claim']> {
  return store.claim({ attemptId, leaseMs, ...(id === undefined ? {} : { id }) });
}

/** Lets an event come in and claims it, as its owner sees it then. Throws when it is not given. */
export async function take(store: InboxStore, id: string, object = id): Promise<InboxRecord> {
  await receive(store, id, object);
  const held = await claim(store, `for ${id}`, id);
  if (held === null) throw new Error(`${id} came in and was not given to who asked for it`);
  return held.record;
}

/** Ends an event. */
export function finish(
  store: InboxStore,
  id: string,
  more: Partial<FinishWrite> & { readonly token: number },
): ReturnType<InboxStore['finish']> {
  return store.finish({ id, effects: [], dedupTtlMs, ...more });
}

/** Moves an object on. */
export function move(status: string, afterRevision: number): Pick<FinishWrite, 'move'> {
  return { move: { to: { status, version: 7 }, afterRevision } };
}
