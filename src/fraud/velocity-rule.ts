// Bounds how much one card, customer or address may pay in any window of time.

import { ValidationError } from '../errors/payment-error.ts';
import { money } from '../kernel/money.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { type FraudContext, type FraudRule, unsuspicious } from './rule.ts';
import type { VelocityStore } from './velocity-store.ts';

/** Options of {@link velocityRule}. */
export interface VelocityOptions<Context extends FraudContext> {
  /** Names the count: rules of one name over one store share it. The rule is called `velocity <name>`. */
  readonly name: string;
  /** Shared by all processes. */
  readonly store: VelocityStore;
  /** Who is counted; where it is undefined, nothing is counted and nothing blocked. */
  readonly subject: (context: Context) => string | undefined;
  readonly windowMs: number;
  /** Most payments in any window; or */
  readonly maxCount?: number;
  /** most minor units in any window, by currency. A payment in a currency that it does not have is blocked. */
  readonly maxMinor?: Readonly<Record<string, number>>;
  /**
   * How long after its check a payment may take effect without the check being told: the lease of a claim, the
   * gateway's longest delay, the time that a payer takes to authenticate. Default 3 600 000.
   */
  readonly holdMs?: number;
}

/**
 * Blocks what would exceed the cap. Checking and counting are one operation of the store, and a payment counts once,
 * however often it is executed; what is declined, or was never sent, is given back.
 *
 * The cap holds in every window for what takes effect within `holdMs` of its last check.
 *
 * @throws ValidationError when an option is unusable, or not exactly one of `maxCount` and `maxMinor` is given.
 */
export function velocityRule<Context extends FraudContext = FraudContext>(
  options: VelocityOptions<Context>,
): FraudRule<Context> {
  const { name, store, subject, windowMs, holdMs, countOf } = validated(options);
  const entryOf = (context: Context, attemptId: string) => {
    const who = subject(context);
    const counted = countOf(context);
    if (who === undefined || counted === undefined) return { who, counted, entry: undefined };
    const key = JSON.stringify([name, counted.unit, who]);
    return { who, counted, entry: { key, attemptId, amount: counted.amount, windowMs } };
  };

  const rule: FraudRule<Context> = async (context, { attemptId, evaluationId }) => {
    const { who, counted, entry } = entryOf(context, attemptId);
    if (who === undefined) return unsuspicious(`${name}: nobody to count for`);
    if (counted === undefined || entry === undefined)
      return { decision: 'BLOCK', score: 100, reason: `${name}: no cap is set for ${context.currency}` };
    const { cap, unit } = counted;
    const { admitted, used } = await store.reserve({ ...entry, evaluationId, cap, holdMs });
    if (admitted === true) return unsuspicious(`${name}: ${used} of ${cap} ${unit}`);
    return { decision: 'BLOCK', score: 100, reason: `${name}: ${used} of ${cap} ${unit} were used before` };
  };
  const settle: FraudRule<Context>['settle'] = async (context, { attemptId, evaluationId }, end) => {
    const { entry } = entryOf(context, attemptId);
    if (entry === undefined) return;
    if (end === 'approved') return store.confirm(entry);
    const { key } = entry;
    return store.release({ key, attemptId, windowMs, ...(end === 'declined' ? {} : { evaluationId }) });
  };
  return Object.assign(rule, { ruleName: `velocity ${name}`, settle });
}

/** What a payment counts, in which unit, and how much of it is allowed; undefined where no cap is set. */
type CountOf = (
  context: FraudContext,
) => { readonly amount: number; readonly unit: string; readonly cap: number } | undefined;

const check = optionCheck('velocityRule');

function validated<Context extends FraudContext>(options: VelocityOptions<Context>) {
  const { holdMs = 3_600_000, maxCount, maxMinor } = options;
  check.text('name', options.name);
  check.callback('subject', options.subject);
  check.span('windowMs', options.windowMs);
  check.span('holdMs', holdMs);
  for (const method of ['reserve', 'confirm', 'release'] as const)
    check.callback(`store.${method}`, options.store?.[method]);
  if ((maxCount === undefined) === (maxMinor === undefined))
    throw new ValidationError('velocityRule: give either maxCount or maxMinor');
  if (maxCount !== undefined) check.count('maxCount', maxCount);
  const countOf =
    maxMinor === undefined ? payments(maxCount ?? 0) : amounts(new Map(Object.entries(maxMinor)));
  return { ...options, holdMs, countOf };
}

function payments(cap: number): CountOf {
  return () => ({ amount: 1, unit: 'payments', cap });
}

function amounts(caps: ReadonlyMap<string, number>): CountOf {
  for (const [currency, cap] of caps) money(cap, currency);
  return ({ amountMinor, currency }) => {
    const cap = caps.get(currency);
    return cap === undefined ? undefined : { amount: amountMinor, unit: currency, cap };
  };
}
