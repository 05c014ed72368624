// Convinces by walking events through each state by hand, with a clock that only the test moves, and comparing the whole
// answer: who has the event, under which token, and what stands in the record, the position and the effects.

import { beforeEach, describe, expect, it } from 'vitest';
import type { InboxRecord } from '../webhooks/inbox-store.ts';
import { type InboxTable, inboxTable } from './inbox-table.ts';

const leaseMs = 1_000;
const dedupTtlMs = 10_000;
const failure = { code: 'error', message: 'Error was thrown' };

let nowMs = 0;
let applied: string[] = [];
let table: InboxTable;

beforeEach(() => {
  nowMs = 100;
  applied = [];
  table = inboxTable(
    () => nowMs,
    (effects) => applied.push(...effects.map(({ key, payload }) => `${key}=${payload}`)),
  );
});

function receive(id: string, object = id): ReturnType<InboxTable['receive']> {
  return table.receive({ id, object, event: `"${id}"` });
}

function claim(attemptId: string, id?: string) {
  return table.claim({ attemptId, leaseMs, ...(id === undefined ? {} : { id }) });
}

function finish(id: string, token: number, more: Partial<Parameters<InboxTable['finish']>[0]> = {}) {
  return table.finish({ id, token, effects: [], dedupTtlMs, ...more });
}

const ready: InboxRecord = {
  id: 'a',
  object: 'a',
  event: '"a"',
  state: 'READY',
  token: 0,
  attemptId: '',
  attempts: 0,
  parks: 0,
  receivedAtMs: 100,
  dueAtMs: 100,
};
const claimed: InboxRecord = {
  ...ready,
  state: 'CLAIMED',
  token: 1,
  attemptId: 'x',
  attempts: 1,
  dueAtMs: 1_100,
};

describe('receive', () => {
  it('keeps what is new, and nothing but what is asked', () => {
    const arrival = { id: 'a', object: 'a', event: '"a"', state: 'DONE' };
    expect(table.receive(arrival)).toEqual({ first: true, record: ready, claim: null });
    nowMs += 1;
    const again = table.receive({ ...arrival, event: '"other"' });
    expect(again).toEqual({ first: false, record: ready, claim: null });
  });

  it('gives the event to who asks for it as a claim does, and the same again when the reply was lost', () => {
    const arrive = (attemptId: string, id: string, object = id) =>
      table.receive({ id, object, event: `"${id}"`, claim: { attemptId, leaseMs } });
    const taken = { record: claimed, claim: { position: null } };
    expect(arrive('x', 'a')).toEqual({ first: true, ...taken });
    nowMs += 1;
    expect(arrive('x', 'a')).toEqual({ first: false, ...taken });
    expect(arrive('y', 'a')).toEqual({ first: false, record: claimed, claim: null });
    // Another one about the object waits until the first is let go.
    expect(arrive('y', 'b', 'a')).toMatchObject({ first: true, record: { state: 'READY' }, claim: null });
    finish('a', 1, { move: { to: { status: 'captured' }, afterRevision: 0 } });
    expect(arrive('z', 'a')).toMatchObject({ record: { state: 'DONE' }, claim: null });
    const position = { status: 'captured', revision: 1 };
    const second = { first: false, record: { id: 'b', token: 2, attempts: 1 }, claim: { position } };
    expect(arrive('z', 'b', 'a')).toMatchObject(second);
    table.postpone({ id: 'b', token: 2, delayMs: 5, parked: true, failure });
    expect(arrive('u', 'b', 'a')).toMatchObject({ record: { state: 'PARKED' }, claim: null });
    nowMs += 5;
    expect(arrive('v', 'b', 'a')).toMatchObject({ record: { token: 3, attempts: 2 }, claim: { position } });
  });

  it('takes an id anew once its record has expired, with a higher token, and no other', () => {
    receive('a');
    claim('x');
    finish('a', 1);
    nowMs += dedupTtlMs - 1;
    expect(receive('a')).toMatchObject({ first: false, record: { state: 'DONE', expiresAtMs: 10_100 } });
    nowMs += 1;
    expect(receive('a')).toMatchObject({ first: true, record: { state: 'READY', attempts: 0 } });
    expect(claim('y')).toMatchObject({ record: { token: 2 } });
    table.bury({ id: 'a', token: 2, failure });
    nowMs += 1e12;
    expect(receive('a')).toMatchObject({ first: false, record: { state: 'DEAD' } });
  });
});

