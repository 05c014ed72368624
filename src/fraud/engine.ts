// The fraud engine: one verdict for each payment, which holds for every execution of it.
//
// An execution may crash between its verdict and the gateway's answer, and another takes over. Were the rules asked
// again, they could block what has been charged already. So the verdict is kept before anything is sent, and whoever
// comes later takes it up.

import { FraudUndecidedError, ValidationError } from '../errors/payment-error.ts';
import { money } from '../kernel/money.ts';
import type { Chance, Clock, Timers } from '../kernel/runtime.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { askRules, nameOf, type Questioning } from './ask-rules.ts';
import type { Evaluation, FraudContext, FraudRule, PaymentEnd } from './rule.ts';
import type { FraudVerdict, VerdictLog } from './verdict-log.ts';

/** Options of {@link fraudEngine}. */
export interface FraudEngineOptions<Context extends FraudContext = FraudContext> {
  /** Asked in this order, up to the first BLOCK; put what counts last, so that less has to be given back. */
  readonly rules: readonly FraudRule<Context>[];
  /** Every verdict is kept there before anybody acts on it. */
  readonly verdicts: VerdictLog;
  readonly runtime: Pick<Clock, 'wallMs'> & Pick<Chance, 'id'> & Pick<Timers, 'after'>;
  /** What no rule objects to is a REVIEW when the scores add up to this. Default 50. */
  readonly reviewThreshold?: number;
  /** A rule that takes longer has not answered. Default 2 000. */
  readonly ruleTimeoutMs?: number;
}

/** Judges payments before they are sent. */
export interface FraudEngine<Context extends FraudContext = FraudContext> {
  /**
   * The verdict on a payment. If one stands already, from an earlier or a concurrent execution, it is taken up and
   * only rules that count are asked again, whether they still cover the payment.
   *
   * A rule that throws, answers nonsense or takes too long stops the payment: the verdict is BLOCK and `undecided`, it
   * is kept for audit, and does not stand, so that the payment may be tried again.
   *
   * @throws ValidationError for an amount that is no money or an attempt without a name; StoreUnavailableError when the
   * verdict could not be kept; FraudUndecidedError when a standing approval is not covered at the moment.
   */
  evaluate(context: Context, attemptId: string): Promise<FraudVerdict>;
  /**
   * Tells the rules that count how the payment ended. Nothing is told of an outcome that is not known, and then they
   * go on counting the payment. Rejects when a rule could not be told; it then counts the payment for longer.
   */
  settle(context: Context, verdict: FraudVerdict, end: PaymentEnd): Promise<void>;
}

/**
 * An engine over `rules`. The payment's decision is the severest of theirs (BLOCK, CHALLENGE, REVIEW, APPROVE).
 *
 * @throws ValidationError when an option is unusable.
 */
export function fraudEngine<Context extends FraudContext = FraudContext>(
  options: FraudEngineOptions<Context>,
): FraudEngine<Context> {
  const settings = validated(options);
  const { verdicts, runtime, rules } = settings;
  const counting = rules.filter((rule) => rule.settle !== undefined);
  const judging: Judging<Context> = { ...settings, counting: { ...settings, rules: counting } };
  const settle: FraudEngine<Context>['settle'] = async (context, { attemptId, evaluationId }, end) => {
    const told = await tell(counting, { context, evaluation: { attemptId, evaluationId }, end });
    if (end === 'not-sent') await verdicts.withdraw({ attemptId, evaluationId });
    for (const { status, ...outcome } of told)
      if (status === 'rejected' && 'reason' in outcome) throw outcome.reason;
  };
  return {
    async evaluate(context, attemptId) {
      money(context.amountMinor, context.currency);
      optionCheck('fraud').text('attemptId', attemptId);
      const evaluation = { attemptId, evaluationId: runtime.id('evaluation') };
      try {
        return await judged(judging, context, evaluation);
      } catch (error) {
        await abandoned(judging, context, evaluation);
        throw error;
      }
    },
    settle,
  };
}

/** An engine's settings, and those for asking only the rules that count. */
interface Judging<Context extends FraudContext> extends Required<FraudEngineOptions<Context>> {
  readonly counting: Questioning<Context>;
}

