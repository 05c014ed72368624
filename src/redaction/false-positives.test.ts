// Convinces by counting, over many random values of each kind, how many redaction takes for card data. The bounds are
// what `redact` documents; without an issuer's prefix, Luhn alone would take every tenth.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redact } from './redact.ts';

const digits = (count: number): fc.Arbitrary<string> =>
  fc.array(fc.integer({ min: 0, max: 9 }), { minLength: count, maxLength: count }).map((all) => all.join(''));
/** With the check digits of ISO 7064, mod 97-10. */
function iban(country: string, account: string): string {
  const numbers = (text: string): string =>
    text.replace(/[A-Z]/g, (letter) => String(letter.charCodeAt(0) - 55));
  const rest = [...numbers(`${account}${country}00`)].reduce(
    (sum, digit) => (sum * 10 + Number(digit)) % 97,
    0,
  );
  return `${country}${String(98 - rest).padStart(2, '0')}${account}`;
}
const inGroups = (text: string): string => text.replace(/.{4}(?=.)/g, '$& ');
/** From 2015 to 2033, milliseconds since the epoch. */
const epochMs = fc.integer({ min: 1_420_000_000_000, max: 1_999_999_999_999 });

/** Look-alikes by kind, each with the share of them that may be altered. */
const kinds: Readonly<Record<string, readonly [share: number, value: fc.Arbitrary<string>]>> = {
  'milliseconds since the epoch': [0, epochMs.map(String)],
  'milliseconds as pino writes them': [
    0,
    epochMs.map((ms) => `{"level":30,"time":${ms},"pid":4711,"at":${ms + 12}}`),
  ],
  'milliseconds in a sentence': [0, epochMs.map((ms) => `took from ${ms} to ${ms + 997}, attempt 3`)],
  'a span of milliseconds': [0.01, epochMs.map((ms) => `${ms}-${ms + 997} ${ms} 42`)],
  'microseconds since the epoch': [0.05, fc.tuple(epochMs, digits(3)).map(([ms, more]) => `${ms}${more}`)],
  'nanoseconds since the epoch': [0.2, fc.tuple(epochMs, digits(6)).map(([ms, more]) => `${ms}${more}`)],
  'ISO dates': [0, epochMs.map((ms) => new Date(ms).toISOString().replace('T', ' '))],
  'order numbers of 10 digits': [0, digits(10)],
  'order numbers of 12 digits': [0, digits(12)],
  'order numbers of 14 digits': [0.06, digits(14)],
  'order numbers of 16 digits': [0.12, digits(16)],
  'order numbers of 20 digits': [0.3, digits(20)],
  'dated order numbers': [
    0,
    fc
      .tuple(epochMs, digits(4))
      .map(([ms, more]) => `ORD-${new Date(ms).toISOString().slice(0, 10)}-${more}`),
  ],
  UUIDs: [0.002, fc.uuid()],
  'telephone numbers': [
    0.002,
    fc
      .tuple(fc.constantFrom('44', '49', '62', '86'), digits(11))
      .map(([country, number]) => `+${country}${number}`),
  ],
  'telephone numbers in groups': [
    0,
    digits(10).map((number) => `+49 ${number.slice(0, 3)} ${number.slice(3, 6)} ${number.slice(6)}`),
  ],
  'order numbers of 13 digits': [0.035, digits(13).map((number) => `ORD-${number}`)],
  'IBANs of Germany': [0.31, digits(18).map((account) => iban('DE', account))],
  'IBANs of Germany in groups': [0.13, digits(18).map((account) => inGroups(iban('DE', account)))],
  'IBANs of the United Kingdom': [0.04, digits(14).map((account) => iban('GB', `NWBK${account}`))],
  'IBANs of the Netherlands': [0, digits(10).map((account) => iban('NL', `ABNA${account}`))],
  'addresses of IPv4': [0.001, fc.ipV4()],
  'fractions in JSON': [
    0,
    fc
      .double({ min: 0.001, max: 1_000, noNaN: true })
      .map((ms) => JSON.stringify({ ms: ms === Math.trunc(ms) ? 0.5 : ms })),
  ],
};

describe('what redaction takes for card data', () => {
  it.each(Object.entries(kinds))('by mistake: %s', (_kind, [share, value]) => {
    const samples = fc.sample(fc.noBias(value), 5_000);
    const altered = samples.filter((sample) => redact(sample) !== sample);
    // Five standard deviations above the share, so that chance alone does not fail the test.
    const bound = share + 5 * Math.sqrt((share * (1 - share)) / samples.length);
    expect(altered.length / samples.length, altered[0]).toBeLessThanOrEqual(bound);
  });

  it('is measured on what can be altered: card numbers all are', () => {
    expect(redact('4111111111111111')).not.toBe('4111111111111111');
  });
});
