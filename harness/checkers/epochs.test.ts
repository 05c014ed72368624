// Convinces by a key that was used for two purchases, one after the other's record had lapsed, with what belongs
// to which told in every order in which it can come about.

import { describe, expect, it } from 'vitest';
import type { History } from '../history/history.ts';
import { epochOfCharge, epochOfRequest, epochOfSend, hasSeveralEpochs, mayHaveLapsed } from './epochs.ts';
import { type Tale, tale } from './testing.ts';
import { bad, freshRecord, good, okAnswer } from './testing-values.ts';
import type { IntentView } from './view.ts';
import { viewOf } from './view-of.ts';

function intentIn(history: History): IntentView {
  const [intent] = viewOf(history).intents;
  if (intent === undefined) throw new Error('the tale has no intent');
  return intent;
}

function claimed(story: Tale, actor: string, epoch: number): void {
  story.request(actor);
  story.claim(actor, { epoch, token: epoch + 1 });
}

describe('epochs', () => {
  it('are one for as long as the record says the same', () => {
    const story = tale();
    claimed(story, 'a', 3);
    story.send('a');
    story.book();
    const intent = intentIn(story.done());
    expect(hasSeveralEpochs(intent)).toBe(false);
    expect(intent.sends.map((send) => epochOfSend(intent, send))).toEqual([0]);
    expect(intent.charges.map((charge) => epochOfCharge(intent, charge))).toEqual([0]);
    expect(intent.requests.map((request) => epochOfRequest(intent, request))).toEqual([0]);
  });

  it('of a send are those of the claim that its sender holds, not of the record at that time', () => {
    const story = tale();
    claimed(story, 'a', 0);
    claimed(story, 'b', 1);
    story.send('a');
    story.send('b');
    const intent = intentIn(story.done());
    expect(intent.sends.map((send) => epochOfSend(intent, send))).toEqual([0, 1]);
  });

  it('of a send without a claim are those of the record at that time', () => {
    const story = tale();
    claimed(story, 'a', 0);
    story.request('x');
    story.send('x');
    claimed(story, 'b', 1);
    story.send('x');
    const intent = intentIn(story.done());
    expect(intent.sends.map((send) => epochOfSend(intent, send))).toEqual([0, 1]);
  });

  it('of a charge are those of the last send of its key that had arrived', () => {
    const story = tale();
    claimed(story, 'a', 0);
    story.send('a', { key: 'same' });
    story.book({ id: 'ch_1', idempotencyKey: 'same' });
    claimed(story, 'b', 1);
    story.send('b', { key: 'same' });
    story.book({ id: 'ch_2', idempotencyKey: 'same' });
    const intent = intentIn(story.done());
    expect(intent.charges.map((charge) => epochOfCharge(intent, charge))).toEqual([0, 1]);
  });

  it('of a charge that landed late are those of the send that was under way', () => {
    const story = tale();
    claimed(story, 'a', 0);
    const late = story.send('a', { key: 'old', effect: undefined, reply: bad('network_error', 'unknown') });
    claimed(story, 'b', 1);
    story.send('b', { key: 'new' });
    Object.assign(late, { applied: story.now(), effect: good({}) });
    story.book({ id: 'ch_1', idempotencyKey: 'old' });
    story.book({ id: 'ch_2', idempotencyKey: 'new' });
    story.book({ id: 'ch_3', idempotencyKey: 'nobody knows' });
    const intent = intentIn(story.done());
    expect(intent.charges.map((charge) => epochOfCharge(intent, charge))).toEqual([0, 1, 1]);
  });

  it('of a request are those that its own actor saw, and undefined when it saw none or two', () => {
    const story = tale();
    claimed(story, 'a', 0);
    claimed(story, 'b', 1);
    story.request('none');
    story.request('read');
    story.cross('read', 'store.read', 'shop/k1')({ effect: good(null), reply: good(null) });
    claimed(story, 'both', 0);
    story.cross(
      'both',
      'store.read',
      'shop/k1',
    )({
      effect: good({ ...freshRecord, epoch: 1 }),
      reply: good({ ...freshRecord, epoch: 1 }),
    });
    const intent = intentIn(story.done());
    expect(intent.requests.map((request) => epochOfRequest(intent, request))).toEqual([
      0,
      1,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('may have passed unseen only in a black box, and only beyond the time to live', () => {
    const story = tale();
    story.answer(story.request('a'), okAnswer());
    story.wait(1000);
    story.answer(story.request('b'), okAnswer());
    const box = (ttlMs: number, trace: boolean): boolean => {
      const history = story.done({ ttlMs, trace });
      return mayHaveLapsed(history, intentIn(history));
    };
    expect(box(1000, false)).toBe(true);
    expect(box(1001, false)).toBe(false);
    expect(box(1000, true)).toBe(false);
  });
});
