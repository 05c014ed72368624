// Signs as a sender does, so that a test of a webhook endpoint needs no sender.

import { ValidationError } from '../errors/payment-error.ts';
import { hmacSha256 } from './hmac.ts';
import { schemeCalled, type WebhookScheme } from './schemes.ts';

/** What {@link signWebhook} signs. */
export interface WebhookToSign {
  readonly scheme: WebhookScheme;
  readonly secret: string;
  /** The body as it will be sent, byte for byte. */
  readonly body: Uint8Array;
  /** The sender's id of the delivery. Schemes that have none in their headers (`stripe`) leave it out. */
  readonly id: string;
  /** When it is signed, whole seconds since the Unix epoch. Schemes without a time (`github`) leave it out. */
  readonly timestampS: number;
}

/**
 * The headers, by lower-case name, that make `body` a webhook of the sender. For tests, of endpoints and of their refusals; a
 * sender signs each delivery anew.
 *
 * @throws ValidationError when scheme, secret, id or timestamp cannot be signed with.
 */
export function signWebhook({
  scheme,
  secret,
  body,
  id,
  timestampS,
}: WebhookToSign): Readonly<Record<string, string>> {
  const { secretBytes, write } = schemeCalled(scheme);
  if (!Number.isSafeInteger(timestampS) || timestampS < 0) {
    throw new ValidationError(`signWebhook: timestampS must be whole seconds since 1970, got ${timestampS}`);
  }
  const { prefix, headersFor } = write({ id, timestampS });
  return headersFor(hmacSha256(secretBytes(secret))(prefix, body));
}
