// Removes card data from values of any shape, for logs, errors and whatever else leaves the payment code.

import { type RedactionOptions, redactText } from './redact-text.ts';
import { redactStructure } from './structure.ts';

/**
 * The value without card data. Never changes what it is given, never throws, and gives back the same reference where
 * nothing had to change.
 *
 * Removed are card numbers of 13 to 19 digits with an issuer's prefix and a right check digit, of which stars and the
 * last four digits are left (`************1111`, PCI DSS 3.4.1); security codes behind their label (`[REDACTED_CVV]`);
 * and the data of tracks 1 and 2 (`[REDACTED_TRACK]`; both PCI DSS 3.3.1). They are found in strings, numbers and
 * bigints, in names and values of objects, arrays, Maps and Sets, in messages, stacks, causes and properties of errors,
 * and in bytes; with separators between the digits, next to other digits, in digits of any script, percent-encoded,
 * escaped as in JSON or HTML, and spread over neighbouring members (see `splitNumbersIn` for how far that goes).
 * Brand, expiry, and four last digits alone stay.
 *
 * Not found: what is encrypted, compressed, or written in base64 or in words; security codes without a label; and what
 * only a debugger sees, such as private members. Members that JSON would call (`toJSON`, getters) are called; where one
 * throws, `[UNREADABLE]` takes its place, and what is nested too deep becomes `[TOO_DEEP]`.
 *
 * Taken for cards by mistake, measured over random values of each kind (`false-positives.test.ts`): of milliseconds
 * since the epoch, dates, IP addresses, telephone numbers with a plus sign, and order numbers of up to 12 digits, none;
 * of UUIDs 0.1 %; of microseconds 4 %; of order numbers of 13 digits 3 %, of 14 digits 4 %, of 16 digits 10 %. Because a card
 * number is also found among other digits, longer ones are hit more often: nanoseconds 19 %, 20 digits 30 %, German IBANs 30 %
 * (12 % in groups of four), British ones 4 %. Letters among the digits prevent it.
 */
export function redact(value: string, options?: RedactionOptions): string;
export function redact(value: unknown, options?: RedactionOptions): unknown;
export function redact(value: unknown, options: RedactionOptions = {}): unknown {
  return typeof value === 'string' ? redactText(value, options) : redactStructure(value, options);
}
