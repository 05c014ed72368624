// Reading the parts of a signature header. A text that is not exactly what the sender writes is refused here, so that
// nothing behind it has to wonder what `parseInt` or a lenient decoder made of it.

import { ValidationError, WebhookSignatureError } from '../errors/payment-error.ts';

/** More signatures in one delivery than any rotation needs would only cost us time to compare. */
const maxSignatures = 32;

/**
 * Seconds since the Unix epoch, written in digits alone.
 *
 * @throws WebhookSignatureError for anything else, such as a fraction, a sign, or more digits than a date can have.
 */
export function timestampSeconds(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw new WebhookSignatureError('webhook: the timestamp is no whole number of seconds');
}

/**
 * The parts of a list.
 *
 * @throws WebhookSignatureError when there are more than 32.
 */
export function listed(text: string, separator: ',' | ' '): readonly string[] {
  const parts = text.split(separator, maxSignatures + 1);
  if (parts.length <= maxSignatures) return parts;
  throw new WebhookSignatureError(`webhook: more than ${maxSignatures} signatures; a rotation needs two`);
}

/** The digest that 64 lower-case hexadecimal digits spell; else nothing. */
export function hexDigest(text: string): readonly Buffer[] {
  return /^[0-9a-f]{64}$/.test(text) ? [Buffer.from(text, 'hex')] : [];
}

/** The digest that base64 (RFC 4648, 4) of 32 bytes spells; else nothing. */
export function base64Digest(text: string): readonly Buffer[] {
  return /^[A-Za-z0-9+/]{43}=$/.test(text) ? [Buffer.from(text, 'base64')] : [];
}

/**
 * The bytes of a secret that is used as it is written.
 *
 * @throws ValidationError when it is empty, or holds white space, which is a line end that was copied with it.
 */
export function textSecret(secret: string): Buffer {
  if (/^\S+$/.test(secret)) return Buffer.from(secret, 'utf8');
  throw new ValidationError('webhook: a secret is empty or holds white space; copy it without the line end');
}
