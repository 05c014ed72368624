// Convinces by walking one slot through each state by hand, with a clock that only the test moves, and comparing the
// whole answer: who owns it, under which token, and what stands in the record.

import { beforeEach, describe, expect, it } from 'vitest';
import { CardDeclinedError } from '../errors/payment-error.ts';
import { serialiseError } from '../errors/serialise.ts';
import type { ClaimAnswer } from '../idempotency/store.ts';
import { type IdempotencyTable, idempotencyTable } from './idempotency-table.ts';

const key = 'shop/k';
const leaseMs = 1_000;
const ttlMs = 10_000;
const failure = serialiseError(new CardDeclinedError('declined'));

let nowMs = 0;
let table: IdempotencyTable;

beforeEach(() => {
  nowMs = 100;
  table = idempotencyTable(() => nowMs);
});

function claim(attemptId: string, fingerprint = 'f'): ClaimAnswer {
  return table.claim({ key, fingerprint, request: '{}', attemptId, leaseMs });
}

function owned(token: number) {
  return { key, token };
}

function unknown(token: number, more: { readonly sent?: boolean; readonly sealed?: boolean } = {}) {
  return table.suspend({ ...owned(token), state: 'UNKNOWN', sent: true, sealed: false, ...more });
}

describe('claim', () => {
  it('gives a free slot, and tells the store clock', () => {
    expect(claim('a')).toEqual({
      owned: true,
      nowMs: 100,
      record: {
        key,
        state: 'IN_FLIGHT',
        fingerprint: 'f',
        request: '{}',
        token: 1,
        attemptId: 'a',
        epoch: 0,
        generation: 0,
        leaseUntilMs: 1_100,
        sendableUntilMs: 100,
        keyUsedFromMs: 100,
        unresolved: false,
      },
    });
  });

  it('recognises a claim whose reply was lost, without a new token or a longer lease', () => {
    const first = claim('a');
    nowMs += 500;
    expect(claim('a')).toEqual({ ...first, nowMs: 600 });
  });

  it('reports the owner to everybody else until the lease is over', () => {
    claim('a');
    nowMs = 1_099;
    expect(claim('b')).toMatchObject({ owned: false, record: { attemptId: 'a', token: 1 } });
    nowMs = 1_100;
    expect(claim('b')).toMatchObject({ owned: true, record: { attemptId: 'b', token: 2, unresolved: true } });
  });

  it('takes it that a crashed owner may have sent until its lease ended', () => {
    claim('a');
    nowMs = 5_000;
    expect(claim('b').record).toMatchObject({ sendableUntilMs: 1_100, leaseUntilMs: 6_000 });
    nowMs = 9_000;
    expect(claim('c').record).toMatchObject({ sendableUntilMs: 6_000, keyUsedFromMs: 100, token: 3 });
  });

  it('takes the word of an owner that suspended for when it last sent', () => {
    claim('a');
    nowMs = 300;
    unknown(1);
    nowMs = 400;
    expect(claim('b').record).toMatchObject({ sendableUntilMs: 300, unresolved: true, token: 2 });
    nowMs = 500;
    unknown(2, { sent: false });
    expect(claim('c').record).toMatchObject({ sendableUntilMs: 300, token: 3 });
  });

  it.each([
    ['IN_FLIGHT', () => {}],
    ['IN_FLIGHT past its lease', () => (nowMs += leaseMs)],
    ['COMPLETED', () => table.complete({ ...owned(1), result: '{}', ttlMs })],
    ['FAILED', () => table.fail({ ...owned(1), failure, ttlMs })],
    ['UNKNOWN', () => unknown(1)],
    [
      'PENDING',
      () => table.suspend({ ...owned(1), state: 'PENDING', sent: true, sealed: false, gatewayId: 'p' }),
    ],
  ])('never gives a slot that is %s to another payload', (_, reach) => {
    const first = claim('a');
    reach();
    expect(claim('a', 'other')).toMatchObject({
      owned: false,
      record: { token: first.record.token, fingerprint: 'f' },
    });
  });

  it('gives a released slot to any payload, under a new token and the old gateway key', () => {
    claim('a');
    nowMs = 200;
    expect(table.release(owned(1))).toMatchObject({ written: true, record: { state: 'RELEASED' } });
    expect(claim('b', 'other')).toMatchObject({
      owned: true,
      record: {
        token: 2,
        fingerprint: 'other',
        epoch: 0,
        generation: 0,
        keyUsedFromMs: 100,
        unresolved: false,
      },
    });
  });

  it('keeps the generation through a release', () => {
    claim('a');
    table.advance(owned(1));
    table.release(owned(1));
    expect(claim('b').record).toMatchObject({ token: 2, generation: 1 });
  });

  it.each([
    ['COMPLETED', () => table.complete({ ...owned(1), result: '{}', ttlMs })],
    ['FAILED', () => table.fail({ ...owned(1), failure, ttlMs })],
  ])('starts a new epoch once a %s record has lived, counted from the final state', (_, decide) => {
    claim('a');
    table.advance(owned(1));
    nowMs = 600;
    decide();
    nowMs = 600 + ttlMs - 1;
    expect(claim('b')).toMatchObject({ owned: false, record: { epoch: 0 } });
    nowMs = 600 + ttlMs;
    const { record, owned: mine } = claim('b', 'other');
    expect(mine).toBe(true);
    expect(record).toMatchObject({
      token: 2,
      epoch: 1,
      generation: 0,
      keyUsedFromMs: nowMs,
      state: 'IN_FLIGHT',
    });
    expect(record).not.toHaveProperty('expiresAtMs');
  });
});

