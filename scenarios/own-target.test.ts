// The README's example, run: a service of one's own, written against the gateway port alone, is stormed and found
// wanting in the way that the README says.

import { performance } from 'node:perf_hooks';
import { expect, it } from 'vitest';
import { runCampaign, runCase, type Target } from '../harness/index.ts';
import { PaymentError } from '../src/index.ts';

const mine: Target = {
  name: 'mine',
  description: 'forwards the key of the client and retries once',
  capabilities: ['charge'],
  start: ({ gateway }) => ({
    async charge({ scope, key, amountMinor, currency, paymentToken }) {
      const name = `${scope}-${key}`;
      const request = { amountMinor, currency, paymentToken, capture: 'automatic' as const };
      const send = () => gateway.authorize({ ...request, idempotencyKey: name, merchantReference: name });
      try {
        const { id, capturedMinor } = await send().catch(send);
        return { kind: 'ok', chargeId: id, amountMinor: capturedMinor, currency, body: id, replayed: false };
      } catch (error) {
        const code = error instanceof PaymentError ? error.code : 'internal_error';
        return { kind: 'failed', code, body: code, replayed: false };
      }
    },
  }),
};

it('finds what a service of one’s own gets wrong, in a story of one request', async () => {
  const { violations } = await runCampaign({
    target: mine,
    profile: 'stripe',
    tier: 'sim',
    seed: 1,
    runs: 500,
    strategy: 'mixed',
    bail: false,
    shrink: true,
    recheckEvery: 20,
    now: () => performance.now(),
    runCase,
  });
  const toldFailed = violations.find(({ invariant }) => invariant === 'S13');
  expect(toldFailed).toMatchObject({ requests: 1 });
  expect(toldFailed?.because).toMatch(/failed/);
});
