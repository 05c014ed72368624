// Stripe documentation, "Verify webhook signatures manually": `Stripe-Signature: t=<seconds>,v1=<hex>[,v1=<hex>]`, the
// signature being over `<seconds>.<body>`. Elements of other versions (v0 is for tests) are ignored, as it demands.

import { WebhookSignatureError } from '../errors/payment-error.ts';
import { requiredHeader } from './headers.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { hexDigest, listed, textSecret, timestampSeconds } from './signature-text.ts';

/** How Stripe signs. */
export const stripeScheme: SignatureScheme = {
  secretBytes: textSecret,
  read(headers) {
    const times: string[] = [];
    const signatures: Buffer[] = [];
    for (const spaced of listed(requiredHeader(headers, 'stripe-signature'), ',')) {
      const element = spaced.trim();
      if (element.startsWith('t=')) times.push(element.slice(2));
      if (element.startsWith('v1=')) signatures.push(...hexDigest(element.slice(3)));
    }
    const [time] = times;
    if (time === undefined || times.length > 1) {
      throw new WebhookSignatureError(
        `webhook: stripe-signature has ${times.length} timestamps instead of one`,
      );
    }
    return { prefix: `${time}.`, timestampS: timestampSeconds(time), signatures };
  },
  write: ({ timestampS }) => ({
    prefix: `${timestampS}.`,
    headersFor: (digest) => ({ 'stripe-signature': `t=${timestampS},v1=${digest.toString('hex')}` }),
  }),
};
