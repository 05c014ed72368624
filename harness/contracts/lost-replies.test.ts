// Convinces by drivers whose clients lose requests and replies in the middle of generated calls: what was lost must show as
// StoreUnavailableError and be applied once or not at all, and whoever asks again must be answered as the table says.

import { fail } from 'node:assert/strict';
import { expect, it } from 'vitest';
import type { OpenStore } from './contract.ts';
import { lossyTrial } from './parity.ts';
import { type StoreKind, type StoreOpeners, type StorePorts, storeKinds } from './store-kinds.ts';
import { lossyPostgres, lossyRedis, resendingRedis } from './testing-faults.ts';
import { postgresStores } from './testing-postgres.ts';
import { redisStores } from './testing-redis.ts';

const [redis, postgres] = await Promise.all([redisStores(), postgresStores()]);
const kinds = Object.keys(storeKinds) as StoreKind[];

redis.suite('through a network that loses, Redis keeps', () => {
  testKinds(redis.through(lossyRedis()));

  it('no promise where its client sends again by itself', async () => {
    const open = redis.through(resendingRedis())['ledger-store'];
    const result = await lossyTrial(storeKinds['ledger-store'].model, open, { runs: 100 }).run();
    expect(result).toMatchObject({ passed: false, because: expect.stringMatching(/: got .*, the table /) });
  });
});
postgres.suite('through a network that loses, Postgres keeps', () =>
  testKinds(postgres.through({ between: lossyPostgres() })),
);

function testKinds(openers: StoreOpeners): void {
  it.each(kinds)('a %s', async (kind) => await testKind(kind, openers[kind]));
}

async function testKind<Kind extends StoreKind>(
  kind: Kind,
  open: OpenStore<StorePorts[Kind]>,
): Promise<void> {
  const result = await lossyTrial(storeKinds[kind].model, open, { runs: 25 }).run();
  if (!result.passed) fail(result.because);
}
