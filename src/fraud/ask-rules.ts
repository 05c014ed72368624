// Asking the rules, and making one verdict of what they say. Whatever is not an answer fails closed: a rule that
// throws, answers nonsense or takes too long stops the payment, and the verdict says that it is undecided.

import { PaymentError } from '../errors/payment-error.ts';
import type { Timers } from '../kernel/runtime.ts';
import type { Evaluation, FraudContext, FraudDecision, FraudRule, RuleAnswer } from './rule.ts';
import type { FraudVerdict } from './verdict-log.ts';

/** What asking needs besides the payment. */
export interface Questioning<Context extends FraudContext> {
  readonly rules: readonly FraudRule<Context>[];
  readonly reviewThreshold: number;
  readonly ruleTimeoutMs: number;
  readonly runtime: Pick<Timers, 'after'>;
}

/** What the rules say together. */
export type Finding = Pick<FraudVerdict, 'decision' | 'score' | 'answers' | 'undecided'>;

/** Severest first: of a payment that one rule challenges and another wants reviewed, both can be done. */
const severity: readonly FraudDecision[] = ['BLOCK', 'CHALLENGE', 'REVIEW', 'APPROVE'];

/** Asks the rules in order, up to the first BLOCK. Never rejects. */
export async function askRules<Context extends FraudContext>(
  { rules, reviewThreshold, ruleTimeoutMs, runtime }: Questioning<Context>,
  context: Context,
  evaluation: Evaluation,
): Promise<Finding> {
  const answers: FraudVerdict['answers'][number][] = [];
  for (const [index, rule] of rules.entries()) {
    const name = nameOf(rule, index);
    try {
      const said = rule(context, evaluation);
      const { decision, score, reason } = sensible(
        said instanceof Promise ? await within(ruleTimeoutMs, said, runtime) : said,
      );
      answers.push({ rule: name, decision, score, reason });
      if (decision === 'BLOCK') break;
    } catch (error) {
      answers.push({ rule: name, decision: 'BLOCK', score: 0, reason: `no answer: ${kindOf(error)}` });
      return { ...combined(answers, reviewThreshold), undecided: true };
    }
  }
  return combined(answers, reviewThreshold);
}

/** How verdicts name the rule that stands at `index`. */
export function nameOf(rule: { readonly ruleName?: string; readonly name: string }, index: number): string {
  return rule.ruleName || rule.name || `rule ${index + 1}`;
}

function combined(answers: FraudVerdict['answers'], reviewThreshold: number): Finding {
  const score = answers.reduce((total, answer) => total + answer.score, 0);
  const decisions = new Set(answers.map(({ decision }) => decision));
  const severest = severity.find((decision) => decisions.has(decision)) ?? 'APPROVE';
  const decision = severest === 'APPROVE' && score >= reviewThreshold ? 'REVIEW' : severest;
  return { decision, score, answers };
}

function sensible(said: unknown): RuleAnswer {
  if (typeof said !== 'object' || said === null) throw new TypeError('a rule answered no object');
  const { decision, score, reason } = said as Partial<RuleAnswer>;
  const isAnswer =
    decision !== undefined &&
    severity.includes(decision) &&
    typeof score === 'number' &&
    score >= 0 &&
    score < Number.POSITIVE_INFINITY &&
    typeof reason === 'string';
  if (!isAnswer) throw new TypeError('a rule answered without a decision, a score ≥ 0 or a reason');
  return { decision, score, reason };
}

/** The message of an error may quote what it failed on, which has no place in a log. */
function kindOf(error: unknown): string {
  if (error instanceof PaymentError) return error.code;
  return error instanceof Error ? error.name : typeof error;
}

async function within<Value>(
  ms: number,
  work: Promise<Value>,
  runtime: Pick<Timers, 'after'>,
): Promise<Value> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = runtime.after(ms, () => reject(new RangeError(`a rule took longer than ${ms} ms`)));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
