// What the ways to sign a webhook have in common: each signs a few texts and the body with HMAC-SHA256, and says in
// headers what it signed. Those headers are all that differs between them.

import type { WebhookHeaders } from './headers.ts';

/** What the headers of one delivery claim; nothing of it is to be trusted before a signature verifies. */
export interface SignedClaims {
  /** What was signed in front of the body. */
  readonly prefix: string;
  /** Digests of 32 bytes; what is no such digest cannot match and is left out. */
  readonly signatures: readonly Buffer[];
  /** The sender's id of the delivery, where it has one in its headers. */
  readonly id?: string;
  /** When it was signed, seconds since the Unix epoch; missing only where the scheme signs no time. */
  readonly timestampS?: number;
}

/** What a sender signs besides the body. */
export interface Signing {
  readonly id: string;
  readonly timestampS: number;
}

/** One way to sign. */
export interface SignatureScheme {
  /** The bytes of a configured secret. Throws ValidationError when it cannot be one. */
  secretBytes(secret: string): Buffer;
  /** Reads the headers. Throws WebhookSignatureError when they are missing, malformed or ambiguous. */
  read(headers: WebhookHeaders): SignedClaims;
  /** What goes in front of the body, and the headers that carry its signature. */
  write(signing: Signing): {
    readonly prefix: string;
    readonly headersFor: (digest: Buffer) => Readonly<Record<string, string>>;
  };
}
