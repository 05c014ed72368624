// Finds card numbers in text whose digits are plain. A person may write a number in groups, a program may put it right
// behind other digits; a timestamp of 13 digits, a UUID and an order number look much the same. So every stretch of
// digits and separators is searched for a window that has an issuer's prefix, one of that issuer's lengths, and Luhn's
// check digit (ISO/IEC 7812-1, annex B).

import { lengthsOf } from './issuers.ts';

/** Where a card number stands: offsets into the text, from its first digit to behind its last, and its digits. */
export interface CardNumber {
  readonly start: number;
  readonly end: number;
  readonly digits: string;
}

/** Of every code unit below 256: its value as a digit, `separator`, or `other`. */
const separator = 10;
const other = 11;
const kinds = new Uint8Array(256).fill(other);
for (let digit = 0; digit < 10; digit += 1) kinds[0x30 + digit] = digit;
// NFKC turns the superscripts of Latin-1 into digits.
for (const [digit, unit] of [0xb9, 0xb2, 0xb3].entries()) kinds[unit] = digit + 1;
for (const unit of '\0\t\n\v\f\r +-._\u00a0\u00ad\u00b7') kinds[unit.charCodeAt(0)] = separator;

/** What a person or a program puts between two digits of one number is shorter than this. */
const longestGap = 8;
const fewest = 13;
const most = 19;

// Written anew for every stretch; nothing here is asynchronous, and a log line should allocate nothing.
let values = new Uint8Array(256);
let offsets = new Int32Array(256);
/** Not 0 where a group of digits begins: behind a separator, and at the ends of the stretch. */
let begins = new Uint8Array(257);

/** Whether the text holds a card number. Digits beyond Latin-1, and any kind of encoding, are not seen. */
export function holdsCardNumber(text: string): boolean {
  return eachStretch(text, (count) => {
    for (let start = 0; start + fewest <= count; start += 1) if (longestAt(start, count) > 0) return true;
    return false;
  });
}

/**
 * Every card number in the text, in order. Windows that overlap are given as one, because only one of them is the
 * number, and nothing says which; a number that stands alone is not extended by one that does not.
 */
export function cardNumbersIn(text: string): CardNumber[] {
  const found: CardNumber[] = [];
  eachStretch(text, (count) => {
    for (let start = 0; start + fewest <= count; start += 1) {
      const first = start;
      let end = first + longestAt(first, count);
      if (end === first) continue;
      const reach = standsAlone(first, end) ? longestAlone : longestAt;
      while (++start < end) end = Math.max(end, start + reach(start, count));
      start = end - 1;
      found.push({
        start: offsets[first] ?? 0,
        end: (offsets[end - 1] ?? 0) + 1,
        digits: values.subarray(first, end).join(''),
      });
    }
    return false;
  });
  return found;
}

/** Whether all of these digits are one card number. */
export function isCardNumber(digits: string): boolean {
  return digits.length <= most && /^[0-9]+$/.test(digits) && cardNumbersIn(digits)[0]?.digits === digits;
}

/** Whether the digits satisfy Luhn's formula. */
export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let back = 1; back <= digits.length; back += 1) {
    const digit = Number(digits[digits.length - back]);
    sum += back % 2 === 1 ? digit : doubled(digit);
  }
  return sum % 10 === 0;
}

/**
 * Gives `visit` every stretch of at least 13 digits until it returns true. A stretch of 13 covers an offset in every 13,
 * so most of the text is never looked at.
 */
function eachStretch(text: string, visit: (count: number) => boolean): boolean {
  let floor = 0;
  for (let at = fewest - 1; at < text.length; at += fewest) {
    if (kindAt(text, at) === other) continue;
    let from = at;
    while (from > floor && kindAt(text, from - 1) !== other) from -= 1;
    let to = at + 1;
    while (to < text.length && kindAt(text, to) !== other) to += 1;
    if (to - from >= fewest && visitStretches({ text, from, to }, visit)) return true;
    floor = to;
    at = to;
  }
  return false;
}

function kindAt(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit < 256 ? (kinds[unit] as number) : other;
}

