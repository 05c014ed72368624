// Redis orders equals by their bytes, which is the order of code points; JavaScript, and with it every table, compares code
// units. The two differ where a surrogate pair meets U+E000 to U+FFFF, and a list cut at a limit would then hold other rows.

/**
 * A text whose UTF-8 bytes compare as the code units of `text` do. Different texts stay different, and nearly all stay what they
 * are. `text` must be well-formed.
 */
export function sortKey(text: string): string {
  if (!/[\ud800-\uffff]/.test(text)) return text;
  return Array.from({ length: text.length }, (_, at) => moved(text.charCodeAt(at))).join('');
}

/** Surrogates go to where no surrogate is, and what stood there goes above all that was. */
function moved(unit: number): string {
  if (unit < 0xd800) return String.fromCodePoint(unit);
  if (unit < 0xe000) return String.fromCodePoint(unit + 0x800);
  return String.fromCodePoint(unit + 0x2000);
}