describe('writes', () => {
  const writes = {
    complete: () => table.complete({ ...owned(1), result: '{"v":1}', ttlMs }),
    fail: () => table.fail({ ...owned(1), failure, ttlMs }),
    release: () => table.release(owned(1)),
    renew: () => table.renew({ ...owned(1), leaseMs }),
    suspend: () => unknown(1),
    advance: () => table.advance(owned(1)),
  };
  const each = Object.entries(writes);

  it.each(each)('%s applies under the current token', (_, write) => {
    claim('a');
    const answer = write();
    expect(answer).toMatchObject({ written: true, nowMs: 100 });
    expect(table.read(key)).toBe(answer.record);
  });

  it.each(each)(
    '%s is refused under a token that was taken over, and shows what stands there',
    (_, write) => {
      claim('a');
      nowMs += leaseMs;
      const { record } = claim('b');
      expect(write()).toEqual({ written: false, record, nowMs });
      expect(table.read(key)).toBe(record);
    },
  );

  it.each(each)('%s is refused once the owner has ended its claim', (_, write) => {
    claim('a');
    unknown(1);
    const before = table.read(key);
    expect(write()).toEqual({ written: false, record: before, nowMs });
    expect(table.read(key)).toBe(before);
  });

  it.each(each)('%s is refused where nothing was ever claimed', (_, write) => {
    expect(write()).toEqual({ written: false, record: null, nowMs });
    expect(table.read(key)).toBeNull();
  });

  it('still apply after the lease while nobody has taken over', () => {
    claim('a');
    nowMs += leaseMs * 5;
    expect(writes.complete().written).toBe(true);
  });

  it('renew extends the lease from now', () => {
    claim('a');
    nowMs = 700;
    expect(writes.renew().record).toMatchObject({ leaseUntilMs: 1_700, token: 1, state: 'IN_FLIGHT' });
  });

  it('remember since when the key is known to be answered, until the generation moves on', () => {
    claim('a');
    nowMs = 200;
    unknown(1, { sealed: true });
    claim('b');
    nowMs = 300;
    unknown(2, { sealed: true });
    expect(table.read(key)).toMatchObject({ sealedAtMs: 200 });
    claim('c');
    nowMs = 400;
    const { record } = table.advance(owned(3));
    expect(record).toMatchObject({
      generation: 1,
      keyUsedFromMs: 400,
      unresolved: false,
      token: 3,
      epoch: 0,
    });
    expect(record).not.toHaveProperty('sealedAtMs');
  });

  it('keep the id of a pending payment when it is suspended again without one', () => {
    claim('a');
    table.suspend({ ...owned(1), state: 'PENDING', sent: true, sealed: false, gatewayId: 'pay_1' });
    claim('b');
    unknown(2);
    expect(table.read(key)).toMatchObject({ state: 'UNKNOWN', gatewayId: 'pay_1' });
  });
});

describe('list', () => {
  it('names what needs resolving, the oldest lease first, and no more than asked for', () => {
    const states = ['late', 'unknown', 'pending', 'running', 'done', 'failed', 'released'];
    const tokens = states.map((name, index) => {
      nowMs = 100 + index;
      return table.claim({ key: name, fingerprint: 'f', request: '{}', attemptId: name, leaseMs }).record
        .token;
    });
    const at = (name: string) => ({ key: name, token: tokens[states.indexOf(name)] ?? 0 });
    table.suspend({ ...at('unknown'), state: 'UNKNOWN', sent: true, sealed: false });
    table.suspend({ ...at('pending'), state: 'PENDING', sent: true, sealed: false });
    table.complete({ ...at('done'), result: '{}', ttlMs });
    table.fail({ ...at('failed'), failure, ttlMs });
    table.release(at('released'));
    nowMs = 1_099;
    expect(table.list({ limit: 10 }).map((record) => record.key)).toEqual(['unknown', 'pending']);
    nowMs = 1_100;
    expect(table.list({ limit: 10 }).map((record) => record.key)).toEqual(['late', 'unknown', 'pending']);
    expect(table.list({ limit: 2 }).map((record) => record.key)).toEqual(['late', 'unknown']);
  });

  it('puts a record that was just tried behind the others', () => {
    for (const name of ['first', 'second']) {
      nowMs += 1;
      table.claim({ key: name, fingerprint: 'f', request: '{}', attemptId: name, leaseMs });
      table.suspend({ key: name, token: 1, state: 'UNKNOWN', sent: true, sealed: false });
    }
    nowMs += 1;
    table.claim({ key: 'first', fingerprint: 'f', request: '{}', attemptId: 'again', leaseMs });
    table.suspend({ key: 'first', token: 2, state: 'UNKNOWN', sent: false, sealed: false });
    expect(table.list({ limit: 10 }).map((record) => record.key)).toEqual(['second', 'first']);
  });
});
