// Convinces by taking turns: who shares a lane waits, who does not goes on, and who is never let through is not waited for.

import { describe, expect, it } from 'vitest';
import { laneOf, lanes } from './lanes.ts';

describe('lanes', () => {
  it('let one operation through after the other, in their order, and others beside', async () => {
    const turn = lanes();
    const seen: string[] = [];
    const leave = await turn('a');
    const later = ['second', 'third'].map(async (name) => {
      const end = await turn('a');
      seen.push(name);
      end();
    });
    (await turn('b'))();
    seen.push('beside');
    leave();
    await Promise.all(later);
    expect(seen).toEqual(['beside', 'second', 'third']);
  });

  it('do not wait for ever for who is stopped', async () => {
    const turn = lanes();
    await turn('a');
    await expect(turn('a')).resolves.toBeTypeOf('function');
  });

  it('are those of records where an operation names one, and of stores elsewhere', () => {
    const lane = (family: string, request: unknown) => laneOf(family, request);
    expect(lane('store', { key: 'k1' })).not.toBe(lane('store', { key: 'k2' }));
    expect(lane('saga', { saga: 's', id: '1' })).not.toBe(lane('saga', { saga: 't', id: '1' }));
    expect(lane('outbox', { limit: 1 })).toBe(lane('ledger', []));
    expect(lane('inbox', { id: 'evt_1' })).toBe(lane('inbox', { attemptId: 'a' }));
    expect(lane('verdicts', 'some id')).toBe('verdicts');
  });
});
