// What a faulty proxy may do to one request and its reply. Nothing is ever dropped and then resumed: bytes that TCP has
// acknowledged arrive in order or the connection ends, and a network that forgets some of them does not exist.

/** One fault of the wire. */
export type ProxyAct =
  /** Holds the request or its reply for `ms` milliseconds, then lets it go on. */
  | { readonly kind: 'delay'; readonly leg: 'request' | 'reply'; readonly ms: number }
  /**
   * Ends the connection, `afterMs` milliseconds after the request came or after its reply did: before the request is
   * forwarded the server has not seen it, before the reply is the server has done all of it.
   */
  | { readonly kind: 'cut'; readonly before: 'forward' | 'reply'; readonly afterMs: number }
  /** Ends the connection in the middle of the bytes of the reply. */
  | { readonly kind: 'truncate' }
  /** Ends the connection before the request is made; whoever connects anew instead is refused. */
  | { readonly kind: 'refuse' };

/** Several acts on one request, taken together. Milliseconds. */
export interface ProxyPlan {
  readonly requestMs: number;
  readonly replyMs: number;
  readonly ends: 'never' | 'at-once' | 'before-forward' | 'before-reply' | 'in-reply';
  readonly endsAfterMs: number;
}

const undisturbed: ProxyPlan = { requestMs: 0, replyMs: 0, ends: 'never', endsAfterMs: 0 };
const earliest = ['at-once', 'before-forward', 'before-reply', 'in-reply', 'never'] as const;

/** Delays add up; of several ends the earliest is what happens. */
export function planOf(acts: readonly ProxyAct[]): ProxyPlan {
  let plan = undisturbed;
  for (const act of acts) {
    if (act.kind === 'delay') {
      const member = act.leg === 'request' ? 'requestMs' : 'replyMs';
      plan = { ...plan, [member]: plan[member] + act.ms };
      continue;
    }
    const ends = endOf(act);
    if (earliest.indexOf(ends) >= earliest.indexOf(plan.ends)) continue;
    plan = { ...plan, ends, endsAfterMs: act.kind === 'cut' ? act.afterMs : 0 };
  }
  return plan;
}

function endOf(act: Exclude<ProxyAct, { kind: 'delay' }>): ProxyPlan['ends'] {
  if (act.kind === 'refuse') return 'at-once';
  if (act.kind === 'truncate') return 'in-reply';
  return act.before === 'forward' ? 'before-forward' : 'before-reply';
}
