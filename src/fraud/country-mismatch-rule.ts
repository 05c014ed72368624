// Notices a card from one country that is used from another.

import { type FraudContext, type FraudRule, unsuspicious } from './rule.ts';

/**
 * Challenges a payment whose known countries (of the card, the IP address and the billing address) are not all one,
 * with score 30: people travel, so it is the payer's turn to show who they are.
 *
 * A country that is not two letters is no country, and the rule then gives no answer, which stops the payment.
 */
export function countryMismatchRule(): FraudRule {
  const rule: FraudRule = ({ cardCountry, ipCountry, billingCountry }: FraudContext) => {
    const known = [cardCountry, ipCountry, billingCountry].filter((code) => code !== undefined).map(country);
    if (new Set(known).size < 2) return unsuspicious('no two countries differ');
    const reason = `card ${cardCountry ?? 'unknown'}, IP ${ipCountry ?? 'unknown'}, billing ${billingCountry ?? 'unknown'}`;
    return { decision: 'CHALLENGE', score: 30, reason };
  };
  return Object.assign(rule, { ruleName: 'country-mismatch' });
}

function country(code: unknown): string {
  if (typeof code === 'string' && /^[a-z]{2}$/i.test(code)) return code.toUpperCase();
  throw new TypeError('a country is not an ISO 3166-1 alpha-2 code');
}
