// How this convinces: the heap is compared, operation by operation, with a list that is sorted by (time, sequence)
// every time; times are drawn from a handful of values, so that nearly every push is a tie.

import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventQueue, type QueuedEvent } from './event-queue.ts';

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ push: fc.constantFrom(0, 1, 2, 3, 1e9, Number.POSITIVE_INFINITY) }) },
  { weight: 2, arbitrary: fc.constant('pop' as const) },
);

it('gives events in the order of time, ties in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 200 }), (operations) => {
      const queue = eventQueue();
      const model: QueuedEvent[] = [];
      const popBoth = (): void => {
        model.sort((a, b) => (a.atMs === b.atMs ? a.sequence - b.sequence : a.atMs - b.atMs));
        expect(queue.pop()).toBe(model.shift());
      };
      for (const next of operations) {
        if (next === 'pop') popBoth();
        else model.push(queue.push(next.push, () => {}));
        expect(queue.size()).toBe(model.length);
      }
      while (model.length > 0) popBoth();
      expect(queue.pop()).toBeUndefined();
    }),
  );
});

it('numbers events in the order in which they came', () => {
  const queue = eventQueue();
  const sequences = [5, 1, 3].map((atMs) => queue.push(atMs, () => {}).sequence);
  expect(sequences).toEqual([0, 1, 2]);
});

it('still gives cancelled events, for the world to skip', () => {
  const queue = eventQueue();
  const event = queue.push(1, () => {});
  event.act = undefined;
  expect(queue.pop()).toBe(event);
});
