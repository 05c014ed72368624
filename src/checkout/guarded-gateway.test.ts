// Convinces by a capture whose driver has lost its order before it is sent: nothing is sent, and the log says so once.

import { describe, expect, it } from 'vitest';
import { LeaseLostError } from '../errors/payment-error.ts';
import { guardedGateway } from './guarded-gateway.ts';
import { mall } from './testing.ts';

const request = { chargeId: 'ch_1', amountMinor: 500, idempotencyKey: 'k', merchantReference: 'r' };

describe('the guarded gateway', () => {
  it('records a call that was given up before it was sent, and does not send it', async () => {
    const { gateway, runtime } = mall();
    const guarded = guardedGateway(gateway.port, { runtime, timeoutMs: 1_000, metric: () => {} });
    const signal = AbortSignal.abort(new LeaseLostError('somebody else may drive it'));
    await expect(runtime.settle(guarded.capture(request, { signal }))).rejects.toMatchObject({
      code: 'lease_lost',
    });
    expect(gateway.sent).toEqual([]);
    const record = { audit: 'rejected', operation: 'capture', code: 'lease_lost', idempotencyKey: 'k' };
    expect(runtime.logged).toEqual([record]);
  });
});
