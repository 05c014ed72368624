// Convinces by services that share a store and differ only in their keyring, as two versions do while a key is
// rotated.

import { describe, expect, it } from 'vitest';
import {
  IdempotencyConflictError,
  IdempotencyInProgressError,
  ValidationError,
} from '../errors/payment-error.ts';
import type { FingerprintKey } from './fingerprint.ts';
import { idempotent } from './idempotent.ts';
import { order, outcomeOf, rig } from './testing.ts';

const older: FingerprintKey = { keyId: 'pan', version: 1, secret: 'the first secret of all' };
const newer: FingerprintKey = { keyId: 'pan', version: 2, secret: 'the one that came after' };

/** A rig under one keyring, and a second service over the same store under another. */
function rotating(before: readonly FingerprintKey[], after: readonly FingerprintKey[], waitMs = 0) {
  const setup = rig({ keyring: before, waitMs, pollMs: 1_000 });
  const operation = idempotent({ ...setup.options, keyring: after })(async () => 'sent by the second');
  return { ...setup, second: (request = order) => setup.runtime.settle(outcomeOf(operation(request))) };
}

describe('a rotation of the fingerprint key', () => {
  it.each([
    ['to a newer key', [older], [newer, older]],
    ['back to the older key', [newer, older], [older, newer]],
    ['from plain to keyed', [], [newer]],
  ])('does not turn a retry into a conflict: %s', async (_, before, after) => {
    const { charge, second, operations } = rotating(before, after);
    await charge();
    expect(await second()).toEqual({ result: { id: 'ch_1' } });
    expect(operations).toEqual(['claim', 'complete', 'claim', 'claim']);
  });

  it('still sees another payload', async () => {
    const { charge, second } = rotating([older], [newer, older]);
    await charge();
    expect(await second({ ...order, amountMinor: 1 })).toEqual({
      error: expect.any(IdempotencyConflictError),
    });
  });

  it('makes new records under the first key only', async () => {
    const { charge, record } = rotating([newer, older], []);
    await charge();
    expect((await record()).fingerprint).toMatch(/^hmac-sha256:pan:2:/);
  });

  it('lets a duplicate wait for a call of the other version', async () => {
    const { runtime, operation, script, second } = rotating([older], [newer, older], 8_000);
    script(() => runtime.sleep(5_000).then(() => 'sent by the first'));
    void operation(order);
    await runtime.drain();
    expect(await second()).toEqual({ result: 'sent by the first' });
  });

  it('says so when a key is gone before the records made with it', async () => {
    const { charge, second } = rotating([older], [newer]);
    await charge();
    expect(await second()).toEqual({ error: expect.any(ValidationError) });
  });
});

describe('keyed fingerprints without a rotation', () => {
  it('cost a replay no more than one round trip', async () => {
    const { charge, operations } = rig({ keyring: [newer, older] });
    await charge();
    await charge();
    expect(operations).toEqual(['claim', 'complete', 'claim']);
  });

  it('make a duplicate wait no longer than without', async () => {
    const { runtime, operation, charge, script } = rig({ keyring: [newer], waitMs: 2_000, pollMs: 1_000 });
    script(() => runtime.sleep(9_000));
    void operation(order);
    await runtime.drain();
    expect(await charge()).toEqual({ error: expect.any(IdempotencyInProgressError) });
    expect(runtime.monotonicMs()).toBe(2_000);
  });
});