describe('claim', () => {
  it('gives what has been due for longest, then what came first, one after the other', () => {
    for (const id of ['a', 'b', 'c']) receive(id);
    expect(claim('x')).toEqual({ record: claimed, position: null });
    table.postpone({ id: 'a', token: 1, delayMs: 1, parked: false, failure });
    nowMs += 1;
    receive('d');
    const order = ['b', 'c', 'a', 'd', undefined].map((id, index) => [claim(`y${index}`)?.record.id, id]);
    for (const [got, wanted] of order) expect(got).toBe(wanted);
  });

  it('gives an abandoned event again when the lease is over, under a higher token', () => {
    receive('a');
    claim('x');
    nowMs += leaseMs - 1;
    expect(claim('y')).toBeNull();
    nowMs += 1;
    expect(claim('y')).toMatchObject({ record: { token: 2, attempts: 2, attemptId: 'y', dueAtMs: 2_100 } });
    expect(finish('a', 1)).toMatchObject({ written: false, why: 'lost', record: { token: 2 } });
  });

  it('recognises a claim whose reply was lost, and gives no second event for it', () => {
    receive('a');
    receive('b');
    const first = claim('x');
    nowMs += 500;
    expect(claim('x')).toEqual(first);
    nowMs += 500;
    expect(claim('x')).toMatchObject({ record: { id: 'b' } });
  });

  it('holds the second event of an object back while the first is held', () => {
    receive('a', 'payment');
    receive('b', 'payment');
    receive('c', 'other');
    expect(claim('x')).toMatchObject({ record: { id: 'a' } });
    expect(claim('y', 'b')).toBeNull();
    expect(claim('y')).toMatchObject({ record: { id: 'c' } });
    finish('a', 1);
    expect(claim('z')).toMatchObject({ record: { id: 'b' } });
  });

  it('gives the event asked for, when it is due', () => {
    receive('a');
    receive('b');
    expect(claim('x', 'b')).toMatchObject({ record: { id: 'b' } });
    expect(claim('y', 'b')).toBeNull();
    expect(claim('y', 'nothing')).toBeNull();
    finish('b', 1);
    expect(claim('y', 'b')).toBeNull();
  });
});

