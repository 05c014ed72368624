// Money is counted in whole minor units: 0.1 + 0.2 is not 0.3 in binary, and 8.20 × 100 truncates to 819.

import { ValidationError } from '../errors/payment-error.ts';
import { currencyExponents, currencySigns } from './currencies.ts';

/** An amount of money. Build one with {@link money} or {@link parseMoney}, which check it. */
export interface Money {
  /** Whole minor units of the currency, a safe integer ≥ 0: 820 is 8.20 USD, 820 JPY, 0.820 KWD. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
}

/**
 * Decimals by currency where a gateway counts otherwise than ISO 4217. Stripe, for one, counts UGX and ISK in
 * hundredths: `{ UGX: 2, ISK: 2 }`.
 */
export type ExponentOverrides = Readonly<Record<string, number>>;

/**
 * How many decimals the currency's minor unit has: ISO 4217's number unless `overrides` has another.
 *
 * @throws ValidationError for a code that ISO 4217 does not list as a payable currency, and for an override
 * that is not a whole number from 0 to 8.
 */
export function exponentOf(currency: string, overrides: ExponentOverrides = {}): number {
  const standard = currencyExponents.get(currency);
  if (standard === undefined) {
    throw new ValidationError(`Unknown currency ${show(currency)}; use an ISO 4217 code such as "USD".`);
  }
  const exponent = overrides[currency] ?? standard;
  if (Number.isInteger(exponent) && exponent >= 0 && exponent <= 8) return exponent;
  throw new ValidationError(
    `The exponent given for ${currency} is ${exponent}; use a whole number from 0 to 8.`,
  );
}

/**
 * Checks an amount and a currency, and pairs them.
 *
 * @throws ValidationError unless `amountMinor` is a safe integer ≥ 0 and `currency` a known ISO 4217 code.
 */
export function money(amountMinor: number, currency: string): Money {
  exponentOf(currency);
  if (!Number.isSafeInteger(amountMinor) || amountMinor < 0) {
    throw new ValidationError(
      `${show(amountMinor)} is not an amount of ${currency} in minor units: it has to be a whole number ` +
        `from 0 to 2^53 - 1. Read decimal text such as "8.20" with parseMoney.`,
    );
  }
  // Adding zero turns -0, which passes the checks above, into 0.
  return { amountMinor: amountMinor + 0, currency };
}

/**
 * Reads decimal text such as `8.20`, exactly: digits, and optionally a point with more digits. Fewer decimals
 * than the currency has are fine (`8.2`, `8`), more are not, even if they are zeros.
 *
 * @throws ValidationError for anything else: signs, exponents, white space, separators, a leading zero as in
 * `08`, digits beyond ASCII, an unknown currency, and amounts of more than 2^53 - 1 minor units.
 */
export function parseMoney(text: string, currency: string, overrides?: ExponentOverrides): Money {
  const exponent = exponentOf(currency, overrides);
  const [, whole, decimals = ''] = /^(0|[1-9][0-9]*)(?:\.([0-9]+))?$/.exec(text) ?? [];
  // A number would be turned into text here, after the harm of floating point was done.
  if (whole === undefined || typeof text !== 'string') {
    throw new ValidationError(`Cannot read ${show(text)} as ${currency}; write plain digits such as "8.20".`);
  }
  if (decimals.length > exponent) {
    throw new ValidationError(
      `Cannot read ${show(text)} as ${currency}: it has ${decimals.length} decimals, ${currency} has ${exponent}.`,
    );
  }
  // A string of digits alone converts exactly up to 2^53 - 1, and `money` refuses whatever lies beyond.
  return money(Number(whole + decimals.padEnd(exponent, '0')), currency);
}

/**
 * Exact text for records and messages, such as `8.20 USD` or `500 JPY`.
 *
 * @throws ValidationError when the value is not valid {@link Money}.
 */
export function formatMoney(value: Money, overrides?: ExponentOverrides): string {
  return `${decimalText(value, overrides)} ${value.currency}`;
}

/**
 * Text for people, such as `$5.00` or `¥500`; the same as {@link formatMoney} where no sign is in common use.
 *
 * @throws ValidationError when the value is not valid {@link Money}.
 */
export function displayMoney(value: Money, overrides?: ExponentOverrides): string {
  const sign = currencySigns.get(value.currency);
  return sign === undefined ? formatMoney(value, overrides) : sign + decimalText(value, overrides);
}

/**
 * The sum of two amounts of one currency.
 *
 * @throws ValidationError when the currencies differ or the sum exceeds 2^53 - 1 minor units.
 */
export function addMoney(left: Money, right: Money): Money {
  if (left.currency !== right.currency) {
    throw new ValidationError(`Cannot add ${right.currency} to ${left.currency}; convert one of them first.`);
  }
  return money(left.amountMinor + right.amountMinor, left.currency);
}

/**
 * The total of minor units of one currency, as a bigint because totals of valid amounts can exceed 2^53. Negative
 * entries are allowed: a ledger books refunds with a minus.
 *
 * @throws ValidationError when an entry is not a safe integer.
 */
export function sumMinor(amountsMinor: Iterable<number>): bigint {
  let total = 0n;
  for (const amountMinor of amountsMinor) {
    if (!Number.isSafeInteger(amountMinor)) {
      throw new ValidationError(`Cannot total ${show(amountMinor)}; use whole minor units below 2^53.`);
    }
    total += BigInt(amountMinor);
  }
  return total;
}

function decimalText(value: Money, overrides?: ExponentOverrides): string {
  const { amountMinor, currency } = money(value.amountMinor, value.currency);
  const exponent = exponentOf(currency, overrides);
  const digits = String(amountMinor).padStart(exponent + 1, '0');
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`;
}

/** Bad input may be of any type and length whatever the signature says. */
function show(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 24)) : String(value);
}
