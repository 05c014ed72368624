// Convinces by putting a charge into each state that a gateway can show, letting things happen to the calls that undo it,
// and reading the gateway's books, which limit nothing: what is not exactly nothing is a fault.

import { describe, expect, it } from 'vitest';
import { GatewayRejectedError, LeaseLostError, ValidationError } from '../errors/payment-error.ts';
import type { LookupResult } from '../gateway/port.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { fakeGateway } from './testing-gateway.ts';
import { accepted, captured, nothing, sentNames, undone, undoRig, waits } from './testing-undo.ts';
import { undoPayment } from './undo-payment.ts';
import type { FencedSend } from './undoing.ts';

describe('what is true at the gateway decides', () => {
  it('an authorisation is voided', async () => {
    const made = undoRig();
    await made.authorise();
    expect(await made.attempt()).toEqual(undone);
    expect(sentNames(made)).toEqual(['authorize', 'void']);
    expect(made.balance()).toEqual([nothing]);
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.sent).toHaveLength(2);
  });

  it('nothing is sent for a saga that is lost, and what the fence stopped is told with its key', async () => {
    for (const name of ['void', 'refund'] as const) {
      const stopped: unknown[] = [];
      const onFenced = ({ operation, idempotencyKey }: FencedSend): never => {
        stopped.push([operation, idempotencyKey]);
        throw new Error('the log is full');
      };
      const made = undoRig({}, { onFenced });
      await (name === 'void' ? made.authorise() : captured(made));
      const sent = sentNames(made);
      made.loseAfter(name === 'void' ? 1 : 2);
      await expect(made.attempt()).rejects.toThrow(LeaseLostError);
      expect([sentNames(made), stopped]).toEqual([sent, [[name, `undo/ref/${name}/0`]]]);
    }
  });

  it('a capture is refunded, once, however often it is asked', async () => {
    const made = undoRig();
    await captured(made);
    expect(await made.attempt()).toEqual(undone);
    expect(await made.attempt()).toEqual(undone);
    expect(sentNames(made)).toEqual(['authorize', 'capture', 'refund']);
    expect(made.balance()).toEqual([nothing]);
  });

  it('after a partial capture the rest is released and the captured part refunded', async () => {
    const made = undoRig();
    await captured(made, 200);
    expect(await made.attempt()).toEqual(undone);
    expect(sentNames(made)).toEqual(['authorize', 'capture', 'void', 'refund']);
    expect(made.gateway.charges()[0]?.refunds).toMatchObject([{ amountMinor: 200 }]);
    expect(made.balance()).toEqual([nothing]);
  });

  it('a capture that overtakes the void is seen when it is looked up again', async () => {
    const made = undoRig();
    const chargeId = await made.authorise();
    const { lookup } = made.gateway.port;
    const stale = await lookup({ by: 'reference', merchantReference: 'ref' });
    await made.capture(chargeId, 500);
    const answers: LookupResult[] = [stale];
    Object.assign(made.gateway.port, { lookup: async (r: never) => answers.shift() ?? lookup(r) });
    expect(await made.attempt()).toEqual(undone);
    expect(sentNames(made)).toEqual(['authorize', 'capture', 'void', 'refund']);
    expect(made.balance()).toEqual([nothing]);
  });

  it('a look-up that may be stale is no proof of a fault; a consistent one is', async () => {
    const made = undoRig();
    const chargeId = await made.authorise();
    const { lookup } = made.gateway.port;
    const stale = await lookup({ by: 'reference', merchantReference: 'ref' });
    await made.capture(chargeId, 500);
    Object.assign(made.gateway.port, { lookup: async () => stale });
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(2_000);
    await expect(made.attempt()).rejects.toThrow(GatewayRejectedError);
    const keys = made.gateway.sent.filter((sent) => sent.startsWith('void'));
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('where several captures are possible, an older state may hide one', async () => {
    const made = undoRig({ captureModes: ['multiple'] });
    const chargeId = await captured(made, 200);
    const { lookup } = made.gateway.port;
    const stale = await lookup({ by: 'reference', merchantReference: 'ref' });
    await made.capture(chargeId, 300, 'capture-2');
    const seen = stale.kind === 'found' ? { ...stale, charge: { ...stale.charge, openMinor: 0 } } : stale;
    const answers: LookupResult[] = [seen];
    Object.assign(made.gateway.port, { lookup: async (r: never) => answers.shift() ?? lookup(r) });
    expect(await made.attempt()).toEqual(accepted);
    await made.runtime.advance(2_000);
    expect(await made.attempt()).toEqual(undone);
    expect(made.balance()).toEqual([nothing]);
  });

  it('a payment that waits for the payer is stopped, or waited for', async () => {
    for (const gatewayId of ['ch_1', 'undecided']) {
      const made = undoRig();
      await made.authorise();
      Object.assign(made.gateway.port, { lookup: async () => ({ kind: 'pending', gatewayId }) });
      expect(await made.attempt()).toEqual(gatewayId === 'ch_1' ? undone : waits);
    }
  });
});

describe('a charge that is not there', () => {
  it('never happened only once the horizon has passed, counted from the first attempt', async () => {
    const made = undoRig();
    for (let waited = 0; waited < 32_000; waited += 8_000) {
      expect(await made.attempt()).toEqual(waits);
      await made.runtime.advance(8_000);
    }
    expect(await made.attempt()).toEqual(undone);
  });

  it('is undone when it shows up late', async () => {
    const made = undoRig();
    expect(await made.attempt()).toEqual(waits);
    await made.authorise();
    await made.runtime.advance(30_000);
    expect(await made.attempt()).toEqual(undone);
    expect(made.balance()).toEqual([nothing]);
  });

  it('is cancelled by key where the gateway can, which bounds even an unbounded delay', async () => {
    const cancelled: string[] = [];
    const made = undoRig(
      { cancelByKey: true, maxEffectDelayMs: Number.POSITIVE_INFINITY },
      { cancelByKey: async ({ idempotencyKey }) => cancelled.push(idempotencyKey) },
    );
    expect(await made.attempt()).toEqual(waits);
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(1_999);
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(1);
    expect(await made.attempt()).toEqual(undone);
    expect(cancelled).toEqual(['key']);
  });

  it('stays open for ever where nothing bounds it', async () => {
    const made = undoRig({ maxEffectDelayMs: Number.POSITIVE_INFINITY });
    await made.attempt();
    await made.runtime.advance(1e12);
    expect(await made.attempt()).toEqual(waits);
  });
});

describe('an undoing that cannot work', () => {
  it('is refused when it is made, or says what is missing', async () => {
    const { port } = fakeGateway(manualRuntime());
    expect(() => undoPayment({ gateway: {} as typeof port })).toThrow(ValidationError);
    expect(() => undoPayment({ gateway: port, cancelByKey: async () => {} })).toThrow(ValidationError);
    await expect(undoRig({}, { charge: () => ({ merchantReference: '' }) }).attempt()).rejects.toThrow(
      ValidationError,
    );
    const byKey = { lookup: { by: ['key' as const], consistentAfterMs: 0 } };
    await expect(undoRig(byKey, { charge: () => ({ merchantReference: 'r' }) }).attempt()).rejects.toThrow(
      ValidationError,
    );
    expect(await undoRig(byKey).attempt()).toEqual(waits);
  });
});
