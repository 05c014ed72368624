// Puts replacements into a text so that JSON stays JSON: a number that becomes stars has to become a string.

/** What the characters from `start` up to, not including, `end` become. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * The text with all replacements made. Where some overlap, one covers them all. A number of JSON gets the quotes that
 * its place calls for; one that has a fraction is left as it is, because no number with a fraction is a card's.
 */
export function replaceIn(text: string, replacements: readonly Replacement[]): string {
  const outsideStrings = jsonScanner(text);
  let result = '';
  let done = 0;
  for (const { start, end, text: replacement } of united(replacements)) {
    const token = { from: start, to: end };
    while (start - token.from < longestNumber && isOfNumber(text, token.from - 1)) token.from -= 1;
    while (token.to - end < longestNumber && isOfNumber(text, token.to)) token.to += 1;
    const quote = outsideStrings(start) ? '"' : quoteOfName(text, token);
    if (token.from < done || quote === '') {
      result += text.slice(done, start) + replacement;
      done = end;
    } else if (!isFraction(text.slice(token.from, token.to))) {
      const [before, after] = [text.slice(token.from, start), text.slice(end, token.to)];
      result += text.slice(done, token.from) + quote + before + replacement + after + quote;
      done = token.to;
    }
  }
  return result + text.slice(done);
}

/** Overlapping replacements become one, which says what the longest of them says. */
function united(replacements: readonly Replacement[]): Replacement[] {
  const result: Replacement[] = [];
  const inOrder = replacements.toSorted((one, two) => one.start - two.start || two.end - one.end);
  for (const next of inOrder) {
    const last = result.at(-1);
    if (last === undefined || next.start >= last.end) {
      result.push(next);
      continue;
    }
    const longer = next.end - next.start > last.end - last.start ? next : last;
    result[result.length - 1] = {
      start: last.start,
      end: Math.max(last.end, next.end),
      text: longer.text,
    };
  }
  return result;
}

/**
 * Tells whether an offset lies outside of every string, for a text that is JSON by its first character. Offsets have to
 * be asked for in order.
 */
function jsonScanner(text: string): (offset: number) => boolean {
  const json = /^\s*[[{]/.test(text);
  let at = 0;
  let inside = false;
  return (offset) => {
    if (!json) return false;
    for (; at < offset; at += 1) {
      const unit = text[at];
      if (unit === '"') inside = !inside;
      else if (unit === '\\') at += 1;
    }
    return !inside;
  };
}

/** In characters on either side; more is no number that JSON holds, and takes long to walk over again and again. */
const longestNumber = 40;

/** JSON within a string: a value between the quoted name of a member and what ends the value takes quotes like the name's. */
function quoteOfName(text: string, { from, to }: { readonly from: number; readonly to: number }): string {
  if (!/^\s*(?:[,}\]]|\\+[nrt])/.test(text.slice(to, to + 16))) return '';
  return /[^\\](\\*")\s*:\s*(?:\[\s*)?$/.exec(text.slice(Math.max(0, from - 24), from))?.[1] ?? '';
}

function isOfNumber(text: string, at: number): boolean {
  const unit = text[at];
  return unit !== undefined && /[-+.0-9eE]/.test(unit);
}

/** Up to 12 digits and a fraction that is not zero: what is left of the point is too short for a card number. */
function isFraction(token: string): boolean {
  return /^-?[0-9]{1,12}\.[0-9]*[1-9][0-9]*(?:[eE][-+]?[0-9]+)?$/.test(token);
}
