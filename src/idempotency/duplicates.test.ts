// Convinces by calls that overlap in time moved by hand: who is answered when, and that one of them alone was sent.

import { describe, expect, it } from 'vitest';
import { CardDeclinedError, IdempotencyInProgressError, ValidationError } from '../errors/payment-error.ts';
import { order, outcomeOf, type Rig, rig } from './testing.ts';

/** A behaviour that takes five seconds before it succeeds. */
const slowly =
  ({ runtime }: Rig) =>
  () =>
    runtime.sleep(5_000).then(() => ({ id: 'ch_slow' }));

describe('a concurrent duplicate', () => {
  it('is told at once that the first is in progress, when it may not wait', async () => {
    const setup = rig();
    const { runtime, operation, charge, script, sent } = setup;
    script(slowly(setup));
    const first = outcomeOf(operation(order));
    await runtime.drain();
    expect(await charge()).toEqual({ error: expect.any(IdempotencyInProgressError) });
    expect(runtime.monotonicMs()).toBe(0);
    await runtime.settle(first);
    expect(sent).toHaveLength(1);
  });

  it.each([
    ['result', slowly, { result: { id: 'ch_slow' } }],
    [
      'failure',
      ({ runtime }: Rig) =>
        () =>
          runtime.sleep(5_000).then(() => Promise.reject(new CardDeclinedError('declined'))),
      { error: new CardDeclinedError('declined') },
    ],
  ])('gets the %s of the first when it may wait', async (_, behaviour, expected) => {
    const setup = rig({ waitMs: 8_000, pollMs: 1_000 });
    const { runtime, operation, charge, script, sent } = setup;
    script(behaviour(setup));
    const first = outcomeOf(operation(order));
    await runtime.drain();
    expect(await charge()).toEqual(expected);
    expect(await first).toEqual(expected);
    expect(sent).toHaveLength(1);
  });

  it('waits no longer than it may', async () => {
    const setup = rig({ waitMs: 2_500, pollMs: 1_000 });
    const { runtime, operation, charge, script } = setup;
    script(slowly(setup));
    void operation(order);
    await runtime.drain();
    expect(await charge()).toEqual({ error: expect.any(IdempotencyInProgressError) });
    expect(runtime.monotonicMs()).toBe(2_000);
  });

  it('takes its turn when the first ends without effect', async () => {
    const { runtime, operation, charge, script, sent } = rig({ waitMs: 8_000, pollMs: 1_000 });
    script(() => runtime.sleep(1_500).then(() => Promise.reject(new ValidationError('no such token'))));
    const first = outcomeOf(operation(order));
    await runtime.drain();
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(await first).toEqual({ error: expect.any(ValidationError) });
    expect(sent).toHaveLength(2);
  });

  it('stops waiting when its caller leaves', async () => {
    const setup = rig({ waitMs: 8_000, pollMs: 1_000 });
    const { runtime, operation, script } = setup;
    script(slowly(setup));
    void operation(order);
    await runtime.drain();
    const controller = new AbortController();
    const second = outcomeOf(operation(order, { signal: controller.signal }));
    await runtime.advance(1_500);
    controller.abort(new Error('left'));
    expect(await second).toEqual({ error: new Error('left') });
  });
});
