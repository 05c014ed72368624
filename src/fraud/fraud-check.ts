// The fraud check as a layer of the stack. It stands directly inside the idempotent layer: a replay never reaches it,
// and an execution that takes over from another meets the verdict that stands.

import { effectOf } from '../errors/join.ts';
import {
  AuthenticationRequiredError,
  FraudBlockedError,
  FraudUndecidedError,
  LeaseLostError,
  PaymentError,
  ValidationError,
} from '../errors/payment-error.ts';
import type { LogSink } from '../kernel/runtime.ts';
import { codeOf, writeRejection } from '../resilience/audit.ts';
import { layer } from '../resilience/layer.ts';
import type { Call, Layer, Operation } from '../resilience/operation.ts';
import { optionCheck } from '../resilience/option-check.ts';
import { started } from '../resilience/started.ts';
import type { FraudEngine } from './engine.ts';
import type { FraudContext, PaymentEnd } from './rule.ts';
import type { FraudVerdict } from './verdict-log.ts';

/** Options of {@link fraudCheck}. */
export interface FraudCheckOptions<Request, Context extends FraudContext> {
  readonly engine: FraudEngine<Context>;
  /** What the rules are to know of a request. The sweep runs stored requests, so it must follow from the request. */
  readonly contextOf: (request: Request) => Context;
  readonly runtime: LogSink;
  /** Name of the operation in the audit log. Default `charge`. */
  readonly operation?: string;
}

const check = optionCheck('fraudCheck');

/**
 * Judges each execution before anything is sent.
 *
 * - APPROVE and REVIEW go on; what is to be reviewed is found in the log of verdicts.
 * - CHALLENGE goes on with `call.challenge`, which makes the gateway demand 3-D Secure.
 * - BLOCK ends in `FraudBlockedError`: final, nothing was sent, and every replay of the key says the same.
 * - Where a rule, the log of verdicts or the context fails, it ends in `FraudUndecidedError` or the failure itself, with
 *   effect none: nothing was sent, and the same key may ask again.
 *
 * How the call ends is told to the rules that count: success confirms, a final failure gives back, and so does a
 * failure without effect as far as this execution goes. Nothing is told of an unknown or pending outcome, or where the
 * process dies: the payment then counts for as long as it may still take effect, and for a window more.
 *
 * Each refusal writes one audit record.
 *
 * The operation throws ValidationError when the call carries no merchant reference, which names the payment.
 *
 * @throws ValidationError when an option is unusable.
 */
export function fraudCheck<Request, Result, Context extends FraudContext>(
  options: FraudCheckOptions<Request, Context>,
): Layer<Request, Result, 'fraudCheck'> {
  const { engine, contextOf, runtime, operation = 'charge' } = options;
  for (const name of ['evaluate', 'settle'] as const) check.callback(`engine.${name}`, engine?.[name]);
  check.callback('contextOf', contextOf);
  check.runtime(runtime, ['log']);
  check.text('operation', operation);

  return layer(
    'fraudCheck',
    (next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request, call: Call = {}) => {
        let judged: Judged<Context>;
        try {
          judged = await judge({ engine, contextOf }, request, call);
        } catch (error) {
          writeRejection(runtime, { operation, code: codeOf(error), call });
          throw error;
        }
        const { context, verdict } = judged;
        const settle = (end: PaymentEnd): Promise<void> =>
          engine.settle(context, verdict, end).catch(ignored);
        const passed = verdict.decision === 'CHALLENGE' ? { ...call, challenge: true } : call;
        try {
          const result = await started(next, request, passed);
          await settle('approved');
          return result;
        } catch (error) {
          const end = endOf(error);
          if (end !== 'unknown') await settle(end);
          throw error;
        }
      },
  );
}

interface Judged<Context> {
  readonly context: Context;
  readonly verdict: FraudVerdict;
}

async function judge<Request, Context extends FraudContext>(
  { engine, contextOf }: Pick<FraudCheckOptions<Request, Context>, 'engine' | 'contextOf'>,
  request: Request,
  { merchantReference }: Call,
): Promise<Judged<Context>> {
  if (!merchantReference) {
    throw new ValidationError(
      'fraudCheck: the call carries no merchant reference; put the idempotent layer directly outside',
    );
  }
  const { context, verdict } = await evaluated();
  if (verdict.undecided) {
    throw new FraudUndecidedError('fraudCheck: a rule did not answer, so nothing was sent; ask again later');
  }
  if (verdict.decision !== 'BLOCK') return { context, verdict };
  throw new FraudBlockedError(
    'fraudCheck: the payment was refused, and nothing was sent; try another way to pay',
  );

  async function evaluated(): Promise<Judged<Context>> {
    try {
      const context = contextOf(request);
      return { context, verdict: await engine.evaluate(context, merchantReference ?? '') };
    } catch (cause) {
      if (cause instanceof PaymentError && cause.effect === 'none') throw cause;
      throw new FraudUndecidedError('fraudCheck: the payment could not be judged, so nothing was sent', {
        cause,
      });
    }
  }
}

/** What a failure says of the payment. Whose lease ran out may have sent something before. */
function endOf(error: unknown): PaymentEnd | 'unknown' {
  if (error instanceof LeaseLostError || error instanceof AuthenticationRequiredError) return 'unknown';
  const effect = effectOf(error);
  if (effect === 'unknown') return 'unknown';
  return effect === 'final' ? 'declined' : 'not-sent';
}

/** A rule that was not told counts the payment for longer than it need. */
function ignored(): void {}
