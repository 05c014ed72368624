// What runs in Node's thread pool or on a socket ends at a moment that no seed decides. Code of a simulated
// process that reaches for it is refused by name, at the place where it did.

import { createRequire } from 'node:module';
import { all, intercept, type Restore, simulated } from './intercept.ts';

const load = createRequire(import.meta.url);

/** Work that left virtual time, or tried to. */
export class EscapeError extends Error {
  constructor(what: string) {
    super(
      `${what} leaves virtual time, so the run could not be repeated. ` +
        `Inject a synchronous or simulated replacement, or use the real tier.`,
    );
    this.name = 'EscapeError';
  }
}

const asyncOnly = /^(?:.*Sync|create.*Stream|constants|promises|watch.*|unwatchFile)$/;
const zlibWork = [
  'deflate',
  'inflate',
  'gzip',
  'gunzip',
  'deflateRaw',
  'inflateRaw',
  'unzip',
  'brotliCompress',
  'brotliDecompress',
];
const digests = ['pbkdf2', 'scrypt', 'hkdf', 'generateKeyPair', 'generateKey', 'randomFill'];
const lookups = ['lookup', 'resolve', 'resolve4', 'resolve6', 'reverse'];
const sockets = ['connect', 'createConnection'];

/** Refuses `crypto.subtle`, asynchronous `fs`, `zlib`, `dns` and sockets to simulated code. */
export function refuseEscapes(): Restore {
  const fs = load('node:fs') as { readonly promises: object };
  const files = Object.keys(fs).filter((name) => name in fs.promises && !asyncOnly.test(name));
  return all([
    ...refuse(Object.getPrototypeOf(crypto.subtle) as object, 'crypto.subtle', subtleMethods()),
    ...refuse(fs, 'fs', files),
    ...refuse(fs.promises, 'fs.promises', Object.keys(fs.promises)),
    ...refuse(load('node:zlib') as object, 'zlib', zlibWork),
    ...refuse(load('node:crypto') as object, 'crypto', digests),
    ...refuse(load('node:dns') as object, 'dns', lookups),
    ...refuse((load('node:dns') as { readonly promises: object }).promises, 'dns.promises', lookups),
    ...refuse(load('node:net') as object, 'net', sockets),
    ...refuse(load('node:tls') as object, 'tls', ['connect']),
  ]);
}

function subtleMethods(): readonly string[] {
  const prototype = Object.getPrototypeOf(crypto.subtle) as object;
  return Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor');
}

function refuse(owner: object, label: string, names: readonly string[]): readonly Restore[] {
  return names.map((name) =>
    intercept(
      owner,
      name,
      simulated(() => {
        throw new EscapeError(`${label}.${name}`);
      }),
    ),
  );
}
