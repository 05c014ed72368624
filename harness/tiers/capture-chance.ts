// Chance drawn by code of a simulated process comes from the run's seed. Each package has a stream of its own for
// `Math.random`, so that one more draw in a library moves nothing in another.

import { createRequire } from 'node:module';
import type { Ambient } from './ambient.ts';
import { all, intercept, type Restore, simulated } from './intercept.ts';

const load = createRequire(import.meta.url);

/** Captures `Math.random`, `randomUUID` and random bytes, global and of `node:crypto`. */
export function captureChance(): Restore {
  const crypto = load('node:crypto') as object;
  const webCrypto = Object.getPrototypeOf(globalThis.crypto) as object;
  return all([
    intercept(
      Math,
      'random',
      simulated((ambient) => ambient.random(`ambient:${callingPackage()}`)),
    ),
    ...[webCrypto, crypto].flatMap((owner) => [
      intercept(owner, 'randomUUID', simulated(uuid)),
      intercept(owner, 'getRandomValues', simulated(fillIn)),
    ]),
    intercept(crypto, 'randomFillSync', simulated(fillIn)),
    intercept(crypto, 'randomBytes', simulated(bytes)),
    intercept(crypto, 'randomInt', simulated(integer)),
  ]);
}

function byte(ambient: Ambient): number {
  return Math.floor(ambient.random('ambient:crypto') * 256);
}

function uuid(ambient: Ambient): string {
  const octets = Array.from({ length: 16 }, () => byte(ambient));
  octets[6] = ((octets[6] ?? 0) & 0x0f) | 0x40;
  octets[8] = ((octets[8] ?? 0) & 0x3f) | 0x80;
  const hex = octets.map((octet) => octet.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function fillIn(ambient: Ambient, [target]: readonly unknown[]): unknown {
  const view = target as ArrayBufferView;
  const octets = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  for (let index = 0; index < octets.length; index++) octets[index] = byte(ambient);
  return target;
}

function bytes(ambient: Ambient, [size, callback]: readonly unknown[]): unknown {
  const drawn = fillIn(ambient, [Buffer.alloc(Number(size))]);
  if (typeof callback !== 'function') return drawn;
  queueMicrotask(() => void callback(null, drawn));
  return undefined;
}

function integer(ambient: Ambient, values: readonly unknown[]): unknown {
  const callback =
    typeof values.at(-1) === 'function' ? (values.at(-1) as (...results: unknown[]) => void) : undefined;
  const limits = values.filter((value) => typeof value === 'number');
  const [from, to] = limits.length > 1 ? [limits[0] ?? 0, limits[1] ?? 0] : [0, limits[0] ?? 0];
  const drawn = from + Math.floor(ambient.random('ambient:crypto') * (to - from));
  if (callback === undefined) return drawn;
  queueMicrotask(() => callback(null, drawn));
  return undefined;
}

/** The package whose code called `Math.random`, by the path of its file; `app` for everything outside packages. */
function callingPackage(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 3;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = limit;
  const caller = stack.split('\n')[3] ?? '';
  const [, name] = /.*node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(caller) ?? [];
  return name?.replaceAll('\\', '/') ?? 'app';
}
