// What a fraud rule is: a function of a payment's circumstances, and, where it counts, a way to be told the end.

/** What becomes of a payment: goes on, goes on and is reviewed, must be authenticated by the payer, or stops here. */
export type FraudDecision = 'APPROVE' | 'REVIEW' | 'CHALLENGE' | 'BLOCK';

/**
 * What is known of a payment before it is sent. Tokens and fingerprints only, never card numbers. Extend it with what
 * rules of your own need; of a member that is absent nothing is known.
 */
export interface FraudContext {
  /** Minor units of the currency, a safe integer ≥ 0. */
  readonly amountMinor: number;
  /** ISO 4217 code, upper case. */
  readonly currency: string;
  readonly paymentToken?: string;
  /** The same for every token of one card, as gateways give it. */
  readonly cardFingerprint?: string;
  readonly customerId?: string;
  readonly email?: string;
  readonly ipAddress?: string;
  /** ISO 3166-1 alpha-2 code of the issuer's country. */
  readonly cardCountry?: string;
  /** ISO 3166-1 alpha-2 code of where the IP address is. */
  readonly ipCountry?: string;
  /** ISO 3166-1 alpha-2 code of the billing address. */
  readonly billingCountry?: string;
  /** Address check of an earlier verification of the card: the charge has not been sent yet. */
  readonly avs?: 'match' | 'partial' | 'mismatch' | 'unavailable';
  /** Security code check of an earlier verification of the card. */
  readonly cvv?: 'match' | 'mismatch' | 'unavailable';
}

/** What a rule says. */
export interface RuleAnswer {
  readonly decision: FraudDecision;
  /** How suspicious the payment is to this rule, ≥ 0 and finite. The scores of all rules add up. */
  readonly score: number;
  /** For the audit log and the reviewer; must not quote what should not be stored. */
  readonly reason: string;
}

/** One evaluation of one payment. */
export interface Evaluation {
  /** Names the payment: equal for all its evaluations, whichever process makes them. */
  readonly attemptId: string;
  /** Names this evaluation. */
  readonly evaluationId: string;
}

/**
 * How a payment ended, for rules that count.
 *
 * - `approved`: it took effect;
 * - `declined`: it is proven that it took none, and never will;
 * - `not-sent`: the execution that this evaluation was for sent nothing; another execution may have.
 */
export type PaymentEnd = 'approved' | 'declined' | 'not-sent';

/** A rule. A plain function will do; it may be asked again about a payment that it has seen. */
export interface FraudRule<Context extends FraudContext = FraudContext> {
  (context: Context, evaluation: Evaluation): RuleAnswer | Promise<RuleAnswer>;
  /** How verdicts name the rule. Default: the function's name, else its place. */
  readonly ruleName?: string;
  /**
   * Present on rules that count: told how the payment ended. Such a rule is asked again before a later execution of
   * an approved payment, and only its BLOCK matters then.
   */
  readonly settle?: (context: Context, evaluation: Evaluation, end: PaymentEnd) => Promise<void>;
}

/** A payment that is nothing to this rule. */
export function unsuspicious(reason: string): RuleAnswer {
  return { decision: 'APPROVE', score: 0, reason };
}
