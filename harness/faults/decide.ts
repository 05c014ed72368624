// A fault decides, the world enacts: from the faults at one crossing to what shall become of it. Pure.

import type { FaultKind } from './kinds.ts';
import { faultFacts } from './kinds.ts';

/** The part of a case's fault that matters once it has found its crossing. */
export interface Striking {
  readonly kind: FaultKind;
  readonly ms?: number | undefined;
  readonly restartAfterMs?: number | undefined;
  readonly retryAfter?: string | undefined;
}

/** What the caller sees in place of a reply. */
export type WireFailure = 'refused' | 'dns' | 'reset' | 'cut' | 'malformed';

/** What the other side is told to do instead of its ordinary work. */
export interface Injection {
  readonly kind: FaultKind;
  /** Milliseconds, for kinds that take a duration; 0 otherwise. */
  readonly ms: number;
  readonly retryAfter: string | undefined;
}

/** What shall become of one crossing. Durations are milliseconds. */
export interface Enactment {
  /** Wait before it is applied. */
  readonly holdMs: number;
  /** Wait between application and reply. */
  readonly replyHoldMs: number;
  /** Freeze the calling process for this long once applied. */
  readonly stallMs: number;
  readonly apply: 'once' | 'never' | 'twice' | 'late';
  /** For `twice`: gap to the second application. For `late`: how much later than the caller's failure. */
  readonly againAfterMs: number;
  readonly reply: 'deliver' | 'hang' | WireFailure;
  readonly crash: 'no' | 'before-apply' | 'after-apply';
  /** When a crashed process comes back. */
  readonly restartAfterMs: number;
  readonly inject: Injection | undefined;
}

/** Nothing goes wrong. */
export const undisturbed: Enactment = {
  holdMs: 0,
  replyHoldMs: 0,
  stallMs: 0,
  apply: 'once',
  againAfterMs: 0,
  reply: 'deliver',
  crash: 'no',
  restartAfterMs: 0,
  inject: undefined,
};

type Change = Partial<Enactment>;

/** How long a crashed process stays away when the case does not say, milliseconds. */
export const defaultRestartMs = 500;

/**
 * Combines the faults that strike one crossing. Durations add up; a request that one of them keeps from arriving
 * does not arrive, whatever the others say; for the rest the later fault in the case has the last word.
 */
export function decide(faults: readonly Striking[]): Enactment {
  let sum = undisturbed;
  for (const fault of faults) {
    const change = changes(fault);
    sum = {
      ...sum,
      ...change,
      holdMs: sum.holdMs + (change.holdMs ?? 0),
      replyHoldMs: sum.replyHoldMs + (change.replyHoldMs ?? 0),
      stallMs: sum.stallMs + (change.stallMs ?? 0),
      ...(sum.apply === 'never' ? { apply: sum.apply, reply: sum.reply } : {}),
    };
  }
  return sum;
}

function changes(fault: Striking): Change {
  const ms = fault.ms ?? faultFacts[fault.kind].defaultMs ?? 0;
  const restartAfterMs = fault.restartAfterMs ?? defaultRestartMs;
  switch (fault.kind) {
    case 'delay':
      return { holdMs: ms };
    case 'reply-delay':
    case 'drip':
      return { replyHoldMs: ms };
    case 'stall':
      return { stallMs: ms };
    case 'crash-before-apply':
      return { crash: 'before-apply', restartAfterMs };
    case 'crash-after-apply':
      return { crash: 'after-apply', restartAfterMs };
    case 'refused':
    case 'dns':
      return { apply: 'never', reply: fault.kind };
    case 'request-lost':
      return { apply: 'never', reply: 'reset' };
    case 'response-lost':
      return { reply: 'reset' };
    case 'reset-mid-body':
      return { reply: 'cut' };
    case 'malformed-json':
      return { reply: 'malformed' };
    case 'hang':
      return { reply: 'hang' };
    case 'duplicated':
      return { apply: 'twice', againAfterMs: ms };
    case 'late':
      return { apply: 'late', againAfterMs: ms, reply: 'reset' };
    default:
      return { inject: { kind: fault.kind, ms, retryAfter: fault.retryAfter } };
  }
}
