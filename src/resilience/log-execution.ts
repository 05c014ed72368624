// Leaves a trace of every attempt in the audit log.

import { PaymentError, ValidationError } from '../errors/payment-error.ts';
import type { Clock, LogSink } from '../kernel/runtime.ts';
import { type AuditRecord, codeOf, writeAudit } from './audit.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { quietly } from './quietly.ts';

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
  const { runtime, operation = 'charge', args, result: shown } = options;
  validate(options);
  const write = (call: Call | undefined, record: Omit<AuditRecord, 'operation' | 'idempotencyKey'>): void => {
    const idempotencyKey = call?.idempotencyKey;
    const { audit, code, ...rest } = record;
    const named = idempotencyKey === undefined ? {} : { idempotencyKey };
    writeAudit(runtime, { audit, operation, code, ...named, ...rest });
  };
  return layer(
    'logExecution',
    <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> =>
      async (request, call) => {
        const startedMs = runtime.monotonicMs();
        const asked = args === undefined ? {} : { args: shownBy(args, request) };
        try {
          const result = await next(request, call);
          const ms = runtime.monotonicMs() - startedMs;
          const answered = shown === undefined ? {} : { result: shownBy(shown, result) };
          write(call, { audit: 'attempt', code: 'ok', ms, ...asked, ...answered });
          return result;
        } catch (error) {
          if (!(error instanceof PaymentError && error.local)) {
            const audit = error instanceof ValidationError ? 'rejected' : 'attempt';
            write(call, { audit, code: codeOf(error), ms: runtime.monotonicMs() - startedMs, ...asked });
          }
          throw error;
        }
      },
  );
}

function shownBy(show: (value: unknown) => unknown, value: unknown): unknown {
  let shown: unknown;
  quietly(() => {
    shown = show(value);
  });
  return shown;
}

function validate({ runtime, operation, args, result }: LogExecutionOptions): void {
  const check = optionCheck('logExecution');
  check.runtime(runtime, ['monotonicMs', 'log']);
  if (operation !== undefined) check.text('operation', operation);
  if (args !== undefined) check.callback('args', args);
  if (result !== undefined) check.callback('result', result);
}
