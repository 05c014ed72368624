// Convinces by examples of every way of writing that is promised, and of what has to stay; each is a pair of a text and
// all of what becomes of it, so that nothing next to the card data may change.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cardNumbersIn, isCardNumber, passesLuhn } from './card-numbers.ts';
import { redact } from './redact.ts';
import { canaryOf, cardNumberOf, leaks, spellings } from './testing.ts';

/** Natural numbers that choose. */
const choices = fc.array(fc.nat(9_999), { minLength: 24, maxLength: 24 });
const canary = choices.map(canaryOf);
const cardNumber = choices.map(cardNumberOf);

const gone: readonly (readonly [text: string, redacted: string])[] = [
  ['card 4111-1111-1111-1111 cvv: 999', 'card ************1111 cvv: [REDACTED_CVV]'],
  ['Amex 3782 822463 10005', 'Amex ***********0005'],
  ['Diners 3056 930902 5904', 'Diners **********5904'],
  ['two: 4111111111111111, 5555555555554444', 'two: ************1111, ************4444'],
  ['order 12 4111 1111 1111 1111 34', 'order 12 ************1111 34'],
  ['ref994111111111111111123', 'ref99************1111123'],
  ['4111111111111111 12/30 Visa', '************1111 12/30 Visa'],
  ['{"pan":4111111111111111,"n":1}', '{"pan":"************1111","n":1}'],
  ['{"pans":[4111111111111111,-4111111111111111]}', '{"pans":["************1111","-************1111"]}'],
  ['x {\\"pan\\":4111111111111111}', 'x {\\"pan\\":\\"************1111\\"}'],
  ['{"4111111111111111":"4111 1111 1111 1111"}', '{"************1111":"************1111"}'],
  ['100%4111111111111111', '100%************1111'],
  ['%5Cu0034111111111111111', '************1111'],
  ['q=4111%252D1111%252D1111%252D1111&n=1', 'q=************1111&n=1'],
  [
    '{"data":[52,49,49,49,49,49,49,49,49,49,49,49,49,49,49,49,33],"type":"Buffer"}',
    '{"data":["************1111",33],"type":"Buffer"}',
  ],
  [
    `{"0":33,${[...'4111111111111111'].map((digit, at) => `"${at + 1}":${48 + Number(digit)}`).join()},"17":33}`,
    '{"0":33,"1":"************1111","17":33}',
  ],
  ['{"first":"41111111","last":"11111111"}', '{"first":"********","last":"****1111"}'],
  ['["4111","1111","1111","1111"]', '["****","****","****","1111"]'],
  ['[4111,1111,1111,1111]', '["****","****","****","1111"]'],
  ['[4,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]', `[${'"*",'.repeat(12)}"1","1","1","1"]`],
  ['{"a":"41111","b":"11111111111","c":true}', '{"a":"*****","b":"*******1111","c":true}'],
  ['a=41111111&b=11111111', 'a=********&b=****1111'],
  ['CVC2 123, CID=1234, csc (123)', 'CVC2 [REDACTED_CVV], CID=[REDACTED_CVV], csc ([REDACTED_CVV])'],
  [
    '{"cvv":999,"cvc":"123","CVN":7}',
    '{"cvv":"[REDACTED_CVV]","cvc":"[REDACTED_CVV]","CVN":"[REDACTED_CVV]"}',
  ],
  ['{"cvv":["999","888"]}', '{"cvv":["[REDACTED_CVV]","[REDACTED_CVV]"]}'],
  ['the security code is 1234!', 'the security code is [REDACTED_CVV]!'],
  ['<cvv>999</cvv><cardCid>999</cardCid>', '<cvv>[REDACTED_CVV]</cvv><cardCid>[REDACTED_CVV]</cardCid>'],
  ['name=\\"cvv\\"\\r\\n\\r\\n999\\r\\n', 'name=\\"cvv\\"\\r\\n\\r\\n[REDACTED_CVV]\\r\\n'],
  ['ＣＶＶ：９９９', 'ＣＶＶ：[REDACTED_CVV]'],
  ['%B4111111111111111^DOE/JOHN^30121010000000000000?x', '[REDACTED_TRACK]x'],
  [';4111111111111111=30121010000012345?x', '[REDACTED_TRACK]x'],
  [';123456789012=30121010000012345?x', '[REDACTED_TRACK]x'],
  ['57 4111111111111111D30121011234567F.', '57 [REDACTED_TRACK].'],
  ['%3B4111111111111111%3D30121010000012345%3F', '[REDACTED_TRACK]'],
];

