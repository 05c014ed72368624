// Convinces by one short history for each mark that reaches it, next to the nearest history that does not; a
// last test demands that no mark was left out.

import { describe, expect, it } from 'vitest';
import type { Incident } from '../history/history.ts';
import { markDefinitions } from './mark-definitions.ts';
import { marksOf } from './marks.ts';
import { asks, buys, type Course, type Tale, tale } from './testing.ts';
import { laterStories, type MarkStory, markTerms, nearMisses } from './testing-mark-stories.ts';
import { shopStories } from './testing-shop-mark-stories.ts';
import { bad, chargeResult, freshRecord, good, okAnswer, toldAnswer } from './testing-values.ts';
import { webhookStories } from './testing-webhook-stories.ts';

const unknown: Course = { reply: bad('network_error', 'unknown') };
const refused: Course = { effect: undefined, reply: bad('network_error', 'none') };
const unanswered: Course = { reply: undefined };
const storeDown: Course = { effect: undefined, reply: bad('store_unavailable', 'none') };

function claimed(story: Tale, actor = 'a'): void {
  story.request(actor);
  story.claim(actor);
}

const answers =
  (kind: 'failed' | 'rejected' | 'unknown', code: string, replayed = false) =>
  (story: Tale) =>
    story.answer(story.request('a'), toldAnswer(kind, code, replayed));
const happens = (kind: Incident['kind']) => (story: Tale) => story.incident({ kind, process: 'p0' });
const sends =
  (...courses: readonly Course[]) =>
  (story: Tale): void => {
    claimed(story);
    for (const course of courses) story.send('a', course);
  };
const writes =
  (
    site: 'store.release' | 'store.renew' | 'store.advance' | 'store.suspend',
    how: { written?: boolean; state?: string } = {},
  ) =>
  (story: Tale): void => {
    claimed(story);
    const { state = 'UNKNOWN', ...rest } = how;
    story.write('a', site, { request: { state }, ...rest });
  };
const heardAfter = (ms: number) => (story: Tale) => {
  story.request('a');
  const claim = story.claim('a');
  if (claim.replied !== undefined) claim.replied = { ...claim.replied, atMs: claim.called.atMs + ms };
  story.write('a', 'store.suspend', { request: { state: 'UNKNOWN' } });
};
const failsWith = (code: string) => (story: Tale) => {
  claimed(story);
  story.write('a', 'store.fail', { request: { failure: { code } }, record: { state: 'FAILED' } });
};
const reclaims =
  (record: Parameters<Tale['claim']>[1], how: Parameters<Tale['claim']>[2] = {}) =>
  (story: Tale): void => {
    claimed(story);
    story.request('b');
    story.claim('b', record, how);
  };
const waits = (owned: boolean) => (story: Tale) => {
  const first = story.request('a');
  story.claim('a');
  const second = story.request('b');
  story.claim('b', {}, { owned });
  story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
  story.answer(first, okAnswer());
  if (owned) story.send('b');
  story.answer(second, okAnswer());
};
const limited = (waitMs: number) => (story: Tale) => {
  claimed(story);
  story.send('a', { reply: bad('rate_limited', 'none', { retryAfter: '2' }) });
  story.wait(waitMs);
  story.send('a');
};
const completesAfter = (found: unknown) => (story: Tale) => {
  claimed(story);
  story.lookup('a', found);
  story.write('a', 'store.complete', { record: { state: 'COMPLETED' } });
};
const completesAs = (actor: string) => (story: Tale) => {
  claimed(story);
  story.claim(actor, { token: 2 });
  story.write(actor, 'store.complete', { record: { state: 'COMPLETED', token: 2 } });
};
const clicksTwice = (apart: boolean) => (story: Tale) => {
  const first = story.request('a');
  if (apart) story.answer(first, okAnswer());
  const second = story.request('b');
  if (!apart) story.answer(first, okAnswer());
  story.answer(second, okAnswer());
};
const resends = (first: Course) => sends(first, {});
const charged = (booked: boolean) => (story: Tale) => {
  claimed(story);
  story.send('a', unknown);
  if (booked) story.book();
  story.send('a', { effect: good(chargeResult()), reply: good(chargeResult()) });
};
const arrives = (late: boolean) => (story: Tale) => {
  claimed(story);
  const send = story.send('a', { effect: undefined, reply: bad('network_error', 'unknown') });
  const early = late ? undefined : send.replied;
  Object.assign(send, { applied: story.now(), effect: good({}) });
  if (early !== undefined) Object.assign(send, { replied: story.now() });
};

