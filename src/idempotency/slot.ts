// Names: from what the client sends to the record's key, and from the record to what the gateway is sent.

import { hash } from 'node:crypto';
import { ValidationError } from '../errors/payment-error.ts';
import type { IdempotencyRecord } from './store.ts';

/** Longest accepted idempotency key, in characters (the limit of the common gateways). */
export const maxKeyLength = 255;

/**
 * Reads an `Idempotency-Key` header: the quoted string of draft-ietf-httpapi-idempotency-key-header (an RFC 8941
 * string) or the bare form that most clients send.
 *
 * @throws ValidationError when the header is missing, empty, too long, or not printable ASCII.
 */
export function parseIdempotencyKey(header: string | undefined): string {
  if (header === undefined)
    throw new ValidationError('Idempotency-Key: the header is missing; send one per payment');
  // Servers hand a header that came several times over as a list.
  if (typeof header !== 'string')
    throw new ValidationError('Idempotency-Key: the header must be one text; send it once');
  const text = header.trim();
  if (!text.startsWith('"')) return checkedKey(text);
  if (!/^"(?:[^"\\]|\\["\\])*"$/.test(text)) {
    throw new ValidationError(
      'Idempotency-Key: the quoted string is malformed (RFC 8941, 3.3.3); close the quotes',
    );
  }
  return checkedKey(text.slice(1, -1).replace(/\\(["\\])/g, '$1'));
}

/**
 * Returns `key` when it may be used as an idempotency key.
 *
 * @throws ValidationError when it is missing, empty, longer than {@link maxKeyLength}, or not printable ASCII.
 */
export function checkedKey(key: string): string {
  // What reads the key out of a request may find nothing there, whatever its type says.
  if (typeof key !== 'string' || key.length === 0) {
    throw new ValidationError('idempotency key: it is missing or empty; send one per payment');
  }
  if (key.length > maxKeyLength) {
    throw new ValidationError(
      `idempotency key: ${key.length} characters, at most ${maxKeyLength} are accepted`,
    );
  }
  if (!/^[\x20-\x7e]+$/.test(key)) {
    throw new ValidationError(
      'idempotency key: only printable ASCII characters are accepted (RFC 8941, 3.3.3)',
    );
  }
  return key;
}

/**
 * The record's key. The separator cannot occur within a part, so that two scopes never share a record.
 *
 * @throws ValidationError when the scope is not text: without a tenant, all tenants would share one.
 */
export function scopedKey(scope: string, key: string): string {
  if (typeof scope !== 'string' || !scope.isWellFormed()) {
    throw new ValidationError('idempotency scope: it has to be Unicode text; name the tenant');
  }
  return `${escaped(scope)}/${escaped(key)}`;
}

/** The unique merchant reference of the operation: the same for all generations of one epoch. */
export function merchantReference(
  record: Pick<IdempotencyRecord, 'key' | 'epoch'>,
  operation: string,
): string {
  return shortened(`${record.key}/${escaped(operation)}/${record.epoch}`);
}

/** The key that the gateway is sent: f(scope, key, operation, epoch, generation). */
export function gatewayKey(
  record: Pick<IdempotencyRecord, 'key' | 'epoch' | 'generation'>,
  operation: string,
): string {
  return shortened(`${record.key}/${escaped(operation)}/${record.epoch}.${record.generation}`);
}

function escaped(part: string): string {
  return /[%/]/.test(part) ? part.replaceAll('%', '%25').replaceAll('/', '%2F') : part;
}

/** Gateways take names in headers and limit their length, while a tenant may be called anything. */
function shortened(name: string): string {
  return /^[\x20-\x7e]{1,255}$/.test(name) ? name : `sha256:${hash('sha256', name, 'hex')}`;
}