const stays: readonly string[] = [
  'Visa ending in 1111, expires 12/30, auth code 123456',
  '{"level":30,"time":1732182300000,"pid":4711,"n":1}',
  '{"brand":"visa","last4":"1111","expMonth":"12","expYear":"2030"}',
  '{"cvc_check":"pass","cvv":null,"amount":500,"cvvResult":"M"}',
  '2026-11-21T09:45:00.123Z 2026-11-21 09:45:00,123 +49 151 1234 5678',
  '550e8400-e29b-41d4-a716-446655440000 4111111111111112 4111-1111-1111-1112',
  '{"ms":0.4111111111111111,"ratios":[0.4111111111111111,12.345678901234567]}',
  'acid=1234 lucid 123 incident: 404 cider: 123',
  '{"a":411111,"b":1111111111,"c":"x"}'.replace('411111,', '411111.5,'),
  '100% of 5%20 \\n\\t é – 日本語 🙂',
  '',
];

describe('a text', () => {
  it.each(gone)('%s', (text, redacted) => expect(redact(text)).toBe(redacted));

  it.each(stays)('stays as it is: %s', (text) => expect(redact(text)).toBe(text));

  it('is searched in every spelling', () => {
    for (const [name, spell] of Object.entries(spellings)) {
      const text = spell('5555555555554444');
      expect(leaks(text, { text, secret: '5555555555554444' }), name).toBe(true);
      expect(leaks(redact(text), { text, secret: '5555555555554444' }), name).toBe(false);
    }
  });

  it('hides every canary amid any other text, and changes no more when it is redacted again', () => {
    const words = fc.string({ unit: fc.constantFrom(...'ab:, "\\%{}[]=&?\n\té日'), maxLength: 12 });
    fc.assert(
      fc.property(words, canary, words, (before, planted, after) => {
        const redacted = redact(`${before} ${planted.text} ${after}`);
        expect(leaks(redacted, planted)).toBe(false);
        expect(redact(redacted)).toBe(redacted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the first six digits of long numbers, if told to', () => {
    expect(redact('4111111111111111 378282246310005', { keepBin: true })).toBe(
      '411111******1111 ***********0005',
    );
  });

  it.each([
    ['digits', '4'],
    ['digits of card numbers', '4111111111111111'],
    ['backslashes', '\\'],
    ['percent signs', '%25'],
    ['quotes and commas', '"1",'],
    ['numbers', '1,'],
    ['labels', 'cvv '],
    ['carets', '^4'],
    ['spaced digits', '4 '],
    ['brackets', '[{"a":'],
  ])('is searched in time that grows with its length only: %s', (_what, part) => {
    // Half a megabyte of the worst; something quadratic would take minutes.
    expect(redact(part.repeat(Math.ceil(500_000 / part.length))).length).toBeGreaterThan(0);
  });
});

/** All stretches of a number that are long enough for a card's, but for the whole. */
function shorterWithin(digits: string): readonly string[] {
  const found: string[] = [];
  for (let length = 13; length < digits.length; length += 1)
    for (let from = 0; from + length <= digits.length; from += 1)
      found.push(digits.slice(from, from + length));
  return found;
}

describe('a number', () => {
  it('is a card’s with its check digit only', () => {
    fc.assert(
      fc.property(cardNumber, fc.integer({ min: 1, max: 9 }), (digits, more) => {
        const wrong = digits.slice(0, -1) + ((Number(digits.at(-1)) + more) % 10);
        // Shorter numbers within the wrong one may cover all of it.
        fc.pre(!shorterWithin(wrong).some(passesLuhn));
        expect([isCardNumber(digits), isCardNumber(wrong)]).toEqual([true, false]);
      }),
    );
  });

  it('is found wherever it stands among other characters, at the right place', () => {
    fc.assert(
      fc.property(fc.nat(40), cardNumber, fc.nat(40), (before, digits, after) => {
        const text = 'x'.repeat(before) + digits + 'x'.repeat(after);
        expect(cardNumbersIn(text)).toEqual([{ start: before, end: before + digits.length, digits }]);
      }),
    );
  });
});
