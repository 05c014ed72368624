// Convinces by counting how often the operation below was asked, on a clock that is moved by hand.

import { describe, expect, it } from 'vitest';
import { NetworkError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { type CachedOptions, cached } from './cached.ts';
import type { Call } from './operation.ts';
import { endOf } from './testing.ts';

/** A read that takes 100 ms, or 900 for the request `slow`; it fails for `bad`. */
function reading(options: Partial<CachedOptions> = {}) {
  const runtime = manualRuntime();
  const asked: unknown[] = [];
  const calls: (Call | undefined)[] = [];
  const layer = cached({ runtime, ttlMs: 1_000, ...options });
  const read = layer(async (request: unknown, call?: Call) => {
    asked.push(request);
    calls.push(call);
    await runtime.sleep(request === 'slow' ? 900 : 100);
    if (request === 'bad') throw new NetworkError('refused', { effect: 'none' });
    return { rate: asked.length };
  });
  const ask = (request: unknown, call?: Call) => runtime.settle(endOf(read(request, call)));
  return { runtime, asked, calls, layer, read, ask };
}

describe('cached', () => {
  it('answers from memory until the answer is as old as the time to live', async () => {
    const { ask, asked, runtime } = reading();
    const first = await ask('eur');
    await runtime.advance(999);
    expect(await ask('eur')).toBe(first);
    await runtime.advance(1);
    expect(await ask('eur')).toEqual({ rate: 2 });
    expect(asked).toHaveLength(2);
  });

  it('takes requests for the same by their canonical form, or as it is told', async () => {
    const plain = reading();
    await plain.ask({ from: 'eur', to: 'usd' });
    await plain.ask({ to: 'usd', from: 'eur' });
    await plain.ask({ from: 'usd', to: 'eur' });
    expect(plain.asked).toHaveLength(2);
    const own = reading({ key: (request) => String(request).slice(0, 3) });
    await own.ask('eur/usd');
    await own.ask('eur/gbp');
    expect(own.asked).toEqual(['eur/usd']);
  });

  it('shares one call among those who ask at the same time, and forgets a failure', async () => {
    const { read, ask, asked, runtime } = reading();
    const both = Promise.all([endOf(read('bad')), endOf(read('bad'))]);
    expect(await runtime.settle(both)).toEqual([expect.any(NetworkError), expect.any(NetworkError)]);
    expect(asked).toEqual(['bad']);
    await ask('bad');
    expect(asked).toEqual(['bad', 'bad']);
  });

  it('keeps so many answers and drops the oldest', async () => {
    const { ask, asked } = reading({ maxEntries: 2 });
    for (const request of ['a', 'b', 'c', 'b', 'c', 'a']) await ask(request);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('counts an answer that is asked for anew as the youngest', async () => {
    const { ask, asked, runtime } = reading({ maxEntries: 2 });
    await ask('a');
    await runtime.advance(500);
    await ask('b');
    await runtime.advance(500);
    for (const request of ['a', 'c', 'a']) await ask(request);
    expect(asked).toEqual(['a', 'b', 'a', 'c']);
  });

  it('drops nothing for an answer that takes the place of its own', async () => {
    const { read, ask, asked, runtime } = reading({ maxEntries: 2 });
    await runtime.settle(Promise.all([read('slow'), read('quick')]));
    await runtime.advance(300);
    for (const request of ['quick', 'slow']) await ask(request);
    expect(asked).toEqual(['slow', 'quick', 'quick']);
  });

  it('lets one who gives up go at once, and the others have their answer', async () => {
    const { read, runtime, calls } = reading();
    const controller = new AbortController();
    const { signal } = controller;
    const leaving = endOf(read('eur', { signal, idempotencyKey: 'k' }));
    const staying = read('eur');
    await runtime.advance(50);
    controller.abort('left');
    expect(await leaving).toBe('left');
    expect(await runtime.settle(staying)).toEqual({ rate: 1 });
    expect(calls).toEqual([{ idempotencyKey: 'k' }]);
    expect(await endOf(read('eur', { signal }))).toBe('left');
  });

  it('remembers for each function by itself', async () => {
    const { layer, ask } = reading();
    await ask('eur');
    expect(await layer(async () => 'another')('eur')).toBe('another');
  });

  it('rejects with what the key throws, and asks nobody', async () => {
    const { ask, asked } = reading();
    expect(await ask({ at: Number.NaN })).toBeInstanceOf(ValidationError);
    expect(asked).toEqual([]);
  });

  it.each([
    { ttlMs: 0 },
    { ttlMs: Number.NaN },
    { ttlMs: Number.POSITIVE_INFINITY },
    { maxEntries: 0 },
    { maxEntries: 0.5 },
    { key: 'id' as never },
    { runtime: {} as never },
  ])('refuses %j', (options) => {
    expect(() => cached({ runtime: manualRuntime(), ttlMs: 1, ...options })).toThrow(ValidationError);
  });
});
