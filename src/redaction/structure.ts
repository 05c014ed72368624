// Walks a value of any shape and copies it without its card data. The copy is thrown away where nothing had to change:
// a graph may contain itself, so only its end says whether anything did.

import { redactBytes } from './bytes.ts';
import { isSurelyHarmless } from './plain-record.ts';
import { type RedactionOptions, redactText, securityCodeMarker } from './redact-text.ts';
import { isSecurityCodeName } from './security-codes.ts';
import { maskSplitNumbers } from './split-members.ts';

/** As `redact`, for everything but strings. */
export function redactStructure(value: unknown, options: RedactionOptions): unknown {
  if (typeof value === 'object' && value !== null && isSurelyHarmless(value)) return value;
  const walk: Walk = { options, plain: new Map(), labelled: new Map(), visits: 0, changed: false };
  const copy = visit(walk, value, { depth: 0, labelled: false });
  return walk.changed ? copy : value;
}

interface Walk {
  readonly options: RedactionOptions;
  /** Copies by their originals. What stands under the name of a security code has copies of its own. */
  readonly plain: Map<object, unknown>;
  readonly labelled: Map<object, unknown>;
  visits: number;
  changed: boolean;
}

interface Place {
  readonly depth: number;
  /** Whether a name above says that this is a security code. */
  readonly labelled: boolean;
}

/** Deeper is not looked into. Loggers stop far earlier: pino's limit is 5. */
const deepest = 100;
/** An object may invent new members each time it is read; a million of them are enough. */
const mostVisits = 1_000_000;
const tooDeep = '[TOO_DEEP]';
const unreadable = '[UNREADABLE]';

function visit(walk: Walk, value: unknown, place: Place): unknown {
  switch (typeof value) {
    case 'string':
    case 'number':
    case 'bigint':
      return visitText(walk, value, place);
    case 'symbol': {
      const { description = '' } = value;
      const redacted = redactText(description, walk.options);
      return redacted === description ? value : changed(walk, Symbol(redacted));
    }
    case 'object':
      return value === null ? null : visitObject(walk, value, place);
    default:
      return value;
  }
}

function visitText(walk: Walk, value: string | number | bigint, { labelled }: Place): unknown {
  const text = String(value);
  if (labelled && /^\s*[0-9]{1,4}\s*$/.test(text.normalize('NFKC'))) return changed(walk, securityCodeMarker);
  if (typeof value === 'number' && !Number.isInteger(value)) return value;
  const redacted = redactText(text, walk.options);
  return redacted === text ? value : changed(walk, redacted);
}

function visitObject(walk: Walk, value: object, place: Place): unknown {
  const copies = place.labelled ? walk.labelled : walk.plain;
  if (copies.has(value)) return copies.get(value);
  walk.visits += 1;
  if (place.depth > deepest || walk.visits > mostVisits) return changed(walk, tooDeep);
  const put = <T>(copy: T): T => {
    copies.set(value, copy);
    return copy;
  };
  try {
    return copyOf(walk, value, { ...place, put });
  } catch {
    return put(changed(walk, unreadable));
  }
}

interface Target extends Place {
  /** Announces the copy before it is filled, for what refers back to it. */
  readonly put: <T>(copy: T) => T;
}

function copyOf(walk: Walk, value: object, target: Target): unknown {
  const { put } = target;
  if (Array.isArray(value)) return copyArray(walk, value, target);
  if (value instanceof Error) return copyError(walk, value, target);
  if (value instanceof Map) return copyMap(walk, value, target);
  if (value instanceof Set) {
    const copy = put(new Set());
    for (const element of value) copy.add(visit(walk, element, below(target)));
    return copy;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    const redacted = redactBytes(value, walk.options);
    return put(redacted === value ? value : changed(walk, redacted));
  }
  if (value instanceof Date) return put(value);
  if (value instanceof String || value instanceof Number) return put(visit(walk, value.valueOf(), target));
  if (value instanceof RegExp || value instanceof URL || value instanceof URLSearchParams) {
    const text = String(value);
    const redacted = redactText(text, walk.options);
    return put(redacted === text ? value : changed(walk, redacted));
  }
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON !== 'function') return copyMembers(walk, value, target);
  // It may answer otherwise the next time, so what was looked at is what is passed on.
  put(changed(walk, tooDeep));
  const json: unknown = toJSON.call(value, '');
  return put(json === value ? copyMembers(walk, value, target) : visit(walk, json, below(target)));
}

