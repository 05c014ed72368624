// Convinces by comparing the presets with the catalogue's table, and by driving each preset to see that the twin
// really does what the capabilities promise of it.

import { expect, test } from 'vitest';
import { profiles } from '../cases/case.ts';
import { capabilitiesOf } from './profiles.ts';
import { injection, rig } from './twin-rig.ts';

test('the presets are those of the catalogue', () => {
  const table = profiles.map((profile) => {
    const { dedup, lookup, keyRetentionMs, maxEffectDelayMs } = capabilitiesOf(profile);
    return [profile, dedup, lookup.by.join('+'), lookup.consistentAfterMs, keyRetentionMs, maxEffectDelayMs];
  });
  expect(table).toEqual([
    ['stripe', 'every-answer', 'reference', 1000, 86_400_000, 30_000],
    ['checkout', 'successes', 'reference', 0, 86_400_000, 30_000],
    ['mango', 'every-answer', 'reference+key', 0, 86_400_000, 30_000],
    ['none', 'none', 'reference', 0, 86_400_000, 30_000],
  ]);
});

test('an unbounded delay is infinite, and changes nothing else', () => {
  const { maxEffectDelayMs, ...rest } = capabilitiesOf('stripe', { effectDelay: 'unbounded' });
  const { maxEffectDelayMs: _, ...bounded } = capabilitiesOf('stripe');
  expect(maxEffectDelayMs).toBe(Number.POSITIVE_INFINITY);
  expect(rest).toEqual(bounded);
});

test.each(profiles)(
  '%s does what its dedup promises: at most one charge where a repeat is safe',
  (profile) => {
    for (const kind of ['500-after-commit', undefined] as const) {
      const { charge, twin, capabilities } = rig(profile);
      charge({}, kind === undefined ? undefined : injection(kind));
      charge();
      const safe =
        capabilities.dedup === 'every-answer' || (capabilities.dedup === 'successes' && kind === undefined);
      expect(twin.books().charges).toHaveLength(safe ? 1 : 2);
    }
  },
);
