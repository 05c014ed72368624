// Convinces by random items against a store that refuses some of them, is down at times and keeps silent about writes that
// it applied: what each caller was told is compared with what the store holds. Scripts pin what is written again.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OutcomeUnknownError, StoreUnavailableError, ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { refusal } from '../ledger/testing.ts';
import { retry } from '../resilience/retry.ts';
import { batchWriter } from './batch-writer.ts';
import { refusing, rig } from './testing.ts';

describe('a batch that is rejected', () => {
  it('is split until the bad item is alone, and only that one fails', async () => {
    const { runtime, told, items, add } = rig({ maxItems: 8, write: refusing('c1') });
    void add('a1', 'b1', 'c1', 'd1', 'e1', 'f1', 'g1', 'h1');
    await runtime.drain();
    expect(told.sort()).toEqual([
      'a1 ok',
      'b1 ok',
      'c1 IdempotencyConflictError',
      'd1 ok',
      'e1 ok',
      'f1 ok',
      'g1 ok',
      'h1 ok',
    ]);
    expect(items().slice(1)).toEqual(['a1 b1 c1 d1', 'a1 b1', 'c1 d1', 'c1', 'd1', 'e1 f1 g1 h1']);
  });

  it('for trouble of the store is rejected as a whole, at once and unsplit', async () => {
    const { runtime, told, items, add } = rig({
      write: () => Promise.reject(new StoreUnavailableError('down')),
    });
    void add('a1', 'b1', 'c1');
    await runtime.drain();
    expect(told).toEqual(['a1', 'b1', 'c1'].map((item) => `${item} StoreUnavailableError`));
    expect(items()).toEqual(['a1 b1 c1']);
  });

  it('stops being split when the store gets into trouble, so that nothing overtakes', async () => {
    const { runtime, told, items, add } = rig({
      maxItems: 4,
      write: async (batch) => {
        if (batch.length === 4) throw new ValidationError('one of them');
        if (batch.includes('a1')) throw new StoreUnavailableError('down');
      },
    });
    void add('a1', 'b1', 'a2', 'c1');
    await runtime.drain();
    expect(told).toEqual(['a1', 'b1', 'a2', 'c1'].map((item) => `${item} StoreUnavailableError`));
    expect(items()).toEqual(['a1 b1 a2 c1', 'a1 b1']);
  });

  it('goes on with the next batch', async () => {
    const { runtime, told, add } = rig({ maxItems: 1, write: refusing('a1') });
    void add('a1', 'a2');
    await runtime.drain();
    expect(told).toEqual(['a1 IdempotencyConflictError', 'a2 ok']);
  });

  it('leaves unknown what one of its writes left unknown', async () => {
    const unknown = new OutcomeUnknownError('no answer');
    const outcomes = [new Error('connection reset'), new ValidationError('refused')];
    const { runtime, writer } = rig({
      maxItems: 2,
      write: () => Promise.reject(outcomes.shift() ?? unknown),
    });
    const first = refusal(writer.add('a1'));
    const second = refusal(writer.add('b1'));
    await runtime.drain();
    expect(await first).toMatchObject({ message: 'connection reset' });
    expect(await second).toBe(unknown);
  });

  it('before the write promises anything is rejected alike', async () => {
    const { runtime, told, add } = rig({
      maxItems: 1,
      write: () => {
        throw new ValidationError('at once');
      },
    });
    void add('a1', 'a2');
    await runtime.drain();
    expect(told).toEqual(['a1 ValidationError', 'a2 ValidationError']);
  });

  it('can be tried again by a retry around the write', async () => {
    const runtime = manualRuntime();
    let tries = 0;
    const attempts = retry({ runtime, maxAttempts: 3, delayMs: 100 });
    const write = attempts(async (_: readonly string[]) => {
      tries += 1;
      if (tries < 3) throw new StoreUnavailableError('down');
    });
    const writer = batchWriter<string>({ runtime, key: (item) => item, write, maxItems: 1 });
    await runtime.settle(writer.add('a1'));
    expect(tries).toBe(3);
  });
});

describe('any items and any store', () => {
  const weather = fc.constantFrom<'ok' | 'down' | 'reset' | 'silent'>(
    'ok',
    'ok',
    'ok',
    'down',
    'reset',
    'silent',
  );
  const item = fc.record({
    key: fc.constantFrom('a', 'b', 'c'),
    bad: fc.nat(5),
    pauseMs: fc.constantFrom(0, 0, 400),
  });

  it('end with every caller told the truth, and each key in the order of adding', async () => {
    const shape = { maxItems: fc.integer({ min: 1, max: 5 }), maxFlights: fc.integer({ min: 1, max: 3 }) };
    await fc.assert(
      fc.asyncProperty(
        fc.array(item, { maxLength: 30 }),
        fc.infiniteStream(weather),
        fc.record(shape),
        async (all, skies, bounds) => {
          const held: string[] = [];
          const bad = new Set(
            all.flatMap(({ key, bad: dice }, index) => (dice === 0 ? [`${key}${index}`] : [])),
          );
          const { runtime, told, writer, add } = rig({
            ...bounds,
            async write(items) {
              const sky = skies.next().value;
              await runtime.sleep(30);
              if (sky === 'down') throw new StoreUnavailableError('down');
              if (sky === 'reset') throw new Error('connection reset');
              if (items.some((each) => bad.has(each))) throw new ValidationError('bad');
              held.push(...items.filter((each) => !held.includes(each)));
              if (sky === 'silent') throw new Error('connection reset');
            },
          });
          for (const [index, { key, pauseMs }] of all.entries()) {
            void add(`${key}${index}`);
            await runtime.advance(pauseMs);
          }
          await runtime.settle(writer.stop());
          expect(told).toHaveLength(all.length);
          for (const line of told) {
            const [name = '', answer] = line.split(' ');
            if (answer === 'ok') expect(held).toContain(name);
            if (answer === 'ValidationError') expect(held).not.toContain(name);
            if (bad.has(name)) expect(held).not.toContain(name);
          }
          for (const key of ['a', 'b', 'c']) {
            const own = held.filter((name) => name[0] === key).map((name) => Number(name.slice(1)));
            expect(own).toEqual([...own].sort((a, b) => a - b));
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
