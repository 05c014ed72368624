// Convinces by an inverse (what is printed reads back as the same amount, for every known currency), by amounts
// where floating point is known to slip, and by a list of texts that each break exactly one rule of the grammar.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { currencyExponents, currencySigns } from './currencies.ts';
import { addMoney, displayMoney, exponentOf, formatMoney, money, parseMoney, sumMinor } from './money.ts';

const anyCurrency = fc.constantFrom(...currencyExponents.keys());
const anyAmountMinor = fc.maxSafeNat();
const max = Number.MAX_SAFE_INTEGER;

describe('currencies', () => {
  it('spells every code as the rest of the world does', () => {
    const names = new Intl.DisplayNames('en', { type: 'currency', fallback: 'none' });
    // Too new for some ICU releases; read twice by eye instead.
    const recent = ['XAD', 'XCG', 'ZWG'];
    const strange = [...currencyExponents.keys()].filter((code) => names.of(code) === undefined);
    expect(strange.filter((code) => !recent.includes(code))).toEqual([]);
    expect(currencyExponents.size).toBe(167);
  });

  it('follows ISO 4217 where Intl and habit do not', () => {
    const expected = {
      USD: 2,
      JPY: 0,
      ISK: 0,
      UGX: 0,
      KWD: 3,
      IQD: 3,
      TND: 3,
      CLF: 4,
      UYW: 4,
      HUF: 2,
      IDR: 2,
      MGA: 2,
    };
    expect(Object.fromEntries(Object.keys(expected).map((code) => [code, exponentOf(code)]))).toEqual(
      expected,
    );
  });

  it('refuses codes that are unknown, not in capitals, or have no minor unit', () => {
    for (const code of [
      'USX',
      'usd',
      ' USD',
      '',
      'XAU',
      'XDR',
      'XXX',
      'XTS',
      'DEM',
      'toString',
      '__proto__',
    ]) {
      expect(() => exponentOf(code), code).toThrow(ValidationError);
    }
  });

  it('has signs only for currencies that it knows, each for one currency', () => {
    expect([...currencySigns.keys()].filter((code) => !currencyExponents.has(code))).toEqual([]);
    expect(new Set(currencySigns.values()).size).toBe(currencySigns.size);
  });

  it('lets a gateway count a currency in its own way, within reason', () => {
    expect(exponentOf('ISK', { ISK: 2 })).toBe(2);
    expect(exponentOf('USD', { ISK: 2 })).toBe(2);
    expect(exponentOf('JPY', { USD: 0 })).toBe(0);
    for (const bad of [-1, 1.5, 9, Number.NaN])
      expect(() => exponentOf('ISK', { ISK: bad })).toThrow(ValidationError);
    expect(() => exponentOf('BTC', { BTC: 8 })).toThrow(ValidationError);
  });
});

describe('money', () => {
  it('takes every safe integer from zero up', () => {
    fc.assert(
      fc.property(anyAmountMinor, anyCurrency, (amountMinor, currency) => {
        expect(money(amountMinor, currency)).toStrictEqual({ amountMinor, currency });
      }),
    );
    expect(money(-0, 'USD').amountMinor).toBe(0);
  });

  it('refuses what is not a count of minor units', () => {
    for (const bad of [
      -1,
      8.2,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      max + 1,
      '500',
      500n,
      null,
      undefined,
    ]) {
      expect(() => money(bad as number, 'USD'), String(bad)).toThrow(ValidationError);
    }
    expect(() => money(500, 'usd')).toThrow(/"usd"/);
  });
});

