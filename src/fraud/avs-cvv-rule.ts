// Reads the checks of billing address (AVS) and security code (CVV) that an earlier verification of the card gave.

import { type FraudContext, type FraudRule, type RuleAnswer, unsuspicious } from './rule.ts';

/**
 * Blocks where the security code did not match: only who holds the card knows it. A wrong address is a REVIEW with
 * score 50, one that matches in part scores 20, and each check that the issuer did not make scores 10, because many
 * issuers don't make them. Checks of which nothing is known say nothing.
 */
export function avsCvvRule(): FraudRule {
  const rule: FraudRule = ({ avs, cvv }) => {
    const found = [answerTo('security code', cvv), answerTo('address', avs)];
    const score = found.reduce((total, answer) => total + answer.score, 0);
    const reason = found.map((answer) => answer.reason).join(', ');
    const decision = found.find((answer) => answer.decision !== 'APPROVE')?.decision ?? 'APPROVE';
    return { decision, score, reason };
  };
  return Object.assign(rule, { ruleName: 'avs-cvv' });
}

function answerTo(what: 'security code' | 'address', check: FraudContext['avs']): RuleAnswer {
  switch (check) {
    case undefined:
      return unsuspicious(`${what} unknown`);
    case 'match':
      return unsuspicious(`${what} matches`);
    case 'unavailable':
      return { decision: 'APPROVE', score: 10, reason: `${what} not checked` };
    case 'partial':
      return { decision: 'APPROVE', score: 20, reason: `${what} matches in part` };
    case 'mismatch':
      return what === 'address'
        ? { decision: 'REVIEW', score: 50, reason: 'address does not match' }
        : { decision: 'BLOCK', score: 100, reason: 'security code does not match' };
    default:
      throw new TypeError(`the check of the ${what} has a result that is none`);
  }
}
