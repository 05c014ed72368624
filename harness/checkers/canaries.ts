// What a case has planted where no card data belongs. Found by what the case wrote and not by what card data looks like, so
// that it shares no mistake with the code that removes it.

import type { OrderIntent } from '../history/shop.ts';

/**
 * The canaries of an order, as they look once normalised: runs of 13 or more digits in its note, and what follows `cvv:`
 * there, with its label. Two notations of one number are one canary.
 */
export function canariesOf({ note }: Pick<OrderIntent, 'note'>): readonly string[] {
  if (note === undefined) return [];
  let canaries = known.get(note);
  if (canaries === undefined) {
    canaries = canariesIn(note);
    if (known.size >= mostKnown) known.clear();
    known.set(note, canaries);
  }
  return canaries;
}

/** Cases have few notes, and each is asked about several times. So many are remembered; to forget them changes nothing. */
const mostKnown = 1_000;
const known = new Map<string, readonly string[]>();

function canariesIn(note: string): readonly string[] {
  const plain = decoded(note);
  // Part by part as well: two numbers side by side are two, and a track holds several.
  const numbers = [plain, ...plain.split(/[\s=^]+/)].flatMap(
    (part) => squeezed(part).match(/\d{13,}/g) ?? [],
  );
  const codes = [...plain.matchAll(/cvv\s*:\s*(\S+)/gi)].map(([, code = '']) => squeezed(`cvv${code}`));
  return [...new Set([...numbers, ...codes.filter((code) => code.length > 'cvv'.length)])];
}

/**
 * Text as it is searched: compatibility forms and escapes undone, in lower case, and without anything that may stand
 * between the parts of a number. What masks something stays, so that nothing grows together across it.
 */
export function normalised(text: string): string {
  return squeezed(decoded(text));
}

/**
 * The first of `canaries` within a value: among names and values as they stand there side by side, and among the values
 * alone.
 */
export function canaryWithin(value: unknown, canaries: ReadonlySet<string>): string | undefined {
  const leaves: string[] = [];
  const all: string[] = [];
  gather(value, leaves, all);
  const texts = [normalised(all.join(' ')), normalised(leaves.join(' '))];
  for (const canary of canaries) if (texts.some((text) => text.includes(canary))) return canary;
  return undefined;
}

function gather(value: unknown, leaves: string[], all: string[]): void {
  if (typeof value !== 'object' || value === null) {
    if (value === undefined || value === null) return;
    const text = String(value);
    leaves.push(text);
    all.push(text);
    return;
  }
  if (Array.isArray(value)) {
    for (const element of value) gather(element, leaves, all);
    return;
  }
  for (const name in value) {
    all.push(name);
    gather((value as Readonly<Record<string, unknown>>)[name], leaves, all);
  }
}

function squeezed(text: string): string {
  // Nearly all that is searched is ASCII, where the property classes of Unicode cost several times as much.
  if (!beyondAscii.test(text)) return text.toLowerCase().replace(/[^a-z0-9*[\]]+/g, '');
  return text.toLowerCase().replace(/[^\p{L}\p{N}*[\]]+/gu, '');
}

const beyondAscii = /\P{ASCII}/u;

const escaped = /%|\\u/i;

/** More than one layer deep: what was encoded twice is still there. */
const mostLayers = 3;

function decoded(text: string): string {
  let plain = composed(text);
  for (let layer = 0; layer < mostLayers && escaped.test(plain); layer += 1) {
    const next = composed(
      plain
        .replace(/\\+u([0-9a-f]{4})/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
        .replace(/(?:%[0-9a-f]{2})+/gi, unescaped),
    );
    if (next === plain) break;
    plain = next;
  }
  return plain;
}

/** Compatibility forms are never ASCII. */
function composed(text: string): string {
  return beyondAscii.test(text) ? text.normalize('NFKC') : text;
}

/** Bytes that are no UTF-8 stay as they are. */
function unescaped(bytes: string): string {
  try {
    return decodeURIComponent(bytes);
  } catch {
    return bytes;
  }
}
