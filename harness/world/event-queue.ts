// The queue of the world: events in the order of (time, sequence), so that ties have one defined order.

/** A scheduled event. */
export interface QueuedEvent {
  readonly atMs: number;
  readonly sequence: number;
  /** Does the event's work; replaced by nothing when cancelled. */
  act: (() => void) | undefined;
}

/** A binary heap of events. */
export interface EventQueue {
  push(atMs: number, act: () => void): QueuedEvent;
  /** Takes the earliest event, cancelled ones included, or undefined when empty. */
  pop(): QueuedEvent | undefined;
  /** The earliest event, cancelled ones included, which stays where it is. */
  peek(): QueuedEvent | undefined;
  readonly size: () => number;
}

/** An empty queue. */
export function eventQueue(): EventQueue {
  const heap: QueuedEvent[] = [];
  let sequence = 0;
  return {
    push(atMs, act) {
      const event: QueuedEvent = { atMs, sequence: sequence++, act };
      siftUp(heap, event);
      return event;
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (top === undefined || last === undefined) return undefined;
      if (heap.length > 0) siftDown(heap, last);
      return top;
    },
    peek: () => heap[0],
    size: () => heap.length,
  };
}

function isBefore(a: QueuedEvent, b: QueuedEvent): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence);
}

function siftUp(heap: QueuedEvent[], event: QueuedEvent): void {
  let hole = heap.length;
  while (hole > 0) {
    const parentIndex = (hole - 1) >> 1;
    const parent = heap[parentIndex];
    if (parent === undefined || !isBefore(event, parent)) break;
    heap[hole] = parent;
    hole = parentIndex;
  }
  heap[hole] = event;
}

function siftDown(heap: QueuedEvent[], event: QueuedEvent): void {
  let hole = 0;
  for (;;) {
    const leftIndex = 2 * hole + 1;
    let child = heap[leftIndex];
    let childIndex = leftIndex;
    const right = heap[leftIndex + 1];
    if (child === undefined) break;
    if (right !== undefined && isBefore(right, child)) {
      child = right;
      childIndex = leftIndex + 1;
    }
    if (!isBefore(child, event)) break;
    heap[hole] = child;
    hole = childIndex;
  }
  heap[hole] = event;
}
