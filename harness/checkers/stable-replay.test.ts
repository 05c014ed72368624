// Convinces by repeated answers that differ in one byte, and by the answers that may rightly differ: another
// epoch, or told by somebody who could not store what it had seen.

import { describe, expect, it } from 'vitest';
import type { Answer } from '../history/history.ts';
import { stableReplay } from './stable-replay.ts';
import { asks, buys, type Tale, tale } from './testing.ts';
import { bad, okAnswer, toldAnswer } from './testing-values.ts';

const declined = toldAnswer('failed', 'card_declined');
const notCharged = toldAnswer('failed', 'not_charged', true);

function fails(story: Tale, actor: string, { stored, answer }: { stored: boolean; answer: Answer }): Tale {
  const request = story.request(actor);
  story.claim(actor, { token: actor.length });
  const failure = { failure: { code: 'card_declined' } };
  const record = { state: 'FAILED', token: actor.length } as const;
  if (stored) story.write(actor, 'store.fail', { request: failure, record });
  else
    story.write(actor, 'store.fail', {
      request: failure,
      effect: undefined,
      reply: bad('store_unavailable', 'none'),
    });
  story.answer(request, answer);
  return story;
}

describe('S7 stable-replay', () => {
  it('holds when a replay is the first answer again', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, okAnswer('ch_1', { replayed: true }));
    expect(stableReplay.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when a replay differs in one byte', () => {
    const story = tale();
    buys(story, 'a');
    asks(story, okAnswer('ch_1', { body: '{"id":"ch_1" }' }));
    expect(stableReplay.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringMatching(/^ask:1 was answered .* but a had been answered .*key k1 of shop/),
      crossings: [0, 4],
    });
  });

  it('breaks when a stored failure is replayed as another', () => {
    const story = fails(tale(), 'a', { stored: true, answer: declined });
    asks(story, notCharged);
    expect(stableReplay.check(story.done()).verdict).toBe('breaks');
  });

  it('breaks when a stored failure is followed by an ok', () => {
    const story = fails(tale(), 'a', { stored: true, answer: declined });
    asks(story, okAnswer());
    expect(stableReplay.check(story.done()).verdict).toBe('breaks');
  });

  it('exempts a failure that was told before anything was stored', () => {
    const story = fails(tale(), 'a', { stored: false, answer: declined });
    fails(story, 'a/1', { stored: true, answer: notCharged });
    asks(story, notCharged);
    expect(stableReplay.check(story.done()).verdict).toBe('holds');
  });

  it('exempts who could not store what it had seen, even if somebody else had stored meanwhile', () => {
    const story = fails(tale(), 'a/1', { stored: true, answer: notCharged });
    fails(story, 'a', { stored: false, answer: declined });
    asks(story, notCharged);
    expect(stableReplay.check(story.done()).verdict).toBe('holds');
  });

  it('exempts nobody else on that account', () => {
    const story = fails(tale(), 'a/1', { stored: true, answer: notCharged });
    fails(story, 'a', { stored: false, answer: declined });
    asks(story, declined);
    expect(stableReplay.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringMatching(
        /^ask:1 was answered .*card_declined.* but a\/1 had been answered .*not_charged/,
      ),
    });
  });

  it('compares only what was answered after the final state had been stored', () => {
    const story = tale();
    const early = story.request('a');
    story.claim('a');
    story.answer(early, declined);
    fails(story, 'a/1', { stored: true, answer: notCharged });
    expect(stableReplay.check(story.done()).verdict).toBe('holds');
  });

  it('goes by what the answers say of themselves where the target keeps no record', () => {
    const story = tale();
    story.answer(story.request('a'), toldAnswer('failed', 'card_declined', true));
    story.answer(story.request('b'), notCharged);
    expect(stableReplay.check(story.done()).verdict).toBe('breaks');
  });

  it('compares in the order of the answers, not of the requests', () => {
    const story = tale();
    const early = story.request('a');
    fails(story, 'b', { stored: true, answer: declined });
    story.claim('a', { state: 'FAILED' }, { owned: false });
    story.answer(early, notCharged);
    expect(stableReplay.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringMatching(/^a was answered/),
    });
  });

  it('lets each epoch have its own first answer', () => {
    const story = (epoch: number) => {
      const told = tale();
      buys(told, 'a');
      const request = told.request('b');
      told.claim('b', { epoch, token: 2 });
      told.send('b', { key: 'g1' });
      told.book({ id: 'ch_2', idempotencyKey: 'g1' });
      told.answer(request, okAnswer('ch_2'));
      return told.done();
    };
    expect(stableReplay.check(story(1)).verdict).toBe('holds');
    expect(stableReplay.check(story(0)).verdict).toBe('breaks');
  });

  it('breaks when one payload hashes differently in two requests', () => {
    const story = tale();
    story.request('a');
    story.claim('a', {}, { fingerprint: 'x' });
    story.request('a/1');
    story.claim('a/1', {}, { owned: false, fingerprint: 'y' });
    expect(stableReplay.check(story.done())).toMatchObject({
      verdict: 'breaks',
      because: expect.stringContaining('claimed with fingerprints x and y'),
    });
  });

  it('expects two payloads to hash differently', () => {
    const story = tale();
    story.request('a');
    story.claim('a', {}, { fingerprint: 'x' });
    story.request('b', { amountMinor: 700 });
    story.claim('b', {}, { owned: false, fingerprint: 'y' });
    expect(stableReplay.check(story.done()).verdict).toBe('holds');
  });

  it('judges a black box by the replays that it owns up to', () => {
    const box = (second: Answer) => {
      const story = tale();
      story.answer(story.request('a'), declined);
      story.answer(story.request('b'), toldAnswer('failed', 'card_declined', true));
      story.answer(story.request('c'), second);
      return stableReplay.check(story.done({ trace: false })).verdict;
    };
    expect(box(toldAnswer('failed', 'card_declined', true))).toBe('holds');
    expect(box(notCharged)).toBe('breaks');
  });
});
