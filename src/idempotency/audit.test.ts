// Convinces by the whole audit log after each way in which a call can end: what is replayed, refused or in conflict
// leaves exactly one record, and what is executed or resolved leaves none, because attempts are recorded where they are made.

import { describe, expect, it } from 'vitest';
import {
  CardDeclinedError,
  GatewayTimeoutError,
  LeaseLostError,
  NetworkError,
  StoreUnavailableError,
  ValidationError,
} from '../errors/payment-error.ts';
import { idempotent } from './idempotent.ts';
import { sweeper } from './sweeper.ts';
import { failing, order, rig } from './testing.ts';

const refused = new NetworkError('refused', { effect: 'none' });
const usual = { operation: 'charge', idempotencyKey: 'shop/k' };

describe('the audit log of the idempotent layer', () => {
  it('has no record of an execution, however it ends', async () => {
    const { charge, script, runtime } = rig();
    script(failing(refused), failing(new GatewayTimeoutError('lost')));
    await charge();
    await charge();
    await charge();
    expect(runtime.logged).toEqual([]);
  });

  it('has one record of each replay, with what was replayed', async () => {
    const { charge, script, runtime } = rig({ operation: 'topup' });
    await charge();
    await charge();
    script(failing(new CardDeclinedError('declined')));
    await charge({ ...order, key: 'l' });
    await charge({ ...order, key: 'l' });
    expect(runtime.logged).toEqual([
      { audit: 'replay', operation: 'topup', code: 'ok', idempotencyKey: 'shop/k' },
      { audit: 'replay', operation: 'topup', code: 'card_declined', idempotencyKey: 'shop/l' },
    ]);
  });

  it('has one record of each conflict', async () => {
    const { charge, runtime } = rig();
    await charge();
    await charge({ ...order, amountMinor: 501 });
    expect(runtime.logged).toEqual([{ audit: 'conflict', code: 'idempotency_conflict', ...usual }]);
  });

  it('has one record of a duplicate that is refused while the first is under way', async () => {
    const { operation, script, runtime } = rig();
    script(() => runtime.sleep(1_000));
    const first = operation(order);
    await runtime.drain();
    await operation(order).catch(() => {});
    await runtime.settle(first);
    expect(runtime.logged).toEqual([{ audit: 'rejected', code: 'idempotency_in_progress', ...usual }]);
  });

  it('has one record of a duplicate that stops waiting because its caller left', async () => {
    const { operation, script, runtime } = rig({ waitMs: 5_000 });
    script(() => runtime.sleep(1_000));
    const first = operation(order);
    await runtime.drain();
    const controller = new AbortController();
    const second = operation(order, { signal: controller.signal }).catch((error: unknown) => error);
    await runtime.drain();
    controller.abort('left');
    expect(await second).toBe('left');
    await runtime.settle(first);
    expect(runtime.logged).toEqual([{ audit: 'rejected', code: 'error', ...usual }]);
  });

  it('has one record of a store that could not be asked, though it was asked twice', async () => {
    const { charge, lose, runtime } = rig();
    lose('claim', 'request', 2);
    expect(await charge()).toEqual({ error: expect.any(StoreUnavailableError) });
    expect(runtime.logged).toEqual([{ audit: 'rejected', code: 'store_unavailable', ...usual }]);
  });

  it('has no record of a store that failed once the charge was made', async () => {
    const { charge, lose, runtime } = rig();
    lose('complete', 'reply');
    await charge();
    expect(runtime.logged).toEqual([]);
  });

  it('has one record of a request that is refused for its form, without a key where it has none', async () => {
    const { charge, runtime } = rig();
    expect(await charge({ ...order, key: '' })).toEqual({ error: expect.any(ValidationError) });
    expect(runtime.logged).toEqual([{ audit: 'rejected', operation: 'charge', code: 'validation_error' }]);
  });

  it('has one record of every send that the fence stops', async () => {
    const { options, runtime } = rig();
    const stalled = idempotent(options)(async (_, call) => {
      await runtime.sleep(10_000);
      call?.fence?.();
      return 'charged';
    });
    const lost = runtime.settle(stalled(order).catch((error: unknown) => error));
    expect(await lost).toMatchObject({ cause: expect.any(LeaseLostError) });
    expect(runtime.logged).toEqual([{ audit: 'rejected', code: 'lease_lost', ...usual }]);
  });

  it('has one record of an owner who was overtaken and is answered by the record', async () => {
    const { operation, charge, script, sent, runtime } = rig();
    script(() => runtime.sleep(30_000));
    const slow = operation(order);
    await runtime.advance(10_000);
    const taken = await charge();
    expect(sent).toHaveLength(2);
    expect(await runtime.settle(slow)).toEqual('result' in taken ? taken.result : undefined);
    expect(runtime.logged).toEqual([{ audit: 'replay', code: 'ok', ...usual }]);
  });

  it('has no record of a verdict that an overtaken sweep reads from the record, because nobody asked', async () => {
    const { charge, script, options, runtime } = rig();
    script(failing(new GatewayTimeoutError('lost')));
    await charge();
    const slow = sweeper(options)(() => runtime.sleep(30_000).then(() => 'too late'))();
    await runtime.advance(10_000);
    expect(await charge()).toEqual({ result: { id: 'ch_2' } });
    expect(await runtime.settle(slow)).toEqual({ found: 1, decided: 1 });
    expect(runtime.logged).toEqual([]);
  });

  it('does not let a log that fails reach the caller', async () => {
    const { options } = rig();
    const runtime = {
      ...options.runtime,
      log: () => {
        throw new Error('the disk is full');
      },
    };
    const charge = idempotent({ ...options, runtime })(async () => 'charged');
    expect([await charge(order), await charge(order)]).toEqual(['charged', 'charged']);
  });
});
