// Convinces by asking again at the last millisecond at which the gateway still remembers the key for long enough, and
// at the next.

import { describe, expect, it } from 'vitest';
import {
  GatewayServerError,
  GatewayTimeoutError,
  NotChargedError,
  RateLimitedError,
} from '../errors/payment-error.ts';
import { failing, type RigOptions, rig } from './testing.ts';

const spent = failing(new GatewayServerError('a replayed 500', { sealed: true }));
const notCharged = { error: expect.any(NotChargedError) };

/** A rig whose first send, at time 0, had an unknown effect. */
async function unresolved(options: RigOptions, how = failing(new GatewayTimeoutError('lost'))) {
  const setup = rig(options);
  setup.script(how);
  await setup.charge();
  return setup;
}

describe('a key near the end of its retention', () => {
  // One lease of 10 s without renewals, and 30 s in which a send may still arrive.
  const marginMs = 40_000;
  const keyRetentionMs = 100_000;

  it('is sent again only while it is remembered for as long as a send may take', async () => {
    const early = await unresolved({ gateway: { keyRetentionMs } });
    await early.runtime.advance(keyRetentionMs - marginMs - 1);
    expect(await early.charge()).toEqual({ result: { id: 'ch_2' } });
    const late = await unresolved({ gateway: { keyRetentionMs } });
    await late.runtime.advance(keyRetentionMs - marginMs);
    expect(await late.charge()).toEqual(notCharged);
    expect(late.sent).toHaveLength(1);
  });

  it('leaves more of a margin where leases are renewed', async () => {
    const { runtime, charge, sent } = await unresolved({ maxRenewals: 2, gateway: { keyRetentionMs } });
    await runtime.advance(keyRetentionMs - marginMs - 20_000);
    expect(await charge()).toEqual(notCharged);
    expect(sent).toHaveLength(1);
  });

  it('is counted from its first use, through releases', async () => {
    const { runtime, charge, script, sent } = rig({ gateway: { keyRetentionMs } });
    script(failing(new RateLimitedError('slow down')));
    await charge();
    await runtime.advance(keyRetentionMs - marginMs);
    await charge();
    expect(sent.map((call) => call.mayResend)).toEqual([true, false]);
  });

  it('starts anew with the next generation', async () => {
    const { runtime, charge, sent } = await unresolved({ gateway: { keyRetentionMs } }, spent);
    await runtime.advance(keyRetentionMs - marginMs - 1);
    await charge();
    expect(sent[1]).toMatchObject({ idempotencyKey: 'shop/k/charge/0.1', mayResend: true });
  });
});