async function judged<Context extends FraudContext>(
  judging: Judging<Context>,
  context: Context,
  evaluation: Evaluation,
): Promise<FraudVerdict> {
  const { verdicts, runtime, counting } = judging;
  const { standing } = await verdicts.read(evaluation.attemptId);
  if (standing !== null) {
    const resumed = takenUp(standing, evaluation, runtime);
    await verdicts.keep(resumed);
    return stillCovered(judging, context, resumed);
  }
  const verdict = {
    ...evaluation,
    ...(await askRules(judging, context, evaluation)),
    atMs: runtime.wallMs(),
  };
  const stands = await verdicts.keep(verdict);
  if (verdict.undecided) {
    await abandoned(judging, context, evaluation);
    return verdict;
  }
  if (stands !== null && stands.evaluationId !== verdict.evaluationId)
    return stillCovered(judging, context, takenUp(stands, evaluation, runtime));
  if (verdict.decision === 'BLOCK') await tell(counting.rules, { context, evaluation, end: 'not-sent' });
  return verdict;
}

function takenUp(
  { decision, score, answers, ...standing }: FraudVerdict,
  evaluation: Evaluation,
  runtime: Pick<Clock, 'wallMs'>,
): FraudVerdict {
  const resumes = standing.resumes ?? standing.evaluationId;
  return { ...evaluation, decision, score, answers, atMs: runtime.wallMs(), resumes };
}

async function stillCovered<Context extends FraudContext>(
  { counting }: Judging<Context>,
  context: Context,
  verdict: FraudVerdict,
): Promise<FraudVerdict> {
  if (verdict.decision === 'BLOCK') {
    await tell(counting.rules, { context, evaluation: verdict, end: 'not-sent' });
    return verdict;
  }
  const { attemptId, evaluationId } = verdict;
  const { decision } = await askRules(counting, context, { attemptId, evaluationId });
  if (decision !== 'BLOCK') return verdict;
  throw new FraudUndecidedError(
    `fraud: ${attemptId} was approved before, but is not covered now; ask again later with the same key`,
  );
}

/** Gives back what an evaluation holds that leads to nothing; where that fails, it is held to its end. */
async function abandoned<Context extends FraudContext>(
  { verdicts, counting }: Judging<Context>,
  context: Context,
  evaluation: Evaluation,
): Promise<void> {
  await tell(counting.rules, { context, evaluation, end: 'not-sent' });
  await Promise.allSettled([verdicts.withdraw(evaluation)]);
}

function tell<Context extends FraudContext>(
  rules: readonly FraudRule<Context>[],
  { context, evaluation, end }: { context: Context; evaluation: Evaluation; end: PaymentEnd },
): Promise<readonly PromiseSettledResult<void>[]> {
  return Promise.allSettled(rules.map(async (rule) => rule.settle?.(context, evaluation, end)));
}

const check = optionCheck('fraudEngine');

function validated<Context extends FraudContext>(
  options: FraudEngineOptions<Context>,
): Required<FraudEngineOptions<Context>> {
  const settled = { reviewThreshold: 50, ruleTimeoutMs: 2_000, ...options };
  const { rules, reviewThreshold } = settled;
  check.runtime(settled.runtime, ['wallMs', 'id', 'after']);
  check.delay('ruleTimeoutMs', settled.ruleTimeoutMs, 1);
  if (!(reviewThreshold > 0 && reviewThreshold < Number.POSITIVE_INFINITY))
    throw new ValidationError(
      `fraudEngine: reviewThreshold must be a finite score > 0, got ${reviewThreshold}`,
    );
  if (!Array.isArray(rules))
    throw new ValidationError('fraudEngine: rules must be an array; list them in order');
  for (const [index, rule] of rules.entries()) check.callback(`rule ${index + 1}`, rule);
  const names = rules.map((rule, index) =>
    rule.settle === undefined ? `plain ${index}` : nameOf(rule, index),
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return settled;
  throw new ValidationError(
    `fraudEngine: two rules that count are called ${twice}, so they would share a count; name them apart`,
  );
}
