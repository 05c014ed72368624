// What is in a webhook: an event as bytes, and the headers that vouch for them.

import type { FarSide } from '../world/boundary.ts';
import type { ProviderEvent } from './events.ts';
import { signedHeaders, type WebhookHeaders, type WebhookScheme } from './webhook-signatures.ts';

/** Body and headers of one request. */
export interface WebhookMessage {
  readonly rawBody: Uint8Array;
  readonly headers: WebhookHeaders;
}

/** Writes an event down and signs it with each of `secrets`, as of `agoMs` milliseconds before now. */
export type MessageSigner = (
  event: ProviderEvent,
  secrets: readonly string[],
  agoMs?: number,
) => WebhookMessage;

/** What a signer needs. */
export interface SignerParts {
  readonly far: FarSide;
  /** The wall-clock time at which virtual time began, milliseconds since the epoch. */
  readonly epochMs: number;
  readonly scheme: WebhookScheme;
}

/** Senders spell JSON in ways of their own, and whoever spells it again to verify it finds another text. */
const indents: Partial<Readonly<Record<WebhookScheme, number>>> = { standard: 2 };

/**
 * The signer of one provider. The body is JSON in the envelope that Stripe's events have; `created` is in seconds since
 * the epoch.
 */
export function messageSigner({ far, epochMs, scheme }: SignerParts): MessageSigner {
  return ({ id, type, createdMs, object }, secrets, agoMs = 0) => {
    const created = Math.floor((epochMs + createdMs) / 1_000);
    const rawBody = new TextEncoder().encode(
      JSON.stringify({ id, object: 'event', type, created, data: { object } }, null, indents[scheme]),
    );
    const timestampS = Math.floor((epochMs + far.nowMs() - agoMs) / 1_000);
    return { rawBody, headers: signedHeaders(scheme, { id, type, body: rawBody, timestampS }, secrets) };
  };
}
