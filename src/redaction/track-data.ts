// What the magnetic stripe holds (ISO/IEC 7813). PCI DSS 3.3.1.1 forbids to keep it after authorisation, so all of it
// goes, the card number included.

import { isCardNumber, passesLuhn } from './card-numbers.ts';

/** Where the data of a track stands. */
export interface TrackData {
  readonly start: number;
  readonly end: number;
}

/**
 * Track 1 is `%B`, number, `^`, name, `^`, expiry, service code, discretionary data, `?`; track 2 is `;`, number, `=`,
 * expiry and the rest, `?`, and chips write `D` for `=`. Start, end, and the `B` are often lost on the way.
 */
const track1 =
  /(?<start>[%5]?[Bb])?(?<number>[0-9](?:[ -]?[0-9]){11,18})\^[^^\n]{0,64}\^[^?\n"\\]{0,100}\??/g;
const track2 = /(?<start>;)?(?<![0-9])(?<number>[0-9]{12,19})[=Dd][0-9]{7,40}(?:[Ff]|\?)?/g;

/** Whether the text may hold the data of a track whose number is none that a scheme issues. Quick. */
export function mayHoldTrack(text: string): boolean {
  return text.includes('^') || (text.includes(';') && /;[0-9]{12}/.test(text));
}

/** The data of every track in the text. */
export function trackDataIn(text: string): TrackData[] {
  const found: TrackData[] = [];
  if (text.includes('^')) collect(text, track1, found);
  if (/[0-9][=Dd][0-9]{7}/.test(text)) collect(text, track2, found);
  return found;
}

/** Without its start, a track is one only if it opens with a number that can be a card's. */
function collect(text: string, pattern: RegExp, found: TrackData[]): void {
  for (const { 0: whole, index, groups } of text.matchAll(pattern)) {
    const number = groups?.['number']?.replace(/[ -]/g, '') ?? '';
    const opened = groups?.['start'] !== undefined;
    if (opened || passesLuhn(number) || isCardNumber(number))
      found.push({ start: index, end: index + whole.length });
  }
}
