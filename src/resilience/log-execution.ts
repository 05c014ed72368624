// Leaves a trace of every attempt in the audit log.

import { PaymentError, ValidationError } from '../errors/payment-error.ts';
import type { Clock, LogSink } from '../kernel/runtime.ts';
import { type AuditRecord, codeOf, writeAudit } from './audit.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { started } from './started.ts';

/** Options of {@link logExecution}. */
export interface LogExecutionOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'> & LogSink;
  /** Name of the operation. Default `charge`. */
  readonly operation?: string;
  /**
   * What to record of the request. Default: nothing, because a request may hold card data; return only what may be
   * read by everybody who reads the log. Where it throws, the record has no `args`.
   */
  readonly args?: (request: unknown) => unknown;
  /** What to record of the result. Default: nothing, as above. */
  readonly result?: (result: unknown) => unknown;
}

/**
 * Writes one audit record for every call that settles: `attempt`, or `rejected` where it ended in a
 * `ValidationError`. A failure that is `local` has been recorded by the layer that refused. Put it innermost: further
 * out it would take several attempts for one, or miss those of the sweep.
 *
 * A call that never settles leaves no record, so the operation below has to stop when its signal is aborted, as
 * `chargeThrough` does. The sink is told to write whatever `args` and `result` return; it does not redact.
 *
 * @throws ValidationError when an option is unusable.
 */
export function logExecution(options: LogExecutionOptions): AnyLayer<'logExecution'> {
  const { runtime, operation = 'charge', args, result } = options;
  validate(options);
  return layer(
    'logExecution',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      (request, call) => {
        const startedMs = runtime.monotonicMs();
        const asked = args === undefined ? undefined : shownBy(args, request);
        const wrote = (ended: Ended, answered?: Shown): void =>
          writeAudit(runtime, recordOf(ended, { operation, call, asked, answered }));
        return started(next, request, call).then(
          (returned) => {
            const ended = { audit: 'attempt', code: 'ok', ms: runtime.monotonicMs() - startedMs } as const;
            wrote(ended, result === undefined ? undefined : shownBy(result, returned));
            return returned;
          },
          (error: unknown) => {
            if (error instanceof PaymentError && error.local) throw error;
            const audit = error instanceof ValidationError ? 'rejected' : 'attempt';
            wrote({ audit, code: codeOf(error), ms: runtime.monotonicMs() - startedMs });
            throw error;
          },
        );
      },
  );
}

type Ended = Pick<AuditRecord, 'audit' | 'code'> & { readonly ms: number };

interface Details {
  readonly operation: string;
  readonly call: Call | undefined;
  readonly asked: Shown | undefined;
  readonly answered: Shown | undefined;
}

/** The usual record is one plain literal: it is written for every attempt there is. */
function recordOf({ audit, code, ms }: Ended, { operation, call, asked, answered }: Details): AuditRecord {
  const idempotencyKey = call?.idempotencyKey;
  const record =
    idempotencyKey === undefined
      ? { audit, operation, code, ms }
      : { audit, operation, code, idempotencyKey, ms };
  if (asked !== undefined) Object.assign(record, { args: asked.value });
  if (answered !== undefined) Object.assign(record, { result: answered.value });
  return record;
}

interface Shown {
  readonly value: unknown;
}

/** What `show` makes of `value`; undefined where it throws. */
function shownBy(show: (value: unknown) => unknown, value: unknown): Shown | undefined {
  try {
    return { value: show(value) };
  } catch {
    return undefined;
  }
}

const check = optionCheck('logExecution');

function validate({ runtime, operation, args, result }: LogExecutionOptions): void {
  check.runtime(runtime, ['monotonicMs', 'log']);
  if (operation !== undefined) check.text('operation', operation);
  if (args !== undefined) check.callback('args', args);
  if (result !== undefined) check.callback('result', result);
}
