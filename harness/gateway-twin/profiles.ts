// How four families of gateways treat repeated keys and look-ups. Presets only: everything else reads the
// capabilities, and nothing asks for a profile by its name.

import type { GatewayCapabilities } from '../../src/gateway/port.ts';
import type { ProfileName } from '../cases/case.ts';

/** What a gateway does with a key that it already knows. */
export type RepeatedKey =
  /** Replays the first answer, failures included; other parameters are refused with 400 (Stripe v1). */
  | 'replay'
  /** Answers 409, executing or answered; the stored answer is fetched by key (Mangopay). */
  | 'conflict'
  /** Replays a 2xx whatever the parameters; anything else is attempted again (Checkout.com). */
  | 'replay-successes'
  /** Knows no keys: charges again. */
  | 'ignore';

/** What the twin does beyond the capabilities that it declares. */
export interface TwinBehaviour {
  readonly repeatedKey: RepeatedKey;
  /** How long an authorisation stands before it lapses by itself, milliseconds. */
  readonly authorizationLifetimeMs: number;
}

const hourMs = 3_600_000;

/** How late a request that was sent may take effect where the delay is bounded, milliseconds. */
export const boundedEffectDelayMs = 30_000;

const common = {
  keyRetentionMs: 24 * hourMs,
  maxEffectDelayMs: boundedEffectDelayMs,
  cancelByKey: false,
  captureModes: ['automatic', 'manual'],
} as const;

const presets: Readonly<Record<ProfileName, GatewayCapabilities>> = {
  stripe: { ...common, dedup: 'every-answer', lookup: { by: ['reference'], consistentAfterMs: 1_000 } },
  checkout: { ...common, dedup: 'successes', lookup: { by: ['reference'], consistentAfterMs: 0 } },
  mango: { ...common, dedup: 'every-answer', lookup: { by: ['reference', 'key'], consistentAfterMs: 0 } },
  none: { ...common, dedup: 'none', lookup: { by: ['reference'], consistentAfterMs: 0 } },
};

const repeatedKeys: Readonly<Record<ProfileName, RepeatedKey>> = {
  stripe: 'replay',
  checkout: 'replay-successes',
  mango: 'conflict',
  none: 'ignore',
};

/** What a case may change about a profile. Milliseconds. */
export interface GatewayChanges {
  readonly effectDelay?: 'bounded' | 'unbounded' | undefined;
  readonly keyRetentionMs?: number | undefined;
  readonly consistentAfterMs?: number | undefined;
}

/**
 * What the gateways of a profile promise. Where a request may take effect arbitrarily late
 * (`effectDelay: 'unbounded'`), `maxEffectDelayMs` is Infinity.
 */
export function capabilitiesOf(profile: ProfileName, changes: GatewayChanges = {}): GatewayCapabilities {
  const preset = presets[profile];
  const { effectDelay, keyRetentionMs = preset.keyRetentionMs, consistentAfterMs } = changes;
  const { lookup } = preset;
  return {
    ...preset,
    keyRetentionMs,
    lookup: consistentAfterMs === undefined ? lookup : { ...lookup, consistentAfterMs },
    maxEffectDelayMs: effectDelay === 'unbounded' ? Number.POSITIVE_INFINITY : preset.maxEffectDelayMs,
  };
}

/** How the twin behaves under a profile; the lifetime is the seven days that card networks commonly grant. */
export function behaviourOf(profile: ProfileName): TwinBehaviour {
  return { repeatedKey: repeatedKeys[profile], authorizationLifetimeMs: 7 * 24 * hourMs };
}
