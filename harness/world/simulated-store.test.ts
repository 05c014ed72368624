// Convinces by a program that changes everything that it sends and everything that it is given: the store must not
// notice, and neither must the history.

import { expect, it } from 'vitest';
import { CardDeclinedError } from '../../src/errors/payment-error.ts';
import { serialiseError } from '../../src/errors/serialise.ts';
import { idempotencyTable } from '../../src/stores/idempotency-table.ts';
import { actAs, actor } from './actor.ts';
import { oneProcess, recorded } from './one-process.ts';
import { simulatedStore } from './simulated-store.ts';

const claim = { key: 'shop/k1', fingerprint: 'f', request: '{}', attemptId: 'a', leaseMs: 1_000 };

/** Writes nonsense over every member of a plain value, however deep. */
function spoil(value: object): void {
  for (const [name, member] of Object.entries(value)) {
    if (typeof member === 'object' && member !== null) spoil(member);
    else Object.assign(value, { [name]: 'spoilt' });
  }
}

it('keeps what is changed afterwards on either side apart', async () => {
  const rig = oneProcess();
  const table = idempotencyTable(rig.world.nowMs);
  const store = simulatedStore(table, rig.environment().boundary);
  const ended = actAs(actor('a'), async () => {
    const asked = { ...claim };
    const claiming = store.claim(asked);
    spoil(asked);
    spoil(await claiming);
    const failure = serialiseError(new CardDeclinedError('declined', { declineCode: 'do_not_honor' }));
    const write = { key: 'shop/k1', token: 1, failure: { ...failure }, ttlMs: 1_000 };
    const failing = store.fail(write);
    spoil(write);
    spoil(await failing);
    const read = await store.read('shop/k1');
    if (read === null) throw new Error('the record is gone');
    spoil(read);
    spoil(await store.claim({ ...claim, attemptId: 'b' }));
    await store.release({ key: 'shop/k1', token: 1 }).then(spoil);
  });
  await rig.settle();
  await ended;
  const failed = { ...claim, state: 'FAILED', token: 1, failure: { name: 'CardDeclinedError' } };
  const { attemptId: _, leaseMs: __, ...members } = failed;
  expect(table.read('shop/k1')).toMatchObject(members);
  expect(JSON.stringify(recorded(rig).crossings)).not.toContain('spoilt');
});

it('hands a list out in copies', async () => {
  const rig = oneProcess();
  const table = idempotencyTable(rig.world.nowMs);
  const store = simulatedStore(table, rig.environment().boundary);
  table.claim(claim);
  table.suspend({ key: 'shop/k1', token: 1, state: 'UNKNOWN', sent: true, sealed: false });
  const listing = actAs(actor('a'), async () => spoil([...(await store.list({ limit: 5 }))]));
  await rig.settle();
  await listing;
  expect(table.list({ limit: 5 })).toMatchObject([{ key: 'shop/k1', state: 'UNKNOWN' }]);
  expect(JSON.stringify(recorded(rig).crossings)).not.toContain('spoilt');
});
