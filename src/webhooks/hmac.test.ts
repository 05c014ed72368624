// Convinces by Node's own HMAC, over secrets on both sides of a block's length.

import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hmacSha256 } from './hmac.ts';

const prefix = fc.stringMatching(/^[ -~]{0,80}$/);

describe('our HMAC', () => {
  it("is Node's, whatever the secret, the prefix and the body, and however often it is used", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 130 }),
        prefix,
        fc.uint8Array({ maxLength: 200 }),
        (secret, text, body) => {
          const hmac = hmacSha256(secret);
          const theirs = (bytes: Uint8Array) =>
            createHmac('sha256', secret).update(text).update(bytes).digest();
          expect(hmac(text, body)).toEqual(theirs(body));
          expect(hmac(text, new Uint8Array())).toEqual(theirs(new Uint8Array()));
        },
      ),
    );
    for (const length of [0, 1, 63, 64, 65]) {
      const secret = new Uint8Array(length).fill(7);
      expect(hmacSha256(secret)('t.', secret)).toEqual(
        createHmac('sha256', secret).update('t.').update(secret).digest(),
      );
    }
  });
});
