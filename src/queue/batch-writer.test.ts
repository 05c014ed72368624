// Convinces by scripts that pin what is written when, and what becomes of it when the writer is stopped or full.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { type ManualRuntime, manualRuntime } from '../kernel/testing.ts';
import { refusal } from '../ledger/testing.ts';
import { type BatchWriterOptions, batchWriter } from './batch-writer.ts';
import { QueueRefusedError } from './queue-refused-error.ts';
import { refusing, rig } from './testing.ts';

describe('a batch', () => {
  it('is written once it is full, in the order of adding', async () => {
    const { runtime, writes, told, add } = rig();
    void add('a1', 'b1');
    await runtime.drain();
    expect(writes).toEqual([]);
    void add('a2', 'c1');
    await runtime.drain();
    expect(writes).toEqual([{ atMs: 0, items: ['a1', 'b1', 'a2'] }]);
    expect(told).toEqual(['a1 ok', 'b1 ok', 'a2 ok']);
  });

  it('is written when its oldest item has waited long enough, and not a millisecond before', async () => {
    const { runtime, writes, add } = rig();
    void add('a1');
    await runtime.advance(600);
    void add('b1');
    await runtime.advance(399);
    expect(writes).toEqual([]);
    await runtime.advance(1);
    expect(writes).toEqual([{ atMs: 1_000, items: ['a1', 'b1'] }]);
    expect(runtime.waiting()).toBe(0);
  });

  it('leaves what it could not hold to its own time', async () => {
    const { runtime, writes, add } = rig();
    await runtime.advance(500);
    void add('a1', 'a2', 'a3', 'a4');
    await runtime.advance(2_000);
    expect(writes.map(({ atMs }) => atMs)).toEqual([500, 1_500]);
  });

  it('holds a hundred items or what came within five seconds, unless told otherwise', async () => {
    const runtime = manualRuntime();
    const sizes: string[] = [];
    const writer = batchWriter<number>({
      runtime,
      key: String,
      write: async (items) => void sizes.push(`${items.length} at ${runtime.monotonicMs()}`),
    });
    for (let item = 0; item < 150; item += 1) void writer.add(item);
    await runtime.advance(10_000);
    expect(sizes).toEqual(['100 at 0', '50 at 5000']);
  });

  it('tells nobody before it is durable', async () => {
    const { runtime, told, add } = rig({ write: () => runtime.sleep(50) });
    void add('a1', 'a2', 'a3');
    await runtime.advance(49);
    expect(told).toEqual([]);
    await runtime.advance(1);
    expect(told).toHaveLength(3);
  });

  it('waits for the one before it', async () => {
    const { runtime, writes, add } = rig({ write: () => runtime.sleep(5_000) });
    void add('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1');
    await runtime.advance(20_000);
    expect(writes).toEqual([
      { atMs: 0, items: ['a1', 'b1', 'c1'] },
      { atMs: 5_000, items: ['d1', 'e1', 'f1'] },
      { atMs: 10_000, items: ['g1'] },
    ]);
  });

  it('may fly beside another, but never with a key that is under way', async () => {
    const { runtime, writes, add } = rig({ maxFlights: 2, write: () => runtime.sleep(100) });
    void add('a1', 'b1', 'b2', 'a2', 'c1', 'd1', 'a3', 'e1', 'f1');
    await runtime.advance(5_000);
    expect(writes).toEqual([
      { atMs: 0, items: ['a1', 'b1', 'b2'] },
      { atMs: 0, items: ['c1', 'd1', 'e1'] },
      { atMs: 100, items: ['a2', 'a3', 'f1'] },
    ]);
  });
});

describe('a batch writer', () => {
  it('writes what waits when it is stopped, and takes nothing more', async () => {
    const { runtime, writes, told, writer, add } = rig({ write: () => runtime.sleep(10) });
    void add('a1', 'b1', 'c1', 'd1');
    await runtime.settle(writer.stop());
    expect(writes.map(({ atMs }) => atMs)).toEqual([0, 10]);
    expect(told).toHaveLength(4);
    expect(await refusal(writer.add('e1'))).toBeInstanceOf(QueueRefusedError);
    await writer.stop();
    expect([runtime.monotonicMs(), runtime.waiting()]).toEqual([20, 0]);
  });

  it('stops even when the last writes fail', async () => {
    const { runtime, told, writer, add } = rig({ write: refusing('a1') });
    void add('a1', 'b1');
    await runtime.settle(writer.stop());
    expect(told.sort()).toEqual(['a1 IdempotencyConflictError', 'b1 ok']);
  });

  it('refuses more than it may hold, and takes it when there is room', async () => {
    const { runtime, told, add } = rig({ maxItems: 1, maxBuffered: 2, write: () => runtime.sleep(10) });
    void add('a1', 'b1', 'c1', 'd1');
    await runtime.drain();
    expect(told).toEqual(['d1 QueueRefusedError']);
    await runtime.advance(10);
    void add('d1');
    await runtime.advance(100);
    expect(told.slice(1)).toEqual(['a1 ok', 'b1 ok', 'c1 ok', 'd1 ok']);
  });

  it('refuses options and items that cannot work', async () => {
    for (const bad of [
      { maxItems: 0 },
      { maxWaitMs: -1 },
      { maxWaitMs: 2 ** 31 },
      { maxFlights: 0 },
      { maxBuffered: 0 },
      { key: undefined as unknown as BatchWriterOptions<string>['key'] },
      { runtime: {} as ManualRuntime },
    ]) {
      expect(() => rig(bad), Object.keys(bad).join()).toThrow(ValidationError);
    }
    const { writer } = rig({ key: () => undefined as unknown as string });
    expect(await refusal(writer.add('a1'))).toBeInstanceOf(ValidationError);
  });
});
