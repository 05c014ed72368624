// Convinces by where one saga stands when all has settled, and by who was called for it, and when.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError } from '../../src/errors/payment-error.ts';
import { serialiseError } from '../../src/errors/serialise.ts';
import { sagasEnd } from './sagas-end.ts';
import { tale } from './testing.ts';
import { type SagaWriting, type ShopTale, shopTale } from './testing-shop.ts';

const steps = { reserve: { state: 'undoing', stuck: true } } as const;

/** A saga that is left as `how` says, with what happens `before` and `after`. */
function leaves(
  how: SagaWriting,
  {
    before = () => {},
    after = () => {},
  }: { before?: (s: ShopTale) => void; after?: (s: ShopTale) => void } = {},
) {
  const story = shopTale();
  story.begins('a', { reserve: 'started' });
  before(story);
  story.leaves('a', steps, how);
  after(story);
  story.incident({ kind: 'settled' });
  return story;
}

const check = (...told: Parameters<typeof leaves>) => sagasEnd.check(leaves(...told).done());
const failed = { state: 'FAILED_COMPENSATION' } as const;
const called = (about: string) => (story: ShopTale) => story.pages(about);

describe('L3 sagas-end', () => {
  it.each(['COMPLETED', 'COMPENSATED'] as const)('holds for a saga that is %s', (state) => {
    expect(check({ state })).toEqual({ verdict: 'holds', judged: 1 });
  });

  it('judges nothing before all has settled, or without a shop', () => {
    const story = shopTale();
    story.begins('a', { reserve: 'started' });
    expect(sagasEnd.check(story.done())).toEqual({ verdict: 'holds', judged: 0 });
    expect(sagasEnd.check(tale().done())).toEqual({ verdict: 'holds', judged: 0 });
  });

  it.each(['RUNNING', 'COMPENSATING'] as const)('breaks for a saga that is still %s, due or not', (state) => {
    expect(check({ state, dueAtMs: 1 })).toMatchObject({
      verdict: 'breaks',
      because: `saga checkout shop/k1 is still ${state} after everything had settled`,
      crossings: [1],
    });
    expect(check({ state })).toMatchObject({
      verdict: 'breaks',
      because: `saga checkout shop/k1 is ${state}, and nobody will ever look at it`,
    });
  });

  it('lets a saga wait for a gateway without bounds, as long as it is queued', () => {
    const unbounded = { maxEffectDelayMs: Number.POSITIVE_INFINITY };
    const due = leaves({ state: 'COMPENSATING', dueAtMs: 1 });
    expect(sagasEnd.check(due.done(unbounded)).verdict).toBe('not-promised');
    expect(sagasEnd.check(due.done({ broken: ['bounded-delay'] })).verdict).toBe('not-promised');
    expect(sagasEnd.check(leaves({ state: 'COMPENSATING' }).done(unbounded)).verdict).toBe('breaks');
    expect(sagasEnd.check(leaves(failed).done(unbounded)).verdict).toBe('breaks');
  });

  it('breaks when nobody was called for a saga that is stuck', () => {
    expect(check(failed)).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 ended as FAILED_COMPENSATION, and nobody was called',
    });
    expect(check(failed, { after: called('saga checkout shop/k1 is stuck') }).verdict).toBe('holds');
    expect(check(failed, { before: called('checkout/shop/k1') }).verdict).toBe('holds');
  });

  it('holds when they were called for a step that was stuck while others went on', () => {
    const before = (story: ShopTale): void => {
      story.pages('shop/k1');
      story.saves('a', { reserve: 'undoing' }, { state: 'COMPENSATING' });
    };
    expect(check(failed, { before }).verdict).toBe('holds');
  });

  it('breaks when they were called for another one', () => {
    for (const about of ['saga checkout shop/k10', 'saga checkout xshop/k1', 'shop/k'])
      expect(check(failed, { after: called(about) }).verdict).toBe('breaks');
    expect(check(failed, { after: called('shop/k10, shop/k1') }).verdict).toBe('holds');
  });

  it('breaks when nobody was called again after a repair that failed for another reason, or at another step', () => {
    const stuck = { ...steps.reserve, error: serialiseError(new GatewayRejectedError('closed')) };
    const repaired = (first: Parameters<ShopTale['leaves']>[1], isCalled = false) =>
      check(failed, {
        before(story) {
          story.leaves('a', first, failed);
          story.pages('shop/k1');
          story.takesUp('operator', 'repair');
          story.saves('operator', { reserve: 'undoing' }, { state: 'COMPENSATING' });
          if (isCalled) story.pages('shop/k1');
        },
      }).verdict;
    const others: readonly Parameters<ShopTale['leaves']>[1][] = [
      { reserve: stuck },
      { pay: steps.reserve },
      {},
    ];
    expect(repaired(steps)).toBe('holds');
    for (const first of others) {
      expect(repaired(first)).toBe('breaks');
      expect(repaired(first, true)).toBe('holds');
    }
  });

  it('needs no second call before a second repair either', () => {
    const story = leaves(failed, { after: called('shop/k1') });
    for (const operator of ['first', 'second']) {
      story.takesUp(operator, 'repair');
      story.saves(operator, { reserve: 'undoing' }, { state: 'COMPENSATING' });
      story.leaves(operator, steps, failed);
    }
    expect(sagasEnd.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when a saga that nobody was called for was repaired by somebody who came by', () => {
    const repaired = (how: SagaWriting, pages = false) =>
      check(
        { state: 'COMPENSATED' },
        {
          before(story) {
            story.leaves('a', steps, { ...failed, ...how });
            if (pages) story.pages('shop/k1');
            story.takesUp('operator', 'repair');
            story.saves('operator', { reserve: 'undoing' }, { state: 'COMPENSATING' });
          },
          after: called('shop/k1'),
        },
      );
    expect(repaired({})).toMatchObject({ verdict: 'breaks', crossings: [1] });
    expect(repaired({}, true).verdict).toBe('holds');
    // The call was still to be made.
    expect(repaired({ dueAtMs: 1 }).verdict).toBe('holds');
  });

  it('needs no second call for a repair that changed nothing', () => {
    const story = leaves(failed, { before: called('shop/k1') });
    story.takesUp('operator', 'repair');
    story.leaves('operator', steps, failed);
    expect(sagasEnd.check(story.done()).verdict).toBe('holds');
  });

  it('breaks when the journal has lost a saga', () => {
    const history = leaves({ state: 'COMPLETED' }).done();
    const { shop } = history.books;
    const books = { ...history.books, ...(shop && { shop: { ...shop, sagas: [] } }) };
    expect(sagasEnd.check({ ...history, books })).toMatchObject({
      verdict: 'breaks',
      because: 'saga checkout shop/k1 is not in its journal any more',
    });
  });
});
