// What a hand-made history stands under when its test does not say otherwise.

import type { Terms } from './history.ts';

/** Everything promised, everything seen. */
export const usualTerms: Terms = {
  tier: 'sim',
  target: 'reference',
  profile: 'stripe',
  broken: [],
  maxEffectDelayMs: 30_000,
  consistentAfterMs: 1000,
  keyRetentionMs: 86_400_000,
  leaseMs: 90_000,
  ttlMs: 86_400_000,
  audits: false,
  recovers: true,
  trace: true,
};
