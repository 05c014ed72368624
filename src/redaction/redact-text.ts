// Removes card data from a text. Most texts hold none and are given back as they are, so everything costly comes after
// a glance that is quick to say no.

import { mayHoldBytes, readingOfBytes } from './byte-lists.ts';
import { type CardNumber, cardNumbersIn, holdsCardNumber, isCardNumber } from './card-numbers.ts';
import { decodedReading, mayBeEncoded, plainReading, type Reading } from './reading.ts';
import { type Replacement, replaceIn } from './replace.ts';
import { namesSecurityCode, securityCodesIn } from './security-codes.ts';
import { maskedPart } from './split-members.ts';
import { keptOf } from './split-numbers.ts';
import { mayHoldSplitNumber, splitNumbersInText } from './split-text.ts';
import { mayHoldTrack, trackDataIn } from './track-data.ts';

/** How card data is redacted. */
export interface RedactionOptions {
  /**
   * Keeps the first six digits of card numbers of 16 digits and more, besides the last four, as PCI DSS 3.4.1 allows.
   * Default false: the last four only.
   */
  readonly keepBin?: boolean;
}

/** What takes the place of a security code. */
export const securityCodeMarker = '[REDACTED_CVV]';

/** The text without card data; the same string where there is none. */
export function redactText(text: string, options: RedactionOptions = {}): string {
  if (!mayHaveToChange(text)) return text;
  const bytes = mayHoldBytes(text);
  const readings = [plainReading(text), ...(bytes ? [readingOfBytes(text)] : [])];
  // What is decoded is also searched as it stands: `%41` is an A, but in `100%4111…` it is the beginning of a number.
  const decoded = readings.filter((reading) => /[\\%&\u0100-\uffff]/.test(reading.text)).map(decodedReading);
  const found = [...readings, ...decoded].flatMap((reading) => replacementsIn(reading, options));
  return found.length === 0 ? text : replaceIn(text, found);
}

/** Whether there may be something to redact in the text. Quick, and sometimes wrongly yes. */
export function mayHaveToChange(text: string): boolean {
  return mayHoldBytes(text) || mayBeEncoded(text) || mayHoldCardData(text);
}

/** What becomes of a card number: stars, and its last four digits. */
function masked(digits: string, { keepBin = false }: RedactionOptions): string {
  const bin = keepBin && digits.length >= 16 && isCardNumber(digits) ? digits.slice(0, 6) : '';
  return bin + '*'.repeat(digits.length - bin.length - 4) + digits.slice(-4);
}

function mayHoldCardData(text: string): boolean {
  return holdsCardNumber(text) || namesSecurityCode(text) || mayHoldSplitNumber(text) || mayHoldTrack(text);
}

/** What has to be replaced in the source of a reading. */
function replacementsIn({ text, sourceOf, sourceEnd }: Reading, options: RedactionOptions): Replacement[] {
  if (!mayHoldCardData(text)) return [];
  return foundIn(text, options).map(({ start, end, text: replacement }) => ({
    start: sourceOf(start),
    end: sourceEnd(end),
    text: replacement,
  }));
}

function foundIn(text: string, options: RedactionOptions): Replacement[] {
  const ofNumber = ({ start, end, digits }: CardNumber): Replacement => ({
    start,
    end,
    text: masked(digits, options),
  });
  return [
    ...cardNumbersIn(text).map(ofNumber),
    ...(namesSecurityCode(text) ? securityCodesIn(text) : []).map(({ start, end }) => ({
      start,
      end,
      text: securityCodeMarker,
    })),
    ...trackDataIn(text).map(({ start, end }) => ({ start, end, text: '[REDACTED_TRACK]' })),
    ...(mayHoldSplitNumber(text) ? splitNumbersInText(text) : []).flatMap((pieces) => {
      const kept = keptOf(pieces);
      return pieces.map(({ start, end, digits }, index) => ({
        start,
        end,
        text: maskedPart(digits, kept[index] ?? 0),
      }));
    }),
  ];
}
