// Convinces by one payment that was sent, with each answer that its sender may have had, and by who gives it back.

import { expect, it } from 'vitest';
import { bad } from './testing-values.ts';
import { shopTale } from './testing-webhooks.ts';
import { velocityBound } from './velocity-bound.ts';

interface Giving {
  readonly by?: string;
  /** Gives back what this evaluation alone had taken. */
  readonly evaluationId?: string;
}

function givesBack(reply: ReturnType<typeof bad>, { by = 'a', evaluationId }: Giving = {}) {
  const shop = shopTale();
  shop.counts('a', 'reserve', { attemptId: 'a' });
  shop.story.send('a', { reference: 'a', effect: reply, reply });
  const release = shop.counts(by, 'release', { attemptId: 'a' });
  const { evaluationId: _, ...all } = release.request as { readonly evaluationId?: string };
  Object.assign(release, { request: evaluationId === undefined ? all : { ...all, evaluationId } });
  return velocityBound.check(shop.done());
}

const silent = bad('gateway_timeout', 'unknown');

it('S24 velocity-bound: breaks when a payment is given back as declined that may yet go through', () => {
  expect(givesBack(silent)).toMatchObject({
    verdict: 'breaks',
    because: 'card was given a back, which nobody was told had failed',
  });
  expect(givesBack(bad('network_error', 'none')).verdict).toBe('breaks');
  expect(givesBack(silent, { by: 'b' }).verdict).toBe('breaks');
});

it('S24 velocity-bound: holds when it was declined, or an evaluation gives back its own', () => {
  expect(givesBack(bad('card_declined', 'final')).verdict).toBe('holds');
  expect(givesBack(silent, { evaluationId: 'e' }).verdict).toBe('holds');
});
