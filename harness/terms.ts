// What a case asks of a target, and what its run is judged by: the configuration that the target is started with, and
// the terms that checkers hold it to.

import type { GatewayCapabilities } from '../src/gateway/port.ts';
import { type Case, everyStrike } from './cases/case.ts';
import { brokenAssumptions } from './faults/assumptions.ts';
import type { Terms } from './history/history.ts';
import type { Capability, Target, TargetConfig } from './targets/target.ts';

/** The breaker that payments.md describes; its window is a minute. */
const usualBreaker = { failureThreshold: 5, windowMs: 60_000, recoveryTimeoutMs: 30_000, halfOpenProbes: 1 };

/** Wide enough to be met only where a case narrows it. */
const usualLimit = { maxCalls: 100, periodMs: 1_000, mode: 'reject' as const };

/** The switches of a case with every default filled in. */
export function targetConfig({ config = {} }: Case): TargetConfig {
  return {
    leaseMs: config.leaseMs ?? 90_000,
    ttlMs: config.ttlMs ?? 86_400_000,
    waitMs: config.waitMs ?? 0,
    jitter: config.jitter ?? 'none',
    breaker: config.breaker === undefined ? usualBreaker : { ...usualBreaker, ...given(config.breaker) },
    limit: config.limit === undefined ? usualLimit : { ...usualLimit, ...given(config.limit) },
  };
}

/** Without the members that are undefined, which would hide a default. */
function given<T extends object>(some: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const members = Object.entries(some).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

/** What the world grants in a case and the target declares. */
export function termsOf(
  subject: Case,
  {
    target,
    config,
    capabilities,
  }: { readonly target: Target; readonly config: TargetConfig; readonly capabilities: GatewayCapabilities },
): Terms {
  const has = (capability: Capability): boolean => target.capabilities.includes(capability);
  const aboutOrders = subject.suite === 'checkout';
  return {
    tier: subject.tier ?? 'sim',
    target: target.name,
    profile: subject.profile,
    broken: brokenAssumptions(everyStrike(subject), capabilities),
    maxEffectDelayMs: capabilities.maxEffectDelayMs,
    consistentAfterMs: capabilities.lookup.consistentAfterMs,
    keyRetentionMs: capabilities.keyRetentionMs,
    leaseMs: target.leaseMs ?? config.leaseMs,
    ttlMs: config.ttlMs,
    ...(target.retry === undefined ? {} : { retry: { ...target.retry, jitter: config.jitter } }),
    ...(has('circuit-breaker') ? { breaker: config.breaker } : {}),
    ...(has('rate-limit') ? { limit: config.limit } : {}),
    audits: has('audit'),
    recovers: has('recover'),
    trace: true,
    ...(aboutOrders && has('fees') ? { booksFees: true } : {}),
    ...(aboutOrders && has('webhook') && subject.config?.skewMs !== undefined
      ? { clockSkewMs: Object.fromEntries(subject.config.skewMs.map((ms, index) => [`p${index}`, ms])) }
      : {}),
  };
}
