// Remembers what a read answered, for a while.

import { canonicalJson } from '../kernel/canonical-json.ts';
import type { Clock } from '../kernel/runtime.ts';
import { layer } from './layer.ts';
import type { AnyLayer, Call, Operation } from './operation.ts';
import { optionCheck } from './option-check.ts';
import { started } from './started.ts';

const check = optionCheck('cached');

/** Options of {@link cached}. */
export interface CachedOptions {
  readonly runtime: Pick<Clock, 'monotonicMs'>;
  /** How long an answer is good, milliseconds from when it came. */
  readonly ttlMs: number;
  /** What makes two requests the same. Default `canonicalJson`. */
  readonly key?: (request: unknown) => string;
  /** How many answers are kept; the oldest goes first. Default 1000. */
  readonly maxEntries?: number;
}

/**
 * Answers a repeated read from memory. Never put it on a charge: `stack` and `checkStack` refuse it there.
 *
 * Only successes are kept; whoever asks while the first answer is under way shares it, failure included. The one
 * call that they share is not aborted when one of them gives up, who is told at once; so bound it by a time-out below. Answers are
 * shared as they are, so nobody may change them. Each wrapped function remembers for itself, and a decorated method
 * for each instance, because the answer may depend on it.
 *
 * The operation rejects with what `key` throws: `ValidationError` from the default one when a request has no JSON
 * form.
 *
 * @throws ValidationError when an option is out of range.
 */
export function cached(options: CachedOptions): AnyLayer<'cached'> {
  const { runtime, ttlMs, key = canonicalJson, maxEntries = 1000 } = options;
  check.runtime(runtime, ['monotonicMs']);
  check.span('ttlMs', ttlMs);
  check.callback('key', key);
  check.count('maxEntries', maxEntries);

  return layer('cached', <Request, Result>(next: Operation<Request, Result>): Operation<Request, Result> => {
    const answers = new Map<string, Answer<Result>>();
    const ask = (name: string, request: Request, call: Call | undefined): Answer<Result> => {
      const answer: Answer<Result> = { promise: started(next, request, unaborted(call)), untilMs: undefined };
      answers.delete(name);
      if (answers.size >= maxEntries) answers.delete(answers.keys().next().value ?? name);
      answers.set(name, answer);
      answer.promise.then(
        () => {
          answer.untilMs = runtime.monotonicMs() + ttlMs;
        },
        () => {
          if (answers.get(name) === answer) answers.delete(name);
        },
      );
      return answer;
    };
    return async (request, call) => {
      const name = key(request);
      const known = answers.get(name);
      const isGood =
        known !== undefined && (known.untilMs ?? Number.POSITIVE_INFINITY) > runtime.monotonicMs();
      const { promise } = isGood ? known : ask(name, request, call);
      return call?.signal === undefined ? promise : unlessAborted(promise, call.signal);
    };
  });
}

interface Answer<Result> {
  readonly promise: Promise<Result>;
  /** Undefined while the answer is under way. */
  untilMs: number | undefined;
}

/** The call that several callers share is nobody's to abort. */
function unaborted(call: Call | undefined): Call | undefined {
  if (call?.signal === undefined) return call;
  const { signal: _, ...shared } = call;
  return shared;
}

function unlessAborted<Result>(answer: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(signal.reason);
    const listenNoMore = (): void => signal.removeEventListener('abort', giveUp);
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    answer.then(resolve, reject).finally(listenNoMore);
  });
}