describe('parseMoney', () => {
  it('reads back whatever formatMoney prints', () => {
    fc.assert(
      fc.property(
        anyAmountMinor,
        anyCurrency,
        fc.option(fc.nat(8), { nil: undefined }),
        (amountMinor, currency, exponent) => {
          const overrides = exponent === undefined ? {} : { [currency]: exponent };
          const value = { amountMinor, currency };
          const [text = '', code] = formatMoney(value, overrides).split(' ');
          expect(code).toBe(currency);
          expect(parseMoney(text, currency, overrides)).toStrictEqual(value);
        },
      ),
    );
  });

  it('is exact where multiplying by a hundred is not', () => {
    expect(Math.trunc(8.2 * 100)).toBe(819);
    expect(parseMoney('8.20', 'USD').amountMinor).toBe(820);
    expect(parseMoney('1.15', 'USD').amountMinor).toBe(115);
    expect(parseMoney('4.35', 'EUR').amountMinor).toBe(435);
    expect(parseMoney('19.99', 'GBP').amountMinor).toBe(1999);
    expect(parseMoney('1.005', 'KWD').amountMinor).toBe(1005);
    expect(parseMoney('90071992547409.91', 'USD').amountMinor).toBe(max);
  });

  it('fills in decimals that were left out', () => {
    expect(parseMoney('8.2', 'USD').amountMinor).toBe(820);
    expect(parseMoney('8', 'USD').amountMinor).toBe(800);
    expect(parseMoney('0', 'USD').amountMinor).toBe(0);
    expect(parseMoney('0.0001', 'CLF').amountMinor).toBe(1);
    expect(parseMoney('500', 'JPY').amountMinor).toBe(500);
    expect(parseMoney('5.00', 'ISK', { ISK: 2 }).amountMinor).toBe(500);
  });

  it('refuses more decimals than the currency has, even zeros', () => {
    expect(() => parseMoney('8.200', 'USD')).toThrow(/3 decimals, USD has 2/);
    expect(() => parseMoney('500.0', 'JPY')).toThrow(/1 decimals, JPY has 0/);
    expect(() => parseMoney('5.00', 'USD', { USD: 1 })).toThrow(ValidationError);
  });

  it.each([
    ['nothing', ''],
    ['a minus', '-8.20'],
    ['a plus', '+8.20'],
    ['an exponent', '8e2'],
    ['a hexadecimal number', '0x10'],
    ['white space before', ' 8.20'],
    ['white space after', '8.20 '],
    ['a line feed after', '8.20\n'],
    ['white space alone', ' '],
    ['a comma for the point', '8,20'],
    ['separators', '1,000.00'],
    ['an underscore', '1_000'],
    ['no digit before the point', '.20'],
    ['no digit after the point', '8.'],
    ['two points', '8.2.0'],
    ['a leading zero', '08.20'],
    ['Arabic digits', '٨.٢٠'],
    ['full-width digits', '８.２０'],
    ['a sign of currency', '$8.20'],
    ['a word', 'Infinity'],
  ])('refuses %s', (_, text) => {
    expect(() => parseMoney(text, 'USD')).toThrow(ValidationError);
  });

  it('refuses a number, which has been through floating point already', () => {
    expect(() => parseMoney(8.2 as unknown as string, 'USD')).toThrow(ValidationError);
  });

  it('refuses amounts beyond 2^53 - 1 minor units, however long', () => {
    expect(() => parseMoney('90071992547409.92', 'USD')).toThrow(ValidationError);
    expect(() => parseMoney('9007199254740993', 'JPY')).toThrow(ValidationError);
    expect(() => parseMoney('9'.repeat(400), 'USD')).toThrow(ValidationError);
  });

  it('accepts only text that a second, simpler reader gives the same digits for', () => {
    const nearly = fc.string({ unit: fc.constantFrom(...'0012589..-+e \n') });
    fc.assert(
      fc.property(nearly, (text) => {
        let parsed: number | 'refused' = 'refused';
        try {
          parsed = parseMoney(text, 'USD').amountMinor;
        } catch (error) {
          expect(error).toBeInstanceOf(ValidationError);
        }
        const [whole = '', decimals, ...rest] = text.split('.');
        const onlyDigits = (part: string) =>
          part.length > 0 && [...part].every((digit) => '0123456789'.includes(digit));
        const wellFormed =
          rest.length === 0 &&
          onlyDigits(whole) &&
          (whole === '0' || !whole.startsWith('0')) &&
          (decimals === undefined || (onlyDigits(decimals) && decimals.length <= 2));
        const cents = wellFormed ? BigInt(whole) * 100n + BigInt((decimals ?? '').padEnd(2, '0')) : undefined;
        expect(parsed).toBe(cents === undefined || cents > BigInt(max) ? 'refused' : Number(cents));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('text', () => {
  it('prints every decimal of the currency and nothing else', () => {
    expect(formatMoney(money(820, 'USD'))).toBe('8.20 USD');
    expect(formatMoney(money(5, 'USD'))).toBe('0.05 USD');
    expect(formatMoney(money(0, 'KWD'))).toBe('0.000 KWD');
    expect(formatMoney(money(500, 'JPY'))).toBe('500 JPY');
    expect(formatMoney(money(max, 'CLF'))).toBe('900719925474.0991 CLF');
    expect(formatMoney({ amountMinor: 500, currency: 'ISK' }, { ISK: 2 })).toBe('5.00 ISK');
    expect(() => formatMoney({ amountMinor: 8.2, currency: 'USD' })).toThrow(ValidationError);
  });

  it('prints a sign where readers know it', () => {
    expect(displayMoney(money(500, 'USD'))).toBe('$5.00');
    expect(displayMoney(money(1999, 'EUR'))).toBe('€19.99');
    expect(displayMoney(money(1999, 'GBP'))).toBe('£19.99');
    expect(displayMoney(money(500, 'JPY'))).toBe('¥500');
    expect(displayMoney(money(500, 'CHF'))).toBe('5.00 CHF');
  });
});

describe('sums', () => {
  it('adds amounts of one currency and refuses the rest', () => {
    expect(addMoney(money(820, 'USD'), money(180, 'USD'))).toStrictEqual(money(1000, 'USD'));
    expect(() => addMoney(money(1, 'USD'), money(1, 'EUR'))).toThrow(/EUR to USD/);
    expect(() => addMoney(money(max, 'USD'), money(1, 'USD'))).toThrow(ValidationError);
  });

  it('totals beyond 2^53 without losing a unit', () => {
    expect(sumMinor([max, max, max])).toBe(3n * (2n ** 53n - 1n));
    expect(sumMinor([500, -200])).toBe(300n);
    expect(sumMinor([])).toBe(0n);
    expect(() => sumMinor([1, 0.5])).toThrow(ValidationError);
    expect(() => sumMinor([max + 1])).toThrow(ValidationError);
  });
});
