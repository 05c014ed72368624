// What the tests of signatures share: a good delivery of each scheme, and what becomes of it.

import type { WebhookHeaders } from './headers.ts';
import type { WebhookScheme } from './schemes.ts';
import { signWebhook } from './signer.ts';
import { type WebhookVerifierOptions, webhookVerifier } from './verifier.ts';

/** The second at which deliveries are signed and verified. */
export const nowS = 1_700_000_000;
/** The right secret of each scheme. */
export const secrets: Readonly<Record<WebhookScheme, string>> = {
  stripe: 'whsec_stripe',
  standard: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  github: 'hub_secret',
};
/** All schemes. */
export const schemes = Object.keys(secrets) as WebhookScheme[];
/** The usual body. */
export const body = new TextEncoder().encode('{"id":"evt_1"}');

/** A verifier of `scheme` at that second, or at `atMs`. */
export function verifier(
  scheme: WebhookScheme,
  options: Partial<WebhookVerifierOptions> & { readonly atMs?: number } = {},
) {
  const { atMs = nowS * 1_000, ...more } = options;
  return webhookVerifier({ runtime: { wallMs: () => atMs }, scheme, secrets: [secrets[scheme]], ...more });
}

/** Headers of a good delivery, but for what `more` says. */
export function signed(scheme: WebhookScheme, more: Partial<Parameters<typeof signWebhook>[0]> = {}) {
  return signWebhook({ scheme, secret: secrets[scheme], body, id: 'msg_1', timestampS: nowS, ...more });
}

/** What verifying the usual body with `headers` throws, or else returns. */
export function refusal(
  scheme: WebhookScheme,
  headers: unknown,
  options?: Parameters<typeof verifier>[1],
): unknown {
  try {
    return verifier(scheme, options).verify(body, headers as WebhookHeaders);
  } catch (error) {
    return error;
  }
}
