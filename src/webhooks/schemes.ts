// The schemes by name.

import { ValidationError } from '../errors/payment-error.ts';
import { githubScheme } from './github-scheme.ts';
import type { SignatureScheme } from './signature-scheme.ts';
import { standardScheme } from './standard-scheme.ts';
import { stripeScheme } from './stripe-scheme.ts';

/**
 * How a sender signs:
 *
 * - `stripe`: `Stripe-Signature: t=…,v1=…` over `t.body` (Stripe documentation, "Verify webhook signatures manually");
 * - `standard`: `webhook-id`, `webhook-timestamp` and `webhook-signature` over `id.timestamp.body` (Standard Webhooks 1.0.0);
 * - `github`: `X-Hub-Signature-256` over the body (GitHub documentation, "Validating webhook deliveries").
 *
 * GitHub signs neither a time nor the id of its delivery. Who has recorded a delivery can therefore send it again at any
 * time and under any id, and it verifies: freshness is not promised. What stops the replay is that an effect is kept once
 * for its (object, transition), which the inbox does, and which are read from the signed body.
 */
export type WebhookScheme = 'stripe' | 'standard' | 'github';

const schemes: Readonly<Record<WebhookScheme, SignatureScheme>> = {
  stripe: stripeScheme,
  standard: standardScheme,
  github: githubScheme,
};

/**
 * The scheme called `name`.
 *
 * @throws ValidationError when there is none.
 */
export function schemeCalled(name: WebhookScheme): SignatureScheme {
  if (Object.hasOwn(schemes, name)) return schemes[name];
  throw new ValidationError(`webhook: scheme must be one of ${Object.keys(schemes).join(', ')}`);
}
