// An incremental digest of plain data. It must be equal for equal histories on every platform and differ for
// different ones; it is no defence against an adversary, so two 32-bit lanes of integer mixing are enough.

/** A running digest. */
export interface Digest {
  /** Mixes in a 32-bit integer. */
  word(value: number): void;
  /** Mixes in a string. */
  text(value: string): void;
  /** Mixes in plain data: what JSON can say, with `undefined`, non-finite numbers and bigints told apart. */
  value(value: unknown): void;
  /** The digest so far, 16 hex digits. */
  hex(): string;
}

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);

interface HashedText {
  readonly low: number;
  readonly high: number;
}

// Histories say the same names and keys over and over; hashing each text once makes the digest cheap. The memory
// is emptied when it is full, which changes no digest.
const texts = new Map<string, HashedText>();
const mostTexts = 10_000;

function learn(value: string): HashedText {
  let low = 0x811c9dc5;
  let high = value.length;
  for (let i = 0; i < value.length; i++) {
    const unit = value.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high + unit, 0x5bd1e995);
  }
  if (texts.size >= mostTexts) texts.clear();
  const hashed = { low, high };
  texts.set(value, hashed);
  return hashed;
}

/** A fresh digest. */
export function digest(): Digest {
  let a = 0x243f6a88;
  let b = 0x85a308d3 | 0;

  const word = (value: number): void => {
    a = Math.imul(a ^ value, 0x9e3779b1);
    a ^= a >>> 15;
    b = (Math.imul(b, 0x85ebca77) + value) | 0;
    b = (b << 13) | (b >>> 19);
    b ^= a;
  };

  const text = (value: string): void => {
    const known = texts.get(value) ?? learn(value);
    word(known.low);
    word(known.high);
  };

  const number = (value: number): void => {
    if ((value | 0) === value) {
      word(1);
      word(value | 0);
      return;
    }
    float[0] = Number.isNaN(value) ? Number.NaN : value;
    word(2);
    word(words[0] ?? 0);
    word(words[1] ?? 0);
  };

  const object = (value: object): void => {
    if (Array.isArray(value)) {
      word(3);
      word(value.length);
      for (const item of value) anything(item);
      return;
    }
    word(4);
    for (const name in value) {
      text(name);
      anything((value as Readonly<Record<string, unknown>>)[name]);
    }
    word(5);
  };

  const anything = (value: unknown): void => {
    switch (typeof value) {
      case 'string':
        word(6);
        return text(value);
      case 'number':
        return number(value);
      case 'boolean':
        return word(value ? 7 : 8);
      case 'undefined':
        return word(9);
      case 'bigint':
        word(10);
        return text(value.toString());
      case 'object':
        return value === null ? word(11) : object(value);
      default:
        throw new TypeError(`a history holds plain data only, not a ${typeof value}`);
    }
  };

  return {
    word,
    text,
    value: anything,
    hex: () => hex8(finish(a ^ b)) + hex8(finish(b + Math.imul(a, 0x27d4eb2f))),
  };
}

function finish(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}
