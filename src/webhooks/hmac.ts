// HMAC-SHA256 (RFC 2104) from two one-shot hashes. Node's own streams through objects that cost more than the hashing of a
// webhook does, which is why this is here; its test holds it to Node's.

import { hash } from 'node:crypto';

/** SHA-256 works on blocks of this many bytes. */
const blockLength = 64;

/** The HMAC-SHA256 of `prefix` (ASCII) followed by `body`. */
export type Hmac = (prefix: string, body: Uint8Array) => Buffer;

/** HMAC-SHA256 under one secret. */
export function hmacSha256(secret: Uint8Array): Hmac {
  const key = secret.length > blockLength ? hash('sha256', secret, 'buffer') : secret;
  const inner = padded(key, 0x36);
  const outer = padded(key, 0x5c);
  // Written over by each call, which nothing interrupts.
  const outerMessage = Buffer.concat([outer, new Uint8Array(32)]);
  return (prefix, body) => {
    const start = blockLength + prefix.length;
    const message = Buffer.allocUnsafe(start + body.length);
    message.set(inner);
    message.write(prefix, blockLength, 'latin1');
    message.set(body, start);
    outerMessage.write(hash('sha256', message, 'binary'), blockLength, 'latin1');
    // Through a text, because a digest that is returned as a buffer takes Node twice as long.
    return Buffer.from(hash('sha256', outerMessage, 'binary'), 'latin1');
  };
}

function padded(key: Uint8Array, pad: number): Uint8Array {
  return Uint8Array.from({ length: blockLength }, (_, index) => (key[index] ?? 0) ^ pad);
}
