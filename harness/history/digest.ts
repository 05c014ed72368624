// An incremental digest of plain data. It must be equal for equal histories on every platform and differ for
// different ones; it is no defence against an adversary, so two 32-bit lanes of integer mixing are enough.
// The work is done by plain functions over one state object: closures over the lanes take twice as long.

/** A running digest. */
export interface Digest {
  /** Mixes in a 32-bit integer. */
  word(value: number): void;
  /** Mixes in a string. */
  text(value: string): void;
  /** Mixes in plain data: what JSON can say, with `undefined`, non-finite numbers and bigints told apart. */
  value(value: unknown): void;
  /** Mixes in plain data that never changes; however often that is, it is read once. */
  kept(value: object): void;
  /** The digest so far, 16 hex digits. */
  hex(): string;
}

/** A fresh digest. */
export function digest(): Digest {
  const lanes = firstLanes();
  const known = new Map<object, Lanes>();
  return {
    word: (value) => mix(lanes, value, tag.word),
    text: (value) => mixText(lanes, value),
    value: (value) => mixValue(lanes, value),
    kept(value) {
      let own = known.get(value);
      if (own === undefined) {
        own = firstLanes();
        mixObject(own, value);
        known.set(value, own);
      }
      mix(lanes, own.a, own.b);
    },
    hex: () => hex8(finish(lanes.a ^ lanes.b)) + hex8(finish(lanes.b + Math.imul(lanes.a, 0x27d4eb2f))),
  };
}

interface Lanes {
  a: number;
  b: number;
}

function firstLanes(): Lanes {
  return { a: 0x243f6a88, b: 0x85a308d3 | 0 };
}

/** Tells the kinds of data apart, so that `1`, `'1'`, `[1]` and `true` differ. */
const tag = {
  word: 0,
  integer: 1,
  float: 2,
  array: 3,
  object: 4,
  end: 5,
  text: 6,
  boolean: 7,
  undefined: 9,
  bigint: 10,
  null: 11,
} as const;

function mix(lanes: Lanes, x: number, y: number): void {
  const a = Math.imul(lanes.a ^ x, 0x9e3779b1);
  const b = (Math.imul(lanes.b, 0x85ebca77) + y) | 0;
  lanes.a = a ^ (a >>> 15);
  lanes.b = ((b << 13) | (b >>> 19)) ^ lanes.a;
}

function mixValue(lanes: Lanes, value: unknown): void {
  switch (typeof value) {
    case 'string':
      mix(lanes, 0, tag.text);
      return mixText(lanes, value);
    case 'number':
      return mixNumber(lanes, value);
    case 'boolean':
      return mix(lanes, value ? 1 : 0, tag.boolean);
    case 'undefined':
      return mix(lanes, 0, tag.undefined);
    case 'bigint':
      mix(lanes, 0, tag.bigint);
      return mixText(lanes, value.toString());
    case 'object':
      return value === null ? mix(lanes, 0, tag.null) : mixObject(lanes, value);
    default:
      throw new TypeError(`a history holds plain data only, not a ${typeof value}`);
  }
}

function mixObject(lanes: Lanes, value: object): void {
  if (Array.isArray(value)) {
    mix(lanes, value.length, tag.array);
    for (const item of value) mixValue(lanes, item);
    return;
  }
  mix(lanes, 0, tag.object);
  for (const name in value) {
    mixName(lanes, name);
    mixValue(lanes, (value as Readonly<Record<string, unknown>>)[name]);
  }
  mix(lanes, 0, tag.end);
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

function mixNumber(lanes: Lanes, value: number): void {
  if ((value | 0) === value) return mix(lanes, value | 0, tag.integer);
  float[0] = Number.isNaN(value) ? Number.NaN : value;
  mix(lanes, words[0] ?? 0, tag.float);
  mix(lanes, words[1] ?? 0, tag.float);
}

interface HashedText {
  readonly text: string;
  readonly low: number;
  readonly high: number;
}

function hashed(text: string): HashedText {
  let low = 0x811c9dc5;
  let high = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high + unit, 0x5bd1e995);
  }
  return { text, low, high };
}

// Histories say the same texts over and over; hashing each once makes the digest cheap. Either memory is emptied
// when it is full, which changes no digest.
const mostTexts = 10_000;
const texts = new Map<string, HashedText>();

// In front of it, the text that came last of those that are alike in a few places: most are said again at once, and
// asking a map takes several times as long as comparing them.
const recent: HashedText[] = Array.from({ length: 1024 }, () => hashed(''));

function mixText(lanes: Lanes, text: string): void {
  const { length } = text;
  const place = (length * 37 + text.charCodeAt(length >> 1) * 11 + text.charCodeAt(length - 1)) & 1023;
  let known = recent[place] as HashedText;
  if (known.text !== text) {
    known = texts.get(text) ?? learnText(text);
    recent[place] = known;
  }
  mix(lanes, known.low, known.high);
}

function learnText(text: string): HashedText {
  if (texts.size >= mostTexts) texts.clear();
  const known = hashed(text);
  texts.set(text, known);
  return known;
}

interface HashedName extends HashedText {
  /** The name that followed this one last time: objects of one shape list theirs in one order. */
  following: HashedName | undefined;
}

const names = new Map<string, HashedName>();
let latest: HashedName = { ...hashed(''), following: undefined };

function mixName(lanes: Lanes, name: string): void {
  let known = latest.following;
  if (known === undefined || known.text !== name) {
    known = names.get(name) ?? learnName(name);
    latest.following = known;
  }
  latest = known;
  mix(lanes, known.low, known.high);
}

function learnName(name: string): HashedName {
  if (names.size >= mostTexts) names.clear();
  const known: HashedName = { ...hashed(name), following: undefined };
  names.set(name, known);
  return known;
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
