// Convinces by aborting either source, in either order, before and after, and by counting who still listens.

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { firstAbort } from './first-abort.ts';

describe('firstAbort', () => {
  it.each([0, 1] as const)('is aborted with the reason of source %i, whether early or late', (index) => {
    const sources = [new AbortController(), new AbortController()] as const;
    const late = firstAbort(sources[0].signal, sources[1].signal);
    expect(late.signal.aborted).toBe(false);
    sources[index].abort('this one');
    const early = firstAbort(sources[0].signal, sources[1].signal);
    sources[1 - index]?.abort('that one');
    expect([late.signal.reason, early.signal.reason]).toEqual(['this one', 'this one']);
  });

  it('keeps to the first of its sources where both were aborted before', () => {
    expect(firstAbort(AbortSignal.abort('own'), AbortSignal.abort('other')).signal.reason).toBe('own');
  });

  it('leaves nobody listening once it is released, and stays as it is', () => {
    const [own, other] = [new AbortController(), new AbortController()];
    const { signal, release } = firstAbort(own.signal, other.signal);
    expect([own, other].map((one) => getEventListeners(one.signal, 'abort').length)).toEqual([1, 1]);
    release();
    expect([own, other].map((one) => getEventListeners(one.signal, 'abort').length)).toEqual([0, 0]);
    own.abort();
    expect(signal.aborted).toBe(false);
  });

  it('is the own signal where there is no other', () => {
    const { signal } = new AbortController();
    expect(firstAbort(signal, undefined).signal).toBe(signal);
  });
});
