// Bytes are logged as the numbers that they are (`{"type":"Buffer","data":[52,49,…]}`), or read as the text that they
// hold. So they are searched as text, and what is found is overwritten as text.

import { type RedactionOptions, redactText } from './redact-text.ts';

/** Bytes or a view of them, without card data; the same reference where there is none. */
export function redactBytes(value: ArrayBuffer | ArrayBufferView, options: RedactionOptions): unknown {
  const bytes = bytesOf(value);
  const utf8 = textOf(bytes);
  // As one character per byte nothing is lost where it isn't text; zeros between the digits of UTF-16 are separators.
  const text = utf8 ?? Buffer.from(bytes).toString('latin1');
  const redacted = redactText(text, options);
  if (redacted !== text) return Buffer.from(redacted, utf8 === undefined ? 'latin1' : 'utf8');
  if (value instanceof Uint8Array || !isList(value)) return value;
  const elements = [...value].map(String);
  const listed = elements.map((element) => redactText(element, options));
  return listed.every((element, index) => element === elements[index]) ? value : listed;
}

function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Typed arrays can be iterated, a DataView cannot. */
function isList(value: ArrayBuffer | ArrayBufferView): value is ArrayBufferView & Iterable<number | bigint> {
  return Symbol.iterator in value;
}
