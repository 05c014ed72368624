// What is written in one alphabet may be read in another: `%34` and `\u0034` are a 4 to whoever decodes them, and so is
// a full-width ４ after NFKC. A reading is a text with all of that undone, which still knows where everything stood.

/** A text as somebody further on may read it. */
export interface Reading {
  readonly text: string;
  /** Where the character at `at` stood in the source. */
  readonly sourceOf: (at: number) => number;
  /** Where in the source that ended which ends before `at`. */
  readonly sourceEnd: (at: number) => number;
}

/** The text as it stands. */
export function plainReading(text: string): Reading {
  return { text, sourceOf: (at) => at, sourceEnd: (at) => at };
}

/** Encodings inside encodings: a URL in JSON in JSON. Percent signs and backslashes repeat within one of these. */
const mostLayers = 4;

const escapes =
  /%(?:25)*(?:[0-7][0-9a-f]|[c-f][0-9a-f](?:%(?:25)*[89ab][0-9a-f]){1,3})|\\{1,64}u[0-9a-f]{4}|\\{1,64}x[0-9a-f]{2}|\\{1,64}[nrtbfv0]|&#[0-9]{1,7};|&#x[0-9a-f]{1,6};|&(?:nbsp|shy|ensp|emsp|thinsp|ndash|mdash|zwnj|zwj|lrm|rlm|quot|amp);/gi;

/** Beyond Latin-1: what separates digits, or shows nothing between them. */
const gaps = '\\p{Cf}\\p{Zs}\\p{Pd}\\p{M}\\u2019\\u2022\\u2028\\u2029\\u2212\\u2219\\u22c5';
/** Beyond Latin-1: digits of every script, and what NFKC makes ASCII. */
const lookalikes = '\\p{Nd}\\p{No}\\u24b6-\\u24ea\\uff00-\\uffef\\u{1d400}-\\u{1d7ff}\\u{1f100}-\\u{1f10a}';
const foreigners = new RegExp(`(?![\\u0000-\\u00ff])[${gaps}${lookalikes}]`, 'gu');
const gap = new RegExp(`^[${gaps}]$`, 'u');
const foreignDigits = new RegExp(
  `(?![\\u0000-\\u00ff])[${lookalikes}]|[0-9][ -]*(?![\\u0000-\\u00ff])[${gaps}]`,
  'u',
);
const beyondLatin1 = /[\u0100-\uffff]/;

/**
 * Whether reading the text otherwise may bring digits together, or a label into being, that nobody sees in it as it
 * stands. Quick, and sometimes wrongly yes.
 */
export function mayBeEncoded(text: string): boolean {
  return (
    (text.includes('%') && percentDigits.test(text)) ||
    (text.includes('\\') && escapedDigits.test(text)) ||
    (text.includes('&') && /&(?:#|[a-z]{2,6};)/i.test(text)) ||
    (beyondLatin1.test(text) && foreignDigits.test(text))
  );
}

/** A digit before an escape, or an escaped digit, letter, start of a track, or character beyond ASCII. */
const percentDigits =
  /[0-9]%(?:25)*[0-7c-f][0-9a-f]|%(?:25)*(?:3[0-9]|[4-7][0-9a-f]|3b[0-9]{12}|[c-f][0-9a-f]%)/i;
/** An escaped character, or white space between digits. */
const escapedDigits =
  /\\[ux][0-9a-f]{2}|[0-9]\\{1,64}[nrtbfv0][^0-9a-z]{0,8}(?:\\{1,64}[nrtbfv0][^0-9a-z]{0,8}){0,8}[0-9]/i;

/** A reading with percent-encoding, the escapes of JSON and HTML, and NFKC's compatible characters undone. */
export function decodedReading(reading: Reading): Reading {
  let result = reading;
  for (let layer = 0; layer < mostLayers; layer += 1) {
    const next = decodedOnce(result.text);
    if (next === undefined) break;
    const { sourceOf, sourceEnd } = result;
    result = {
      text: next.text,
      sourceOf: (at) => sourceOf(next.sourceOf(at)),
      sourceEnd: (at) => sourceEnd(next.sourceOf(at)),
    };
  }
  return result;
}

/** One layer less; undefined where there was none. */
function decodedOnce(text: string): Pick<Reading, 'text' | 'sourceOf'> | undefined {
  const parts: string[] = [];
  /** Where each part begins, in the reading and in the text, and whether it is as it was. */
  const pieces: { readonly at: number; readonly from: number; readonly same: boolean }[] = [];
  let length = 0;
  let copied = 0;
  const append = (part: string, from: number, same: boolean): void => {
    if (part === '') return;
    parts.push(part);
    pieces.push({ at: length, from, same });
    length += part.length;
  };
  for (const [token, at] of encodedIn(text)) {
    const value = decoded(token);
    if (value === token) continue;
    append(text.slice(copied, at), copied, true);
    append(value, at, false);
    copied = at + token.length;
  }
  if (copied === 0) return undefined;
  append(text.slice(copied), copied, true);
  pieces.push({ at: length, from: text.length, same: false });
  return {
    text: parts.join(''),
    sourceOf(at) {
      let low = 0;
      let high = pieces.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((pieces[middle]?.at ?? 0) <= at) low = middle;
        else high = middle - 1;
      }
      const piece = pieces[low];
      if (piece === undefined) return at;
      return piece.same ? piece.from + at - piece.at : piece.from;
    },
  };
}

/** Every character or escape that may stand for another, in order. */
function encodedIn(text: string): (readonly [token: string, at: number])[] {
  const found: (readonly [string, number])[] = [];
  for (const match of text.matchAll(escapes)) found.push([match[0], match.index]);
  if (!beyondLatin1.test(text)) return found;
  for (const match of text.matchAll(foreigners)) found.push([match[0], match.index]);
  return found.sort(([, one], [, two]) => one - two);
}

function decoded(token: string): string {
  const first = token[0];
  if (first === '%') return percentDecoded(token);
  if (first === '\\') return unescaped(token.replace(/^\\+/, ''));
  if (first === '&') return token[1] === '#' ? ofCodePoint(token) : (entities.get(token) ?? ' ');
  return compatible(token);
}

function percentDecoded(token: string): string {
  const bytes = token.replace(/%(?:25)*/g, '%');
  try {
    return decodeURIComponent(bytes);
  } catch {
    return token;
  }
}

function unescaped(code: string): string {
  return code.length > 1 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : ' ';
}

const entities: ReadonlyMap<string, string> = new Map([
  ['&quot;', '"'],
  ['&amp;', '&'],
]);

function ofCodePoint(token: string): string {
  const hex = /^&#x/i.test(token);
  const point = hex ? Number.parseInt(token.slice(3), 16) : Number.parseInt(token.slice(2), 10);
  return point <= 0x10ffff ? String.fromCodePoint(point) : token;
}

/** Digits of other scripts come in tens, each ten beginning at a code point that the ten shares. */
function compatible(character: string): string {
  if (gap.test(character)) return ' ';
  const folded = character.normalize('NFKC');
  if (!/^\p{Nd}$/u.test(folded)) return folded;
  let point = folded.codePointAt(0) ?? 0;
  let value = 0;
  while (/^\p{Nd}$/u.test(String.fromCodePoint(point - 1))) {
    point -= 1;
    value += 1;
  }
  return String(value % 10);
}
