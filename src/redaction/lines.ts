// A log is written in lines, but a stream may be handed half of one: whoever looks at the halves alone sees no card.

import { type RedactionOptions, redactText } from './redact-text.ts';

/** Cuts what is written into lines, and redacts each as a whole. */
export interface LineRedactor {
  /** The lines that `chunk` completes, redacted; the rest of it is held back until its line is complete. */
  lines(chunk: string): string;
  /** What is still held back, redacted: the last line of a stream may have no end. */
  rest(): string;
}

/** Held-back text is bounded, in characters: a stream that never ends its line would fill the memory. */
const longestHeld = 16_777_216;

/** A line redactor that holds nothing yet. */
export function lineRedactor(options: RedactionOptions): LineRedactor {
  let held: string[] = [];
  let heldLength = 0;
  let dropping = false;

  const hold = (part: string): string => {
    if (dropping || part === '') return '';
    held.push(part);
    heldLength += part.length;
    if (heldLength <= longestHeld) return '';
    [held, heldLength, dropping] = [[], 0, true];
    return '[REDACTED: a line too long to be searched for card data]\n';
  };
  const complete = (part: string): string => {
    if (dropping) {
      dropping = false;
      return '';
    }
    if (heldLength === 0) return redactLine(part, options);
    const line = held.join('') + part;
    [held, heldLength] = [[], 0];
    return redactLine(line, options);
  };

  return {
    lines(chunk) {
      let result = '';
      let from = 0;
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', from)) {
        result += complete(from === 0 && end === chunk.length - 1 ? chunk : chunk.slice(from, end + 1));
        from = end + 1;
      }
      return from === chunk.length ? result : result + hold(chunk.slice(from));
    },
    rest: () => complete(''),
  };
}

/** Whole lines, redacted one by one; the last may have no end. */
export function redactLines(text: string, options: RedactionOptions): string {
  if (text.indexOf('\n') === text.length - 1) return redactLine(text, options);
  const redactor = lineRedactor(options);
  return redactor.lines(text) + redactor.rest();
}

/** A line that cannot be searched is not written: what fails open would do so on the one line that matters. */
function redactLine(line: string, options: RedactionOptions): string {
  try {
    return redactText(line, options);
  } catch {
    return '[REDACTED: a line that could not be searched for card data]\n';
  }
}
