// Standard Webhooks 1.0.0, "Signature scheme": HMAC-SHA256 over `<id>.<seconds>.<body>`, in headers webhook-id,
// webhook-timestamp and webhook-signature. Asymmetric signatures (`v1a`) are ignored, as versions that we don't know are.

import { ValidationError, WebhookSignatureError } from '../errors/payment-error.ts';
import { requiredHeader } from './headers.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { base64Digest, listed, timestampSeconds } from './signature-text.ts';

/** Sizes of a secret in bytes that the specification allows. */
const [leastSecret, mostSecret] = [24, 64];

/** How senders sign that follow Standard Webhooks. */
export const standardScheme: SignatureScheme = {
  secretBytes(secret) {
    const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
    const bytes = Buffer.from(base64 ?? '', 'base64');
    if (bytes.length >= leastSecret && bytes.length <= mostSecret) return bytes;
    throw new ValidationError(
      `webhook: a secret of Standard Webhooks is whsec_ and base64 of ${leastSecret} to ${mostSecret} bytes`,
    );
  },
  read(headers) {
    const id = requiredHeader(headers, 'webhook-id');
    if (!isId(id)) {
      throw new WebhookSignatureError(
        'webhook: webhook-id holds a full stop, a comma or white space, or is too long',
      );
    }
    const time = requiredHeader(headers, 'webhook-timestamp');
    return {
      id,
      prefix: `${id}.${time}.`,
      timestampS: timestampSeconds(time),
      signatures: listed(requiredHeader(headers, 'webhook-signature'), ' ').flatMap(versionOne),
    };
  },
  write({ id, timestampS }) {
    if (!isId(id)) throw new ValidationError('webhook: the id may hold no full stop, comma or white space');
    return {
      prefix: `${id}.${timestampS}.`,
      headersFor: (digest) => ({
        'webhook-id': id,
        'webhook-timestamp': `${timestampS}`,
        'webhook-signature': `v1,${digest.toString('base64')}`,
      }),
    };
  },
};

/**
 * A full stop in the id would let a signature be moved to another id and body ("not be allowed to include any `.`"),
 * and a comma is how several headers of one name are joined.
 */
function isId(id: string): boolean {
  return /^[!-+\-/-~]{1,255}$/.test(id);
}

function versionOne(signature: string): readonly Buffer[] {
  const [version, value, ...more] = signature.split(',');
  if (value === undefined || more.length > 0) {
    throw new WebhookSignatureError('webhook: webhook-signature is no list of <version>,<signature>');
  }
  return version === 'v1' ? base64Digest(value) : [];
}
