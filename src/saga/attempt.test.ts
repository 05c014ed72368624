// Convinces by counting who listens to the signals of a saga while a step is attempted, and afterwards.

import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { attempt } from './attempt.ts';
import type { Drive } from './drive.ts';

/** As much of a drive as an attempt uses. */
function driveOf(lost: AbortSignal): Drive<object> {
  const custody = { lost, fence: () => {}, nowMs: () => 0, record: () => ({ id: 'k1' }) };
  const progress = () => ({ context: {}, steps: [], notes: {}, idle: 0 });
  return { settings: { name: 'order' }, custody, progress } as unknown as Drive<object>;
}

describe('an attempt', () => {
  it.each([
    ['answers', async () => 'ok'],
    [
      'throws',
      async () => {
        throw new Error('no');
      },
    ],
  ])('that %s listens for as long as it lasts', async (_, run) => {
    const signals = [new AbortController().signal, new AbortController().signal] as const;
    const listening = () => signals.map((signal) => getEventListeners(signal, 'abort').length);
    const [lost, cancel] = signals;
    let meanwhile: readonly number[] = [];
    await attempt(driveOf(lost), {
      step: 'charge',
      direction: 'do',
      cancel,
      run: () => {
        meanwhile = listening();
        return run();
      },
    });
    expect(meanwhile).toEqual([1, 1]);
    expect(listening()).toEqual([0, 0]);
  });
});