const stories: readonly MarkStory[] = [
  ...laterStories,
  {
    mark: 'replayed-completed',
    tell: (s) => asks(s, okAnswer('ch_1', { replayed: true })),
    nearly: (s) => asks(s, okAnswer()),
  },
  {
    mark: 'replayed-failed',
    tell: answers('failed', 'card_declined', true),
    nearly: answers('failed', 'card_declined'),
  },
  {
    mark: 'conflict-rejected',
    tell: answers('rejected', 'idempotency_conflict'),
    nearly: answers('rejected', 'rate_limited'),
  },
  {
    mark: 'conflict-while-in-flight',
    tell: reclaims({}, { owned: false, fingerprint: 'other' }),
    nearly: reclaims({ state: 'COMPLETED' }, { owned: false, fingerprint: 'other' }),
  },
  {
    mark: 'in-progress-rejected',
    tell: answers('rejected', 'idempotency_in_progress'),
    nearly: answers('unknown', 'outcome_unknown'),
  },
  { mark: 'waiter-served', tell: waits(false), nearly: waits(true) },
  { mark: 'lease-taken-over', tell: reclaims({ token: 2, attemptId: 'attempt-2' }), nearly: reclaims({}) },
  {
    mark: 'own-claim-recognised',
    tell: reclaims({}),
    nearly: reclaims({ token: 2, attemptId: 'attempt-2' }),
  },
  {
    mark: 'write-refused',
    tell: writes('store.suspend', { written: false }),
    nearly: writes('store.suspend'),
  },
  {
    mark: 'send-fenced',
    tell: heardAfter(90_000),
    nearly: heardAfter(89_999),
  },
  {
    mark: 'unknown-suspended',
    tell: writes('store.suspend'),
    nearly: writes('store.suspend', { state: 'PENDING' }),
  },
  {
    mark: 'pending-seen',
    tell: writes('store.suspend', { state: 'PENDING' }),
    nearly: writes('store.suspend'),
  },
  {
    mark: 'unknown-resolved-by-lookup',
    tell: completesAfter({ kind: 'found', charge: {} }),
    nearly: completesAfter({ kind: 'absent' }),
  },
  { mark: 'resent-same-key', tell: resends(unknown), nearly: resends(refused) },
  { mark: 'replayed-by-gateway', tell: charged(true), nearly: charged(false) },
  {
    mark: 'key-sealed',
    tell: sends({ reply: bad('gateway_error', 'unknown', { sealed: true }) }),
    nearly: sends(unknown),
  },
  {
    mark: 'generation-advanced',
    tell: writes('store.advance'),
    nearly: writes('store.advance', { written: false }),
  },
  { mark: 'horizon-elapsed', tell: failsWith('not_charged'), nearly: failsWith('card_declined') },
  {
    mark: 'slot-released',
    tell: writes('store.release'),
    nearly: writes('store.release', { written: false }),
  },
  { mark: 'renewed', tell: writes('store.renew'), nearly: writes('store.renew', { written: false }) },
  { mark: 'retried', tell: sends(refused, {}), nearly: sends({}) },
  { mark: 'retry-exhausted', tell: sends(refused, refused), nearly: sends(refused, {}) },
  { mark: 'retry-after-honoured', tell: limited(2000), nearly: limited(1999) },
  { mark: 'timed-out', tell: sends(unanswered, {}), nearly: sends(unanswered) },
  { mark: 'declined', tell: sends({ reply: bad('card_declined', 'final') }), nearly: sends(unknown) },
  {
    mark: 'decline-after-unknown',
    tell: sends(unknown, { reply: bad('card_declined', 'final') }),
    nearly: sends(refused, { reply: bad('card_declined', 'final') }),
  },
  { mark: 'process-crashed', tell: happens('crashed'), nearly: happens('started') },
  {
    mark: 'crashed-between-apply-and-reply',
    tell: sends({ reply: undefined, faults: ['crash-after-apply'] }),
    nearly: sends({ reply: undefined, effect: undefined, faults: ['crash-before-apply'] }),
  },
  {
    mark: 'process-restarted',
    tell: (s) => [happens('started')(s), happens('started')(s)],
    nearly: (s) => [happens('started')(s), s.incident({ kind: 'started', process: 'p1' })],
  },
  { mark: 'process-stalled', tell: happens('stalled'), nearly: happens('clock-jumped') },
  { mark: 'clock-jumped', tell: happens('clock-jumped'), nearly: happens('stalled') },
  { mark: 'late-arrival', tell: arrives(true), nearly: arrives(false) },
  {
    mark: 'store-reply-lost',
    tell: (s) => s.write('a', 'store.complete', { reply: bad('store_unavailable', 'none') }),
    nearly: (s) => s.write('a', 'store.complete', storeDown),
  },
  {
    mark: 'store-unavailable-fail-closed',
    tell: answers('rejected', 'store_unavailable'),
    nearly(s) {
      const request = s.request('a');
      s.send('a', refused);
      s.answer(request, toldAnswer('rejected', 'store_unavailable'));
    },
  },
  { mark: 'double-click', tell: clicksTwice(false), nearly: clicksTwice(true) },
  { mark: 'client-disconnected', tell: (s) => s.request('a'), nearly: (s) => buys(s, 'a') },
  { mark: 'sweep-resolved', tell: completesAs('sweep:1'), nearly: completesAs('a') },
];

