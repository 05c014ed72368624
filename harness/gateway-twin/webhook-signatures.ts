// How providers sign what they send, in the three schemes that paystorm knows. Written for the twin alone, from the
// providers' documents: it shares nothing with the code that verifies, so that one mistake cannot hide in both.

import { createHmac, createSecretKey, type Hmac, type KeyObject } from 'node:crypto';

/** Whose way of signing: Stripe's, that of Standard Webhooks, or GitHub's. */
export type WebhookScheme = 'stripe' | 'standard' | 'github';

/** What the provider and the merchant share. */
export interface WebhookSecrets {
  /** For `standard` the base64 of the key behind `whsec_`, otherwise any text. */
  readonly current: string;
  /** The one before, during a rotation. */
  readonly previous?: string | undefined;
}

/** What is signed. */
export interface Signable {
  readonly id: string;
  readonly type: string;
  readonly body: Uint8Array;
  /** Seconds since the epoch. */
  readonly timestampS: number;
}

/** Headers of a webhook, names in lower case. */
export type WebhookHeaders = Readonly<Record<string, string>>;

/**
 * The headers of a delivery that is signed with each of `secrets`, in their order; without any it goes out unsigned.
 * GitHub's scheme has room for one signature and takes the last.
 */
export function signedHeaders(
  scheme: WebhookScheme,
  message: Signable,
  secrets: readonly string[],
): WebhookHeaders {
  return { 'content-type': 'application/json', ...schemes[scheme](message, secrets) };
}

const schemes: Readonly<
  Record<WebhookScheme, (message: Signable, secrets: readonly string[]) => WebhookHeaders>
> = {
  // Stripe's documentation, "Verify webhook signatures manually": the hex HMAC-SHA256 of `timestamp.body`.
  stripe({ body, timestampS }, secrets) {
    if (secrets.length === 0) return {};
    const signatures = secrets.map((secret) => `v1=${hmac(secret, `${timestampS}.`, body).digest('hex')}`);
    return { 'stripe-signature': [`t=${timestampS}`, ...signatures].join(',') };
  },
  // Standard Webhooks, "Signature scheme": the base64 HMAC-SHA256 of `id.timestamp.body`.
  standard({ id, body, timestampS }, secrets) {
    const signatures = secrets.map((secret) => {
      return `v1,${hmac(keyIn(secret), `${id}.${timestampS}.`, body).digest('base64')}`;
    });
    return {
      'webhook-id': id,
      'webhook-timestamp': String(timestampS),
      ...(signatures.length === 0 ? {} : { 'webhook-signature': signatures.join(' ') }),
    };
  },
  // GitHub's documentation, "Validating webhook deliveries": the hex HMAC-SHA256 of the body.
  github({ id, type, body }, secrets) {
    const secret = secrets.at(-1);
    return {
      'x-github-delivery': id,
      'x-github-event': type,
      ...(secret === undefined
        ? {}
        : { 'x-hub-signature-256': `sha256=${hmac(secret, '', body).digest('hex')}` }),
    };
  },
};

function hmac(key: string | KeyObject, prefix: string, body: Uint8Array): Hmac {
  return createHmac('sha256', key).update(prefix).update(body);
}

/** Made once: Node takes five times as long over a key that is given to it as bytes. */
const keys = new Map<string, KeyObject>();
const mostKeys = 100;

function keyIn(secret: string): KeyObject {
  let key = keys.get(secret);
  if (key === undefined) {
    key = createSecretKey(secret.replace(/^whsec_/, ''), 'base64');
    if (keys.size >= mostKeys) keys.clear();
    keys.set(secret, key);
  }
  return key;
}
