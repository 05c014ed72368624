// Convinces by the defaults as the documentation states them, and by the values directly beyond each bound.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { maxTimerMs } from '../kernel/runtime.ts';
import { settingsOf } from './options.ts';
import { order, rig } from './testing.ts';

const { runtime, store, scope, key, resolve } = rig().options;
const least = { runtime, store, scope, key, resolve };

describe('settingsOf', () => {
  it('fills in the documented defaults', () => {
    expect(settingsOf(least)).toMatchObject({
      operation: 'charge',
      ttlMs: 86_400_000,
      leaseMs: 90_000,
      maxRenewals: 3,
      waitMs: 0,
      pollMs: 100,
      keyring: [],
      onUnknown: 'resolve',
    });
    expect(settingsOf(least).payload(order)).toBe(order);
  });

  it('takes what it is told', () => {
    expect(settingsOf({ ...least, ttlMs: 5, onUnknown: 'clear' })).toMatchObject({
      ttlMs: 5,
      onUnknown: 'clear',
    });
  });

  it.each([
    { ttlMs: 0 },
    { ttlMs: Number.NaN },
    { ttlMs: Number.POSITIVE_INFINITY },
    { leaseMs: 0 },
    { leaseMs: maxTimerMs + 1 },
    { maxRenewals: -1 },
    { maxRenewals: Number.POSITIVE_INFINITY },
    { waitMs: -1 },
    { waitMs: maxTimerMs + 1 },
    { pollMs: 0 },
    { pollMs: Number.NaN },
    { operation: '' },
    { key: 'k' as never },
    { scope: undefined as never },
    { payload: {} as never },
  ])('refuses %j', (wrong) => {
    expect(() => settingsOf({ ...least, ...wrong })).toThrow(ValidationError);
  });
});
