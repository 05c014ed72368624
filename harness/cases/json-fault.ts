// JSON.parse words its complaints differently in each engine version and often leaves the position out, so the
// place where a text stops being JSON is found here.

/** Where a text stops being JSON; lines and columns count from 1. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** Whether the text simply ends too early, as a file does that was cut off while it was written. */
  readonly truncated: boolean;
}

/** Finds where `text` stops being JSON; undefined when it is JSON (RFC 8259). */
export function findJsonFault(text: string): JsonFault | undefined {
  const at = faultOffset(text);
  if (at === undefined) return undefined;
  const before = text.slice(0, at);
  const line = before.split('\n').length;
  return { line, column: at - before.lastIndexOf('\n'), truncated: at >= text.length };
}

type Expected = 'value' | 'first-value' | 'key' | 'first-key' | 'colon' | 'after-value';

const blank = /[ \t\n\r]*/y;
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-])|(?:true|false|null)(?!\w)/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these within a string.
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
// A beginning of a token, cut off by the end of the text.
const cutOff =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these within a string.
  /(?:"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*(?:\\(?:u[0-9a-fA-F]{0,3})?)?|-?\d*(?:\.\d*)?(?:[eE][+-]?)?|t(?:ru?)?|f(?:a(?:ls?)?)?|n(?:ul?)?)$/y;

function faultOffset(text: string): number | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    at = end(blank, text, at) ?? at;
    const here = text[at];
    if (here === undefined) return expected === 'after-value' && open.length === 0 ? undefined : text.length;
    const next: Expected | undefined = punctuation(here, expected, open);
    if (next !== undefined) {
      expected = next;
      at += 1;
      continue;
    }
    const isKey: boolean = expected === 'key' || expected === 'first-key';
    const isValue: boolean = expected === 'value' || expected === 'first-value';
    if (!isKey && !isValue) return at;
    const after: number | undefined = end(string, text, at) ?? (isValue ? end(scalar, text, at) : undefined);
    if (after === undefined) {
      const cut = end(cutOff, text, at);
      return cut !== undefined && (isValue || here === '"') ? text.length : at;
    }
    expected = isKey ? 'colon' : 'after-value';
    at = after;
  }
}

/** What may follow the punctuation mark `here`, or undefined when it is none or has no place there. */
function punctuation(here: string, expected: Expected, open: ('{' | '[')[]): Expected | undefined {
  if (expected === 'colon') return here === ':' ? 'value' : undefined;
  if ((expected === 'value' || expected === 'first-value') && (here === '{' || here === '[')) {
    open.push(here);
    return here === '{' ? 'first-key' : 'first-value';
  }
  const inside = open.at(-1);
  if (expected === 'after-value' && here === ',' && inside !== undefined)
    return inside === '{' ? 'key' : 'value';
  const closes =
    (here === '}' && inside === '{' && (expected === 'after-value' || expected === 'first-key')) ||
    (here === ']' && inside === '[' && (expected === 'after-value' || expected === 'first-value'));
  if (!closes) return undefined;
  open.pop();
  return 'after-value';
}

function end(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
