// GitHub documentation, "Validating webhook deliveries": `X-Hub-Signature-256: sha256=<hex>` over the body alone. The
// older X-Hub-Signature (SHA-1) is not accepted.

import { WebhookSignatureError } from '../errors/payment-error.ts';
import { headerOf, requiredHeader } from './headers.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { hexDigest, textSecret } from './signature-text.ts';

/** How GitHub signs. */
export const githubScheme: SignatureScheme = {
  secretBytes: textSecret,
  read(headers) {
    const signature = requiredHeader(headers, 'x-hub-signature-256');
    const id = headerOf(headers, 'x-github-delivery');
    if (!signature.startsWith('sha256=')) {
      throw new WebhookSignatureError('webhook: x-hub-signature-256 does not start with sha256=');
    }
    return { prefix: '', signatures: hexDigest(signature.slice(7)), ...(id === undefined ? {} : { id }) };
  },
  write: ({ id }) => ({
    prefix: '',
    headersFor: (digest) => ({
      'x-github-delivery': id,
      'x-hub-signature-256': `sha256=${digest.toString('hex')}`,
    }),
  }),
};
