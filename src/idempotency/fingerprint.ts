// A fingerprint tells whether a repeated idempotency key comes with the payload it came with first.

import { createHmac, hash } from 'node:crypto';
import { ValidationError } from '../errors/payment-error.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';

/** A secret for keyed fingerprints, under the name and version that the fingerprint carries. */
export interface FingerprintKey {
  /** 1 to 64 letters, digits, `.`, `_` or `-`. */
  readonly keyId: string;
  /** A whole number ≥ 1, raised at each rotation. */
  readonly version: number;
  /** At least 16 bytes of randomness; a string counts as UTF-8. */
  readonly secret: string | Uint8Array;
}

/** How to hash a payload. */
export interface HashPayloadOptions {
  /**
   * Needed when the payload can hold a card number: those are so few that a plain hash is reversed by trying
   * them all (PCI DSS 4.0, 3.5.1.1 asks for keyed hashes).
   */
  readonly hmac?: FingerprintKey;
}

/**
 * The fingerprint of a payload: SHA-256 over its canonical JSON (RFC 8785), as `sha256:<hex>`, or with a key
 * HMAC-SHA256 (RFC 2104), as `hmac-sha256:<keyId>:<version>:<hex>`. It is stored, so it is the same in every
 * process and every version of paystorm.
 *
 * @throws ValidationError when the payload has no canonical JSON or the key is unusable.
 */
export function hashPayload(payload: unknown, options: HashPayloadOptions = {}): string {
  const text = canonicalJson(payload);
  const { hmac } = options;
  if (hmac === undefined) return `sha256:${hash('sha256', text, 'hex')}`;
  const label = labelOf(hmac);
  checkKey(hmac);
  return `${label}:${createHmac('sha256', hmac.secret).update(text, 'utf8').digest('hex')}`;
}

/**
 * Whether `payload` is what `stored` was made from. It is hashed in the way that `stored` was, under the key and
 * version named there, so a retry is recognised after a rotation and after fingerprints became keyed. Keep a
 * retired key in `keyring` for as long as records made with it live.
 *
 * @throws ValidationError when `stored` is not a fingerprint, names a key that `keyring` lacks, or when
 * {@link hashPayload} refuses.
 */
export function sameFingerprint(
  stored: string,
  payload: unknown,
  keyring: readonly FingerprintKey[] = [],
): 'same' | 'different' {
  const [, label] = /^(sha256|hmac-sha256:[\w.-]{1,64}:[1-9][0-9]{0,15}):[0-9a-f]{64}$/.exec(stored) ?? [];
  if (label === undefined) {
    throw new ValidationError('The stored fingerprint has no known form; repair or remove its record.');
  }
  if (label === 'sha256') return verdict(stored, hashPayload(payload));
  const hmac = keyring.find((key) => labelOf(key) === label);
  if (hmac === undefined) {
    const [, keyId, version] = label.split(':');
    throw new ValidationError(
      `The stored fingerprint was made with key ${keyId} version ${version}, which is not in the keyring; ` +
        'add it back until every record made with it has expired.',
    );
  }
  return verdict(stored, hashPayload(payload, { hmac }));
}

/** Compared in plain time: the caller is told the verdict anyway, and a guess has to match all of a digest. */
function verdict(stored: string, computed: string): 'same' | 'different' {
  return stored === computed ? 'same' : 'different';
}

function labelOf(key: FingerprintKey): string {
  return `hmac-sha256:${key.keyId}:${key.version}`;
}

function checkKey({ keyId, version, secret }: FingerprintKey): void {
  if (!/^[\w.-]{1,64}$/.test(keyId)) {
    throw new ValidationError('A fingerprint keyId has to be 1 to 64 letters, digits, ".", "_" or "-".');
  }
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new ValidationError(
      `The version of fingerprint key ${keyId} is ${version}; use a whole number from 1 on.`,
    );
  }
  const byteLength =
    typeof secret === 'string' ? new TextEncoder().encode(secret).byteLength : secret.byteLength;
  if (byteLength < 16) {
    throw new ValidationError(
      `The secret of fingerprint key ${keyId} has ${byteLength} bytes; it needs 16 or more.`,
    );
  }
}
