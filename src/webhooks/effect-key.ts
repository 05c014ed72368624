// The names under which objects are found and effects happen once.

import { hash } from 'node:crypto';
import type { WebhookEvent } from './event.ts';

/** Names an object: two objects never share a key, because the separator cannot occur within a part. */
export function objectKey({ object }: Pick<WebhookEvent, 'object'>): string {
  return joined([object.kind, object.id]);
}

/**
 * The unique key of the effect of a change: (object, transition), and `name` where one change has several effects. It does
 * not hold the event's id, because two events can announce one change. Pass it on as the idempotency key of whatever the
 * effect is; it is at most 255 characters of ASCII.
 */
export function effectKey(event: Pick<WebhookEvent, 'object' | 'transition'>, name?: string): string {
  const parts = [event.object.kind, event.object.id, event.transition];
  return joined(name === undefined ? parts : [...parts, name]);
}

function joined(parts: readonly string[]): string {
  const key = parts.map(encodeURIComponent).join('/');
  return key.length <= 255 ? key : `sha256:${hash('sha256', key, 'hex')}`;
}
