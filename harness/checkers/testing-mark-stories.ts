// Stories for the marks of guards, challenges, sweeps and old keys: each reaches its mark, beside the nearest history
// that does not.

import type { IdempotencyRecord } from '../../src/idempotency/store.ts';
import type { GuardKind, Outcome } from '../history/history.ts';
import type { Tale } from './testing.ts';
import { bad, good } from './testing-values.ts';

/** A story for one mark. */
export interface MarkStory {
  readonly mark: string;
  readonly tell: (story: Tale) => void;
  /** The nearest history that does not reach the mark. */
  readonly nearly: (story: Tale) => void;
}

/** The breaker and the limiter of these stories; the key is forgotten after an hour. */
export const markTerms = {
  breaker: { failureThreshold: 1, windowMs: 60_000, recoveryTimeoutMs: 1000, halfOpenProbes: 1 },
  limit: { maxCalls: 1, periodMs: 1000, mode: 'reject' },
  keyRetentionMs: 3_600_000,
} as const;

const breaker = 'circuit-breaker';
const limiter = 'rate-limit';
const timedOut = bad('gateway_timeout', 'unknown');

const settles =
  (...results: readonly Outcome[]) =>
  (story: Tale): void => {
    for (const result of results) story.settles(story.passes('a', breaker), result);
  };
const recovers =
  (ms: number, result: Outcome | undefined) =>
  (story: Tale): void => {
    settles(timedOut)(story);
    story.wait(ms);
    const probe = story.passes('b', breaker);
    if (result !== undefined) story.settles(probe, result);
  };
const isLate = (late: boolean) => (story: Tale) => {
  const slow = story.passes('b', breaker);
  if (!late) story.settles(slow, timedOut);
  if (late) settles(timedOut)(story);
  if (late) story.settles(slow);
};
const waits = (ms: number, guard: GuardKind) => (story: Tale) => {
  const passage = story.refused('a', guard);
  const { arrived } = passage;
  delete passage.answered;
  passage.admitted = { atMs: arrived.atMs + ms, order: arrived.order + 1 };
};
const jumps = (ms: number) => (story: Tale) => story.incident({ kind: 'clock-jumped', process: 'p0', ms });
const takesOver =
  (actor: string, record: Partial<IdempotencyRecord>) =>
  (story: Tale): void => {
    story.request('a');
    story.claim('a');
    if (!actor.startsWith('sweep')) story.request(actor);
    story.claim(actor, record);
  };

const payer = 'tok:shop:k1';
/** A payer is challenged, answers or not, and the payment comes to its end. */
const challenged =
  (
    site: 'store.complete' | 'store.fail',
    { answers = '', asked = true, early = false, faults = ['3ds-challenge'] } = {},
  ) =>
  (story: Tale): void => {
    story.request('a');
    story.claim('a');
    story.send('a', { reply: asked ? bad('authentication_required', 'final') : timedOut, faults });
    if (early) story.write('a', site);
    if (answers !== '') story.incident({ kind: 'stepped-up', paymentToken: answers });
    if (!early) story.write('a', site);
  };
const pends = (record: Partial<IdempotencyRecord>, found: unknown) => (story: Tale) => {
  story.request('a');
  story.claim('a', record);
  story.lookup('a', found);
  story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
};
const looksUp =
  (booked: 'before' | 'after', merchantReference = 'ref') =>
  (story: Tale) => {
    story.request('a');
    if (booked === 'before') story.book({ merchantReference });
    story.lookup('a', { kind: 'absent' });
    if (booked === 'after') story.book({ merchantReference });
  };
const concludes = (unresolved: boolean, usedMs: number) => (story: Tale) => {
  story.request('a');
  story.claim('a', { unresolved, keyUsedFromMs: 100 });
  const effect = good({ written: true, record: null, nowMs: 100 + usedMs });
  story.write('a', 'store.fail', { request: { failure: { code: 'not_charged' } }, effect, reply: effect });
};

/** See the file comment. */
export const laterStories: readonly MarkStory[] = [
  { mark: 'breaker-opened', tell: settles(timedOut), nearly: settles(bad('card_declined', 'final')) },
  {
    mark: 'breaker-refused',
    tell: (s) => [settles(timedOut)(s), s.refused('b', breaker)],
    nearly: (s) => [settles(timedOut)(s), s.refused('b', limiter)],
  },
  { mark: 'breaker-probed', tell: recovers(1000, undefined), nearly: settles(timedOut) },
  { mark: 'breaker-closed-again', tell: recovers(1000, good(null)), nearly: recovers(1000, timedOut) },
  { mark: 'breaker-late-result-ignored', tell: isLate(true), nearly: isLate(false) },
  { mark: 'limiter-refused', tell: (s) => s.refused('a', limiter), nearly: (s) => s.passes('a', limiter) },
  { mark: 'limiter-waited', tell: waits(1, limiter), nearly: waits(0, limiter) },
  { mark: 'clock-jumped-back', tell: jumps(-1), nearly: jumps(1) },
  {
    mark: 'taken-over-by-sweep',
    tell: takesOver('sweep:1', { token: 2, attemptId: 'sweep' }),
    nearly: takesOver('sweep:1', {}),
  },
  {
    mark: 'stepped-up-completed',
    tell: challenged('store.complete', { answers: payer }),
    nearly: challenged('store.complete', { answers: payer, early: true }),
  },
  {
    mark: 'challenge-expired',
    tell: challenged('store.fail'),
    nearly: challenged('store.fail', { answers: payer }),
  },
  {
    mark: 'pending-resolved-by-lookup',
    tell: pends({ gatewayId: 'ch_1' }, { kind: 'found', charge: {} }),
    nearly: pends({}, { kind: 'found', charge: {} }),
  },
  { mark: 'stale-lookup-seen', tell: looksUp('before'), nearly: looksUp('after') },
  {
    mark: 'key-retention-passed',
    tell: concludes(true, 3_600_000),
    nearly: concludes(true, 3_599_999),
  },
];

/** Further histories that come near a mark and do not reach it. */
export const nearMisses: readonly Omit<MarkStory, 'tell'>[] = [
  { mark: 'limiter-refused', nearly: (s) => s.refused('a', breaker) },
  { mark: 'limiter-waited', nearly: waits(1, breaker) },
  { mark: 'stepped-up-completed', nearly: challenged('store.complete', { answers: 'tok:shop:k2' }) },
  { mark: 'challenge-expired', nearly: challenged('store.fail', { faults: ['3ds-abandoned'] }) },
  { mark: 'taken-over-by-sweep', nearly: takesOver('b', { token: 2, attemptId: 'other' }) },
  { mark: 'stepped-up-completed', nearly: challenged('store.fail', { answers: payer }) },
  { mark: 'challenge-expired', nearly: challenged('store.fail', { asked: false }) },
  { mark: 'pending-resolved-by-lookup', nearly: pends({ gatewayId: 'ch_1' }, { kind: 'absent' }) },
  { mark: 'stale-lookup-seen', nearly: looksUp('before', 'other') },
  { mark: 'key-retention-passed', nearly: concludes(false, 3_600_000) },
];
