// Two spellings of one payload must hash alike, and two payloads never. JSON.stringify gives neither: it keeps
// the order in which members were added, and it writes a Map as {} and NaN as null.

import { ValidationError } from '../errors/payment-error.ts';

/** Deeper nesting is refused, so that hostile or circular input ends in an answer and not in a stack overflow. */
const maxDepth = 256;

/** Up to this many names a plain insertion sort beats the built-in sort; payloads have four to ten. */
const insertionSortLimit = 24;

/** Where the writer is: one frame for each open array or object, linked towards the root. */
interface Frame {
  readonly parent: Frame | null;
  readonly container: object;
  readonly depth: number;
  key: string | number;
}

/**
 * Writes a value as canonical JSON (RFC 8785): no white space, members ordered by the UTF-16 code units of their
 * names, numbers and strings spelled as ECMAScript spells them, `-0` as `0`.
 *
 * As in `JSON.stringify`, a member that is `undefined` is left out, an `undefined` element is `null`, `toJSON` is
 * honoured (so a `Date` is its ISO 8601 text) and an instance of a class is its own enumerable members.
 *
 * Stricter than `JSON.stringify` wherever that would let two different payloads look the same.
 *
 * @throws ValidationError naming the path of the first thing refused: `undefined` as a whole, NaN, infinities,
 * bigints, symbols, functions, lone surrogates (RFC 8785, 3.2.2.2), invalid dates, objects whose contents JSON
 * cannot see (Map, Set, Error, RegExp, boxed values, instances without any member), cycles, and nesting
 * beyond 256 levels. What a `toJSON` or a getter throws passes through.
 */
export function canonicalJson(value: unknown): string {
  return write(value, null) ?? refuse(null, 'it is undefined; pass null for "nothing"');
}

/** The text of one value; undefined when it is to be left out. */
function write(value: unknown, frame: Frame | null): string | undefined {
  if (typeof value !== 'object' || value === null) return writeScalar(value, frame);
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON !== 'function') return writeContainer(value, frame);
  const replacement: unknown = toJSON.call(value, frame === null ? '' : String(frame.key));
  if (replacement === null && tagOf(value) === 'Date') return refuse(frame, 'it is an invalid date');
  return typeof replacement === 'object' && replacement !== null
    ? writeContainer(replacement, frame)
    : writeScalar(replacement, frame);
}

function writeScalar(value: unknown, frame: Frame | null): string | undefined {
  switch (typeof value) {
    case 'string':
      return quote(value) ?? refuse(frame, 'its text holds a lone surrogate, which is not Unicode');
    case 'number':
      return Number.isFinite(value) ? `${value}` : refuse(frame, `JSON has no number ${value}`);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'undefined':
      return undefined;
    case 'object':
      return 'null';
    default:
      return refuse(frame, `JSON has no ${typeof value}; pass a string, or leave it out`);
  }
}

function writeContainer(container: object, parent: Frame | null): string {
  const depth = parent === null ? 1 : parent.depth + 1;
  const frame: Frame = { parent, container, depth, key: '' };
  if (depth > maxDepth) return refuseDepth(frame);
  return Array.isArray(container)
    ? writeArray(container, frame)
    : writeObject(container as Readonly<Record<string, unknown>>, frame);
}

function writeArray(elements: readonly unknown[], frame: Frame): string {
  let text = '[';
  for (let index = 0; index < elements.length; index += 1) {
    frame.key = index;
    if (index > 0) text += ',';
    text += write(elements[index], frame) ?? 'null';
  }
  return `${text}]`;
}

function writeObject(members: Readonly<Record<string, unknown>>, frame: Frame): string {
  const names = Object.keys(members);
  if (!isPlain(members)) refuseHidden(members, names.length, frame.parent);
  let text = '';
  for (const name of sortByCodeUnits(names)) {
    frame.key = name;
    const member = write(members[name], frame);
    if (member === undefined) continue;
    const quoted = quote(name) ?? refuse(frame, 'its name holds a lone surrogate, which is not Unicode');
    text += text === '' ? `${quoted}:${member}` : `,${quoted}:${member}`;
  }
  return `{${text}}`;
}

/** JSON text of a string, or undefined when it is not Unicode. Most strings need nothing but their quotes. */
function quote(text: string): string | undefined {
  if (text.length > 64) return quoteAny(text);
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x22 || unit === 0x5c || unit >= 0xd800) return quoteAny(text);
  }
  return `"${text}"`;
}

/** RFC 8785 adopts the string spelling of ECMAScript, so the built-in is the definition. */
function quoteAny(text: string): string | undefined {
  return text.isWellFormed() ? JSON.stringify(text) : undefined;
}

/** Sorts in place; string comparison in ECMAScript is by UTF-16 code units, as RFC 8785 (3.2.3) asks. */
function sortByCodeUnits(names: string[]): string[] {
  if (names.length > insertionSortLimit) return names.sort();
  for (let next = 1; next < names.length; next += 1) {
    const name = names[next] as string;
    let slot = next;
    while (slot > 0 && (names[slot - 1] as string) > name) {
      names[slot] = names[slot - 1] as string;
      slot -= 1;
    }
    names[slot] = name;
  }
  return names;
}

/** True for object literals, null-prototype objects, and object literals of another realm. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Object.getPrototypeOf(prototype) === null;
}

function tagOf(value: object): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}

/** A Map, a RegExp or an object with only private fields would be `{}` whatever it holds. */
function refuseHidden(value: object, memberCount: number, at: Frame | null): void {
  const tag = tagOf(value);
  if (tag === 'Object' && memberCount > 0) return;
  const what = tag === 'Object' ? 'an instance of a class without visible members' : `of type ${tag}`;
  refuse(at, `it is ${what}, so JSON cannot see what it holds; pass a plain object, or give it a toJSON`);
}

function refuseDepth(deepest: Frame): never {
  const chain: Frame[] = [];
  for (let frame: Frame | null = deepest; frame !== null; frame = frame.parent) chain.unshift(frame);
  const seen = new Set<object>();
  for (const frame of chain) {
    if (seen.has(frame.container)) return refuse(frame.parent, 'it contains itself');
    seen.add(frame.container);
  }
  throw new ValidationError(
    `Cannot write the value as canonical JSON: it nests deeper than ${maxDepth} levels.`,
  );
}

function refuse(at: Frame | null, reason: string): never {
  throw new ValidationError(`Cannot write ${pathOf(at)} as canonical JSON: ${reason}.`);
}

/** The member that `frame` is writing, as in `$.items[0].price`. */
function pathOf(frame: Frame | null): string {
  if (frame === null) return '$';
  const { key } = frame;
  if (typeof key === 'number') return `${pathOf(frame.parent)}[${key}]`;
  const step = /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
  return pathOf(frame.parent) + step;
}