describe('finish', () => {
  const move = (status: string, afterRevision: number) => ({
    move: { to: { status, version: 7 }, afterRevision },
  });

  it('applies the event, its effects and the move of its object together', () => {
    receive('a', 'payment');
    claim('x');
    nowMs += 1;
    const effects = [
      { key: 'k', payload: '1' },
      { key: 'l', payload: '2' },
      { key: 'k', payload: '3' },
    ];
    const done = { ...claimed, object: 'payment', state: 'DONE', expiresAtMs: 10_101 };
    expect(finish('a', 1, { effects, ...move('captured', 0) })).toEqual({ written: true, record: done });
    expect([table.effect('k'), table.effect('l'), table.effect('m')]).toEqual(['1', '2', null]);
    expect(applied).toEqual(['k=1', 'l=2']);
    receive('b', 'payment');
    expect(claim('y')?.position).toEqual({ status: 'captured', version: 7, revision: 1 });
  });

  it('applies an effect under a known key no second time', () => {
    for (const id of ['a', 'b']) {
      receive(id);
      const token = claim(id)?.record.token ?? 0;
      expect(finish(id, token, { effects: [{ key: 'k', payload: id }] })).toMatchObject({ written: true });
    }
    expect(applied).toEqual(['k=a']);
    expect(table.effect('k')).toBe('a');
  });

  it('changes nothing when it is applied twice, or the object has moved since', () => {
    receive('a', 'payment');
    claim('x');
    finish('a', 1, move('authorized', 0));
    expect(finish('a', 1, move('captured', 1))).toMatchObject({
      written: false,
      why: 'lost',
      record: { state: 'DONE', token: 1 },
    });
    receive('b', 'payment');
    claim('y');
    const late = { effects: [{ key: 'k', payload: '1' }], ...move('captured', 0) };
    expect(finish('b', 2, late)).toMatchObject({
      written: false,
      why: 'moved',
      record: { state: 'CLAIMED', token: 2 },
    });
    expect(applied).toEqual([]);
    expect(finish('b', 2)).toMatchObject({ written: true });
    receive('c', 'payment');
    expect(claim('z')?.position).toEqual({ status: 'authorized', version: 7, revision: 1 });
    expect(finish('nothing', 1)).toEqual({ written: false, why: 'lost', record: null });
  });

  it('changes nothing when the books refuse its effects', () => {
    const refusing = inboxTable(
      () => nowMs,
      () => {
        throw new Error('unbalanced');
      },
    );
    refusing.receive({ id: 'a', object: 'a', event: '"a"' });
    refusing.claim({ attemptId: 'x', leaseMs });
    const write = {
      id: 'a',
      token: 1,
      dedupTtlMs,
      effects: [{ key: 'k', payload: '1' }],
      ...move('captured', 0),
    };
    expect(() => refusing.finish(write)).toThrow('unbalanced');
    expect(refusing.effect('k')).toBeNull();
    expect(refusing.claim({ attemptId: 'x', leaseMs })).toEqual({ record: claimed, position: null });
  });
});

describe('postpone, bury and revive', () => {
  it('put an event back for a while, and count what was parked', () => {
    receive('a');
    claim('x');
    const write = { id: 'a', token: 1, delayMs: 500, parked: true, failure };
    const parked = { ...claimed, state: 'PARKED', parks: 1, dueAtMs: 600, failure };
    expect(table.postpone(write)).toEqual({ written: true, record: parked });
    expect(table.postpone(write)).toEqual({ written: false, why: 'lost', record: parked });
    expect(claim('y')).toBeNull();
    nowMs += 500;
    expect(claim('y')).toMatchObject({ record: { attempts: 2, parks: 1 } });
    expect(table.postpone({ ...write, token: 2, parked: false })).toMatchObject({
      record: { state: 'READY', parks: 1 },
    });
  });

  it('give an event up until somebody revives it', () => {
    receive('b');
    receive('a');
    claim('x', 'a');
    expect(table.bury({ id: 'a', token: 9, failure })).toMatchObject({ written: false });
    expect(table.bury({ id: 'a', token: 1, failure })).toEqual({
      written: true,
      record: { ...claimed, state: 'DEAD', failure },
    });
    nowMs += 1e9;
    expect(claim('y', 'a')).toBeNull();
    expect(table.list({ state: 'DEAD', limit: 9 })).toHaveLength(1);
    expect(table.revive('a')).toBe(true);
    expect(table.revive('a')).toBe(false);
    expect(table.revive('nothing')).toBe(false);
    expect(claim('y', 'a')).toMatchObject({ record: { attempts: 1, parks: 0, token: 2 } });
  });
});

describe('list', () => {
  it('tells the events in one state, in the order in which they came in', () => {
    for (const id of ['c', 'a', 'b']) receive(id);
    claim('x', 'a');
    expect(table.list({ state: 'READY', limit: 9 }).map(({ id }) => id)).toEqual(['c', 'b']);
    expect(table.list({ state: 'READY', limit: 1 }).map(({ id }) => id)).toEqual(['c']);
  });
});
