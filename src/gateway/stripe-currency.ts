// Stripe counts a few currencies otherwise than ISO 4217 does, and a factor of a hundred is a lot of money.

import { ValidationError } from '../errors/payment-error.ts';
import { type ExponentOverrides, exponentOf } from '../kernel/money.ts';

/**
 * Decimals of the amounts in Stripe's API where they differ from ISO 4217 (Stripe's documentation of currencies,
 * "Zero-decimal currencies" and "Special cases"): ISK and UGX are sent in hundredths, MGA in whole ariary.
 */
const stripeExponents: ExponentOverrides = { ISK: 2, UGX: 2, MGA: 0 };

/**
 * The code that Stripe wants for a currency.
 *
 * Currencies that Stripe counts in another unit are refused, not converted: a capture or a refund names its charge
 * but not the currency, so an amount that was converted on the way in could not be converted again.
 *
 * @throws ValidationError for an unknown currency and for those of `stripeExponents`.
 */
export function stripeCurrency(currency: string): string {
  if (exponentOf(currency) === exponentOf(currency, stripeExponents)) return currency.toLowerCase();
  throw new ValidationError(
    `Stripe counts ${currency} in another unit than ISO 4217 does, and this adapter does not convert amounts. ` +
      `Charge in another currency. Nothing was sent.`,
  );
}
