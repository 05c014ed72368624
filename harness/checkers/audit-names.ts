// Whose payment a record of the audit log is about. A record that names none, or another, explains nothing.

import type { Mutation } from '../../src/gateway/port.ts';
import type { ClaimRequest } from '../../src/idempotency/store.ts';
import type { SagaName } from '../../src/saga/journal.ts';
import type { ShopActorView } from './shop-view.ts';
import type { ActorView } from './view.ts';

/** What is wrong with the key in the first record of `actor` that does not name its payment; undefined when all do. */
export function misnamedBy(actor: ActorView, own?: ShopActorView): string | undefined {
  // Who claimed nothing has no record to name.
  if (actor.claims.length === 0 && own === undefined) return undefined;
  for (const { record, at } of actor.logs) {
    const audit = record['audit'];
    if (typeof audit !== 'string') continue;
    const key = record['idempotencyKey'];
    // What is refused before there is a claim, or outside the layer that makes it, has no key to name.
    if (key === undefined && audit !== 'attempt') continue;
    if (typeof key === 'string' && (isOwn(key, actor) || (own !== undefined && isOfOrder(key, own))))
      continue;
    const named = key === undefined ? 'no key' : `the key ${String(key)}`;
    return `a record at ${at.atMs} ms (${audit}) with ${named}, which is not of its payment`;
  }
  return undefined;
}

/** Whether `key` was sent to the gateway, or is the record's, or one made of the record's. */
function isOwn(key: string, { sends, claims }: ActorView): boolean {
  if (sends.some(({ request }) => request.idempotencyKey === key)) return true;
  return claims.some((claim) => {
    const { key: claimed } = claim.request as ClaimRequest;
    return key === claimed || key.startsWith(`${claimed}/`) || isDigestOf(key, claimed);
  });
}

/** Gateways are sent a digest of a name that is too long for them, or not printable. */
function isDigestOf(key: string, claimed: string): boolean {
  return key.startsWith('sha256:') && !/^[\x20-\x7e]{1,200}$/.test(claimed);
}

/** What was never sent bears a key made of the order's name, which is escaped each time that it is made part of another. */
function unescaped(key: string): string {
  let text = key;
  while (/%2[5F]/.test(text)) text = text.replaceAll('%2F', '/').replaceAll('%25', '%');
  return text;
}

/** Whether `key` was sent with a movement, names the actor's saga or is made of its name, or is made of what its client called the refund. */
function isOfOrder(key: string, { movements, opens, takesUp, request }: ShopActorView): boolean {
  if (movements.some(({ request: sent }) => (sent as Mutation).idempotencyKey === key)) return true;
  const driven = [...opens, ...takesUp].map(({ request: drive }) => (drive as SagaName).id);
  if (driven.some((id) => id === key || unescaped(key).includes(id))) return true;
  const asked = request?.request as { readonly key: string } | undefined;
  return asked !== undefined && (key.includes(asked.key) || key.startsWith('sha256:'));
}