/** Splits what lies between `from` and `to` where a gap is too long, and collects the digits of each part. */
function visitStretches(
  { text, from, to }: { readonly text: string; readonly from: number; readonly to: number },
  visit: (count: number) => boolean,
): boolean {
  if (mayBeFraction(text, from) && isFraction(text.slice(from - 2, to + 1))) return false;
  if (to - from > values.length) enlarge(to - from);
  let count = 0;
  let last = from;
  for (let at = from; at < to; at += 1) {
    const kind = kindAt(text, at);
    if (kind === separator) continue;
    if (count > 0 && at - last > longestGap + 1) {
      if (count >= fewest && visitOne(count, visit)) return true;
      count = 0;
    }
    values[count] = kind;
    offsets[count] = at;
    begins[count] = count === 0 || at - last > 1 ? groupAt(text, at) : 0;
    last = at;
    count += 1;
  }
  return count >= fewest && visitOne(count, visit);
}

/**
 * Durations have as many decimals as a card number has digits, and every third log line has one. A member of JSON that
 * is a number with a fraction is no card number; without its fraction it would be too short.
 */
function isFraction(member: string): boolean {
  return /^":[0-9]{1,12}\.[0-9]*[1-9][0-9]*[,}]$/.test(member);
}

/** Whether a colon precedes up to 12 digits and a point; every line has a time, which is none. */
function mayBeFraction(text: string, from: number): boolean {
  if (text.charCodeAt(from - 1) !== 0x3a) return false;
  let at = from;
  while (at - from < fewest && kindAt(text, at) < separator) at += 1;
  return text.charCodeAt(at) === 0x2e;
}

const group = 1;
const telephone = 2;

/**
 * A plus sign in front begins a telephone number (E.164), unless it is the space of a form. Of 13 digits, which few
 * cards have, many are in use.
 */
function groupAt(text: string, at: number): number {
  const international = text[at - 1] === '+' && !/[0-9A-Za-z=+]/.test(text.charAt(at - 2));
  return international ? telephone : group;
}

function visitOne(count: number, visit: (count: number) => boolean): boolean {
  begins[count] = group;
  return visit(count);
}

function enlarge(size: number): void {
  values = new Uint8Array(size * 2);
  offsets = new Int32Array(size * 2);
  begins = new Uint8Array(size * 2 + 1);
}

/** How many digits the longest card number at `start` has, 0 where there is none. */
function longestAt(start: number, count: number): number {
  return longestAlone(start, count) || longestAmong(start, count);
}

/** As {@link longestAt}, of those that have nothing but separators next to them. */
function longestAlone(start: number, count: number): number {
  if (begins[start] === 0) return 0;
  const bits = lengthsOf(prefixAt(start), true);
  for (let length = bits === 0 ? 0 : Math.min(most, count - start); length >= fewest; length -= 1) {
    if (length === fewest && begins[start] === telephone) return 0;
    if (fits(bits, length) && standsAlone(start, start + length) && luhnAt(start, length)) return length;
  }
  return 0;
}

/** As {@link longestAt}, of those that may have other digits next to them. */
function longestAmong(start: number, count: number): number {
  const bits = lengthsOf(prefixAt(start), false);
  for (let length = bits === 0 ? 0 : Math.min(most, count - start); length >= fewest; length -= 1) {
    if (length === fewest && begins[start] === telephone) return 0;
    if (fits(bits, length) && groupedAsCard(start, length) && luhnAt(start, length)) return length;
  }
  return 0;
}

function fits(bits: number, length: number): boolean {
  return (bits & (1 << (length - fewest))) !== 0;
}

function standsAlone(start: number, end: number): boolean {
  return begins[start] !== 0 && begins[end] !== 0;
}

function prefixAt(start: number): number {
  return (
    (values[start] as number) * 1000 +
    (values[start + 1] as number) * 100 +
    (values[start + 2] as number) * 10 +
    (values[start + 3] as number)
  );
}

/**
 * A number that begins or ends inside a group must be written without separators, or in all of the groups that are
 * printed on cards (4-4-4-4, 4-6-5, 4-6-4). Else any two long numbers next to each other would hold one.
 */
function groupedAsCard(start: number, length: number): boolean {
  let cuts = 0;
  for (let at = 1; at < length; at += 1) {
    if (begins[start + at] === 0) continue;
    if (length < 16 ? at !== 4 && at !== 10 : at % 4 !== 0) return false;
    cuts += 1;
  }
  return cuts === 0 || cuts === (length < 16 ? 2 : Math.ceil(length / 4) - 1);
}

function luhnAt(start: number, length: number): boolean {
  let sum = 0;
  let twice = false;
  for (let at = start + length - 1; at >= start; at -= 1) {
    const digit = values[at] as number;
    sum += twice ? doubled(digit) : digit;
    twice = !twice;
  }
  return sum % 10 === 0;
}

function doubled(digit: number): number {
  return digit > 4 ? digit * 2 - 9 : digit * 2;
}
