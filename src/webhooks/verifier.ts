// Decides whether a webhook comes from the sender and is fresh. It works on the raw bytes: JSON that was parsed and written
// again is another text, and its signature no longer fits.

import { timingSafeEqual } from 'node:crypto';
import { ValidationError, WebhookReplayError, WebhookSignatureError } from '../errors/payment-error.ts';
import type { Clock } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import type { WebhookHeaders } from './headers.ts';
import { type Hmac, hmacSha256 } from './hmac.ts';
import { schemeCalled, type WebhookScheme } from './schemes.ts';
import type { SignedClaims } from './signature-scheme.ts';

/** Options of {@link webhookVerifier}. */
export interface WebhookVerifierOptions {
  readonly runtime: Pick<Clock, 'wallMs'>;
  readonly scheme: WebhookScheme;
  /** The endpoint's secrets. More than one while a secret is rotated: a signature made with any of them counts. */
  readonly secrets: readonly string[];
  /** How old a signature may be, milliseconds. Default 300 000, as the SDKs of Stripe and Standard Webhooks. */
  readonly toleranceMs?: number;
  /** How far ahead of ours the sender's clock may be, milliseconds. Default 60 000. */
  readonly futureSkewMs?: number;
  /** Longest body that is hashed, bytes. Default 1 MiB. */
  readonly maxBodyBytes?: number;
}

/** What is known of a delivery whose signature verified. */
export interface VerifiedWebhook {
  readonly scheme: WebhookScheme;
  /** The id in the headers. Signed under `standard`; under `github` nobody signed it; `stripe` has it in the body alone. */
  readonly id?: string;
  /** When this delivery was signed, milliseconds since the Unix epoch. Missing under `github`: see {@link WebhookScheme}. */
  readonly signedAtMs?: number;
}

/** Tells genuine deliveries from others. */
export interface WebhookVerifier {
  /**
   * Returns what is known of a genuine and fresh delivery.
   *
   * @throws WebhookSignatureError when a header is missing, malformed, ambiguous or too long, when the body is no bytes or too
   * long, and when no signature fits. Answer 4xx; nothing has happened.
   * @throws WebhookReplayError when it is genuine, but was signed too long ago or in the future. Answer 4xx.
   */
  verify(rawBody: Uint8Array, headers: WebhookHeaders): VerifiedWebhook;
}

/**
 * A verifier of deliveries to one endpoint. Every signature is compared with that of every secret, each in constant time.
 *
 * @throws ValidationError when an option is out of range, and when there is no secret: without one, everything would be
 * accepted or nothing.
 */
export function webhookVerifier(options: WebhookVerifierOptions): WebhookVerifier {
  const { runtime, scheme, secrets, toleranceMs, futureSkewMs, maxBodyBytes } = settingsOf(options);
  const { read, secretBytes } = schemeCalled(scheme);
  if (
    !Array.isArray(secrets) ||
    secrets.length === 0 ||
    !secrets.every((secret) => typeof secret === 'string')
  ) {
    throw new ValidationError(
      'webhookVerifier: secrets must be a list of at least one text; read them from where secrets are kept',
    );
  }
  const hmacs = secrets.map((secret) => hmacSha256(secretBytes(secret)));
  return {
    verify(rawBody, headers) {
      if (!(rawBody instanceof Uint8Array)) {
        throw new WebhookSignatureError(
          'webhook: the body must be the raw bytes, taken before any body parser',
        );
      }
      if (rawBody.length > maxBodyBytes) {
        throw new WebhookSignatureError(
          `webhook: a body of ${rawBody.length} bytes is longer than ${maxBodyBytes}`,
        );
      }
      const claims = read(headers);
      if (!isSigned(rawBody, claims, hmacs)) {
        throw new WebhookSignatureError(
          'webhook: no signature fits; check the secret, and that the body is passed as it arrived',
        );
      }
      const { id, timestampS } = claims;
      const named = id === undefined ? {} : { id };
      if (timestampS === undefined) return { scheme, ...named };
      checkFreshness(timestampS, runtime.wallMs(), { toleranceMs, futureSkewMs });
      return { scheme, ...named, signedAtMs: timestampS * 1_000 };
    },
  };
}

const check = optionCheck('webhookVerifier');

function settingsOf(options: WebhookVerifierOptions): Required<WebhookVerifierOptions> {
  const settings = { toleranceMs: 300_000, futureSkewMs: 60_000, maxBodyBytes: 1_048_576, ...options };
  check.runtime(settings.runtime, ['wallMs']);
  check.span('toleranceMs', settings.toleranceMs);
  check.delay('futureSkewMs', settings.futureSkewMs);
  check.count('maxBodyBytes', settings.maxBodyBytes);
  return settings;
}

/** Looks at every pair, so that the time taken does not tell which secret or signature fitted. */
function isSigned(body: Uint8Array, { prefix, signatures }: SignedClaims, hmacs: readonly Hmac[]): boolean {
  let fits = false;
  if (signatures.length === 0) return fits;
  for (const hmac of hmacs) {
    const digest = hmac(prefix, body);
    for (const signature of signatures) fits = timingSafeEqual(digest, signature) || fits;
  }
  return fits;
}

/** Senders cut their time to seconds, so age is counted in seconds as well. */
function checkFreshness(
  timestampS: number,
  nowMs: number,
  { toleranceMs, futureSkewMs }: { readonly toleranceMs: number; readonly futureSkewMs: number },
): void {
  const ageMs = (Math.floor(nowMs / 1_000) - timestampS) * 1_000;
  if (ageMs > toleranceMs) {
    throw new WebhookReplayError(`webhook: signed ${ageMs} ms ago, at most ${toleranceMs} ms are accepted`);
  }
  if (-ageMs > futureSkewMs) {
    throw new WebhookReplayError(
      `webhook: signed ${-ageMs} ms in the future, at most ${futureSkewMs} ms are accepted; check the clock of this machine`,
    );
  }
}
