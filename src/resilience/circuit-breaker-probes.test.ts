// Convinces by probes that end in every way and at every time that matters, to the millisecond.

import { describe, expect, it } from 'vitest';
import { LeaseLostError, ValidationError } from '../errors/payment-error.ts';
import { guarded, recovered } from './testing.ts';

describe('a half-open breaker', () => {
  it('lets exactly so many probes through and refuses all others at once', async () => {
    const { start } = await recovered({ halfOpenProbes: 2 });
    const calls = Array.from({ length: 5 }, () => start());
    expect(calls.map(({ passed }) => passed)).toEqual([true, true, false, false, false]);
    await calls[0]?.succeed();
    expect(start().passed).toBe(false);
  });

  it('closes when all of its probes have succeeded, and has forgotten the failures', async () => {
    const { start, fail, states } = await recovered({ halfOpenProbes: 2, windowMs: 60_000 });
    const [first, second] = [start(), start()];
    await second.succeed();
    expect(states).toEqual(['half-open']);
    await first.succeed();
    expect(states).toEqual(['half-open', 'closed']);
    await fail();
    expect(states).toEqual(['half-open', 'closed']);
    await fail();
    expect(states).toEqual(['half-open', 'closed', 'open']);
  });

  it('opens again at the first failure of a probe, from that instant', async () => {
    const { start, runtime, states } = await recovered({ halfOpenProbes: 2 });
    const [first, second] = [start(), start()];
    await runtime.advance(3_000);
    await first.fail();
    await second.succeed();
    expect(states).toEqual(['half-open', 'open']);
    await runtime.advance(9_999);
    expect(start().passed).toBe(false);
    await runtime.advance(1);
    expect(start().passed).toBe(true);
  });

  it.each([new LeaseLostError('stopped by the fence'), new ValidationError('nothing to send')])(
    'gives the place of a probe back that ended in %s',
    async (error) => {
      const { start, states } = await recovered();
      await start().fail(error);
      expect(states).toEqual(['half-open']);
      const again = start();
      expect(again.passed).toBe(true);
      await again.succeed();
      expect(states).toEqual(['half-open', 'closed']);
    },
  );

  it('takes a probe without a result for failed when as long as a recovery has passed', async () => {
    const { start, runtime, states } = await recovered();
    const probe = start();
    await runtime.advance(9_999);
    expect(start().passed).toBe(false);
    expect(states).toEqual(['half-open']);
    await runtime.advance(1);
    expect(start().passed).toBe(false);
    expect(states).toEqual(['half-open', 'open']);
    await probe.succeed();
    expect(states).toEqual(['half-open', 'open']);
    await runtime.advance(9_999);
    expect(start().passed).toBe(false);
    await runtime.advance(1);
    expect(start().passed).toBe(true);
  });

  it('hears of a probe that took too long when the probe itself comes back, too', async () => {
    const { start, runtime, states } = await recovered();
    const probe = start();
    await runtime.advance(12_000);
    await probe.succeed();
    expect(states).toEqual(['half-open', 'open']);
    await runtime.advance(7_999);
    expect(start().passed).toBe(false);
    await runtime.advance(1);
    expect(start().passed).toBe(true);
  });

  it('is not moved by results from before it opened', async () => {
    const { start, fail, runtime, states } = guarded();
    const [good, bad] = [start(), start()];
    await fail();
    await fail();
    await runtime.advance(10_000);
    const probe = start();
    await good.succeed();
    await bad.fail();
    expect(states).toEqual(['open', 'half-open']);
    await probe.succeed();
    expect(states).toEqual(['open', 'half-open', 'closed']);
  });
});
