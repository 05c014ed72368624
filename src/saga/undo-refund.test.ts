// Convinces by putting a charge into each state that a gateway can show, letting things happen to the calls that undo it,
// and reading the gateway's books, which limit nothing: what is not exactly nothing is a fault.

import { describe, expect, it } from 'vitest';
import {
  CircuitOpenError,
  GatewayRejectedError,
  GatewayServerError,
  GatewayTimeoutError,
} from '../errors/payment-error.ts';
import { accepted, captured, nothing, sentNames, undone, undoRig, waits } from './testing-undo.ts';

describe('a refund', () => {
  it('is pending until the gateway says that it succeeded', async () => {
    const made = undoRig();
    await captured(made);
    made.gateway.refundsAre('pending');
    expect(await made.attempt()).toEqual(accepted);
    expect(await made.attempt()).toEqual(accepted);
    made.gateway.settleRefunds('succeeded');
    expect(await made.attempt()).toEqual(undone);
    expect(sentNames(made).filter((name) => name === 'refund')).toHaveLength(1);
  });

  it('is not begun while the payer’s bank holds money of the charge, and is once it has given that back', async () => {
    let contested = true;
    const made = undoRig({}, { isContested: async () => contested });
    await captured(made);
    await expect(made.attempt()).rejects.toThrow(GatewayRejectedError);
    expect(sentNames(made)).not.toContain('refund');
    contested = false;
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.sent.at(-1)).toBe('refund undo/ref/refund/0');
    expect(made.balance()).toEqual([nothing]);
  });

  it('that fails after it was acknowledged is made again under a fresh key', async () => {
    const made = undoRig();
    await captured(made);
    made.gateway.refundsAre('pending');
    await made.attempt();
    made.gateway.settleRefunds('failed');
    expect(await made.attempt()).toEqual(undone);
    const refunds = made.gateway.sent.filter((sent) => sent.startsWith('refund'));
    expect(refunds).toEqual(['refund undo/ref/refund/0', 'refund undo/ref/refund/1']);
    expect(made.balance()).toEqual([nothing]);
  });

  it('that comes back after it has succeeded is made again while anything is undone, whatever an old look-up shows', async () => {
    const made = undoRig();
    await captured(made);
    const seen: ('pending' | 'succeeded' | 'failed')[] = ['pending', 'succeeded', 'failed'];
    expect(await made.attempt()).toEqual(undone);
    for (const status of seen) {
      for (const refund of made.gateway.charges()[0]?.refunds ?? []) Object.assign(refund, { status });
      expect(await made.attempt()).toEqual(undone);
    }
    const refunds = made.gateway.sent.filter((sent) => sent.startsWith('refund'));
    expect(refunds).toEqual(['refund undo/ref/refund/0', 'refund undo/ref/refund/1']);
    expect(made.balance()).toEqual([nothing]);
  });

  it('that fails at once is a failed attempt, and the next has a fresh key', async () => {
    const made = undoRig();
    await captured(made);
    made.gateway.refundsAre('failed');
    await expect(made.attempt()).rejects.toThrow(GatewayRejectedError);
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.charges()[0]?.refunds).toMatchObject([{ status: 'failed' }, { status: 'succeeded' }]);
  });

  it('that was refused without effect keeps its key', async () => {
    const made = undoRig({ dedup: 'none' });
    await captured(made);
    made.gateway.mishaps('refund', new CircuitOpenError('open'));
    await expect(made.attempt()).rejects.toThrow(CircuitOpenError);
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.sent.at(-1)).toBe('refund undo/ref/refund/0');
  });

  it.each(['successes', 'none'] as const)('whose reply was lost is not sent again: %s', async (dedup) => {
    const made = undoRig({ dedup });
    await captured(made);
    made.gateway.mishaps('refund', 'reply lost');
    made.gateway.mishaps('lookupRefund', new GatewayTimeoutError('lost'));
    await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
    await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
    expect(await made.attempt()).toEqual(undone);
    expect(made.balance()).toEqual([nothing]);
  });

  it.each(['successes', 'none'] as const)(
    'that may still arrive is waited for, then made anew: %s',
    async (dedup) => {
      for (const lateMs of [29_000, 1e9]) {
        const made = undoRig({ dedup });
        await captured(made);
        made.gateway.mishaps('refund', { lateMs });
        await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
        for (let waited = 0; waited < 32_000; waited += 8_000) {
          if (waited < 29_000) expect(await made.attempt()).toEqual(waits);
          await made.runtime.advance(8_000);
        }
        expect(await made.attempt()).toEqual(undone);
        expect(made.balance()).toEqual([nothing]);
        const late = lateMs > 1e6 ? 'refund undo/ref/refund/1' : 'refund undo/ref/refund/0';
        expect(made.gateway.sent.at(-1)).toBe(late);
      }
    },
  );

  it('that may still arrive is sent again under its key where every answer is replayed', async () => {
    const made = undoRig();
    await captured(made);
    made.gateway.mishaps('refund', { lateMs: 20_000 });
    await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
    expect(await made.attempt()).toEqual(undone);
    await made.runtime.advance(60_000);
    expect(made.balance()).toEqual([nothing]);
  });

  it('is not sent again once the gateway may have forgotten its key', async () => {
    const made = undoRig({ keyRetentionMs: 20_000 });
    await captured(made);
    made.gateway.mishaps('refund', { lateMs: 25_000 });
    await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
    await made.runtime.advance(10_000);
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(20_000);
    expect(await made.attempt()).toEqual(undone);
    expect(made.balance()).toEqual([nothing]);
  });

  it('is not sent again under a key that the gateway forgets before the first can have arrived', async () => {
    const made = undoRig({ keyRetentionMs: 1_000 });
    await captured(made);
    made.gateway.mishaps('refund', { lateMs: 5_000 });
    await expect(made.attempt()).rejects.toThrow(GatewayTimeoutError);
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(10_000);
    expect(await made.attempt()).toEqual(undone);
    expect(made.balance()).toEqual([nothing]);
  });

  it('whose key is spent on a failure that proves nothing is made anew when a later look-up shows nothing', async () => {
    const made = undoRig();
    await captured(made);
    const sealed = new GatewayServerError('a stored 500', { sealed: true });
    made.gateway.mishaps('refund', sealed);
    await expect(made.attempt()).rejects.toBe(sealed);
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(2_000);
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.sent.at(-1)).toBe('refund undo/ref/refund/1');
  });

  it('that is refused for good is looked at again, then fails, under a fresh key each time', async () => {
    const made = undoRig();
    await captured(made);
    const refused = new GatewayRejectedError('closed');
    made.gateway.mishaps('refund', ...Array<Error>(4).fill(refused));
    expect(await made.attempt()).toEqual(waits);
    await made.runtime.advance(2_000);
    await expect(made.attempt()).rejects.toBe(refused);
    expect(await made.attempt()).toEqual(undone);
    expect(made.gateway.sent.at(-1)).toBe('refund undo/ref/refund/4');
  });
});