function copyArray(walk: Walk, value: readonly unknown[], target: Target): unknown {
  const copy: unknown[] = target.put([]);
  let previous: unknown;
  // By index: an array with holes would be skipped over, and an own `map` would be called.
  for (let index = 0; index < value.length; index += 1) {
    const element = value[index];
    const named = typeof previous === 'string' && isSecurityCodeName(previous);
    copy.push(visit(walk, element, below(target, named)));
    previous = element;
  }
  if (maskSplitNumbers(value, copy)) changed(walk, copy);
  return copy;
}

function copyMap(walk: Walk, value: ReadonlyMap<unknown, unknown>, target: Target): unknown {
  const copy = target.put(new Map());
  const originals = [...value.values()];
  const members = [...value].map(([key, member]) =>
    visit(walk, member, below(target, typeof key === 'string' && isSecurityCodeName(key))),
  );
  if (maskSplitNumbers(originals, members)) changed(walk, copy);
  for (const [index, key] of [...value.keys()].entries()) {
    copy.set(numbered(visit(walk, key, below(target)), copy), members[index]);
  }
  return copy;
}

function copyMembers(walk: Walk, value: object, target: Target): unknown {
  const copy = target.put(Object.create(Object.getPrototypeOf(value)) as object);
  const keys = Reflect.ownKeys(value).filter(
    (key) => Object.getOwnPropertyDescriptor(value, key)?.enumerable,
  );
  fill(walk, { from: value, keys, to: copy }, target);
  return copy;
}

/** An error keeps its class; its properties are copied whether or not they can be enumerated. */
function copyError(walk: Walk, error: Error, target: Target): unknown {
  const copy = target.put(new Error());
  Object.setPrototypeOf(copy, Object.getPrototypeOf(error));
  const keys = new Set<PropertyKey>([...Reflect.ownKeys(error), 'message', 'stack']);
  // Some classes, DOMException among them, hide theirs behind getters that work on no copy.
  if (error.name !== nameOf(copy)) keys.add('name');
  fill(walk, { from: error, keys: [...keys], to: copy }, target);
  return copy;
}

function nameOf(error: Error): string | undefined {
  try {
    return error.name;
  } catch {
    return undefined;
  }
}

interface Members {
  readonly from: object;
  readonly keys: readonly PropertyKey[];
  readonly to: object;
}

function fill(walk: Walk, { from, keys, to }: Members, target: Target): void {
  const values = keys.map((key) => read(walk, from, key));
  const named = values.some((value) => typeof value === 'string' && isSecurityCodeName(value));
  const copies = keys.map((key, index) => {
    const isCode = typeof key === 'string' && ((named && key === 'value') || isSecurityCodeName(key));
    return visit(walk, values[index], below(target, isCode));
  });
  if (maskSplitNumbers(values, copies)) changed(walk, to);
  const taken = new Set<PropertyKey>();
  for (const [index, key] of keys.entries()) {
    const enumerable = Object.getOwnPropertyDescriptor(from, key)?.enumerable ?? false;
    const name = numbered(visit(walk, key, { depth: 0, labelled: false }), taken) as PropertyKey;
    taken.add(name);
    Object.defineProperty(to, name, { value: copies[index], enumerable, writable: true, configurable: true });
  }
}

/** A getter's value is kept as it was seen: it may be another one the next time. */
function read(walk: Walk, from: object, key: PropertyKey): unknown {
  try {
    if (Object.getOwnPropertyDescriptor(from, key)?.get !== undefined && !(from instanceof Error))
      changed(walk, key);
    return Reflect.get(from, key);
  } catch {
    return changed(walk, unreadable);
  }
}

/** The redacted name of a member, with a number where redaction has made it the same as one before. */
function numbered(name: unknown, taken: { has(name: unknown): boolean }): unknown {
  let free = name;
  for (let copy = 2; typeof name === 'string' && taken.has(free); copy += 1) free = `${name} (${copy})`;
  return free;
}

function below({ depth, labelled }: Place, named = false): Place {
  return { depth: depth + 1, labelled: labelled || named };
}

/** Notes that the copy differs from the original. */
function changed<T>(walk: Walk, copy: T): T {
  walk.changed = true;
  return copy;
}