function reachedBy(tell: (story: Tale) => void): readonly string[] {
  const story = tale();
  tell(story);
  const retry = { maxAttempts: 2, delayMs: 0, backoff: 1, jitter: 'none', maxDelayMs: 0 } as const;
  return marksOf(story.done({ retry, ...markTerms }));
}

describe('marks', () => {
  it.each(stories)('reach $mark, and only when it happened', ({ mark, tell, nearly }) => {
    expect(reachedBy(tell)).toContain(mark);
    expect(reachedBy(nearly)).not.toContain(mark);
  });

  it.each(nearMisses)('do not reach $mark by what only looks like it', ({ mark, nearly }) => {
    expect(reachedBy(nearly)).not.toContain(mark);
  });

  it('have a story each', () => {
    const told = new Set([...stories, ...shopStories].map(({ mark }) => mark));
    const states = markDefinitions.map(({ id }) => id).filter((id) => !id.startsWith('fault:'));
    for (const { mark } of webhookStories) told.add(mark);
    expect(states.filter((id) => !told.has(id))).toEqual([]);
  });

  it('name every fault that struck, each mark once, sorted', () => {
    const marks = reachedBy((story) => {
      story.request('a');
      story.claim('a');
      story.send('a', { faults: ['slow', 'drip'] });
      story.send('a', { faults: ['slow'] });
    });
    expect(marks).toEqual(['client-disconnected', 'fault:drip', 'fault:slow', 'retried']);
    expect(marks).toEqual(marks.toSorted());
  });

  it('count a record that was met in flight for what the store said', () => {
    const record = { ...freshRecord, state: 'UNKNOWN' as const };
    expect(reachedBy((story) => story.claim('a', record))).toEqual([]);
  });
});
