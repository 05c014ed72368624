// Notices large amounts.

import { money } from '../kernel/money.ts';
import type { FraudRule } from './rule.ts';
import { unsuspicious } from './rule.ts';

/**
 * Challenges payments above a threshold, with score 30. `thresholdsMinor` has the largest amount that passes, in minor
 * units, by currency. Any amount in a currency that it does not have is challenged: a limit that another currency
 * evades is none.
 *
 * @throws ValidationError when a currency is unknown or a threshold no amount of it.
 */
export function highAmountRule(thresholdsMinor: Readonly<Record<string, number>>): FraudRule {
  const thresholds = new Map(
    Object.entries(thresholdsMinor).map(([currency, most]) => [currency, money(most, currency).amountMinor]),
  );
  const rule: FraudRule = ({ amountMinor, currency }) => {
    const most = thresholds.get(currency);
    if (most === undefined)
      return { decision: 'CHALLENGE', score: 30, reason: `no threshold is set for ${currency}` };
    if (amountMinor <= most) return unsuspicious(`at most ${most} ${currency}`);
    return { decision: 'CHALLENGE', score: 30, reason: `above ${most} ${currency} in minor units` };
  };
  return Object.assign(rule, { ruleName: 'high-amount' });
}
