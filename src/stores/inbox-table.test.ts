// Convinces by books that note what they are given, or refuse it: what else the table does is in the contract of the port.

import { describe, expect, it } from 'vitest';
import { inboxTable } from './inbox-table.ts';

const write = {
  id: 'a',
  token: 1,
  dedupTtlMs: 10_000,
  effects: [
    { key: 'k', payload: '1' },
    { key: 'l', payload: '2' },
    { key: 'k', payload: '3' },
  ],
  move: { to: { status: 'captured' }, afterRevision: 0 },
};

describe('the books beside an inbox', () => {
  it('are given each effect once, in the operation that ends its event', () => {
    const given: string[] = [];
    const table = inboxTable(
      () => 0,
      (effects) => given.push(...effects.map(({ key, payload }) => `${key}=${payload}`)),
    );
    for (const id of ['a', 'b']) {
      table.receive({ id, object: id, event: '{}' });
      const token = table.claim({ attemptId: id, leaseMs: 1_000 })?.record.token ?? 0;
      expect(table.finish({ ...write, id, token })).toMatchObject({ written: true });
      expect(table.finish({ ...write, id, token })).toMatchObject({ written: false });
    }
    expect(given).toEqual(['k=1', 'l=2']);
  });

  it('change nothing of the event by refusing its effects', () => {
    const table = inboxTable(
      () => 0,
      () => {
        throw new Error('unbalanced');
      },
    );
    table.receive({ id: 'a', object: 'a', event: '{}' });
    const claimed = table.claim({ attemptId: 'x', leaseMs: 1_000 });
    expect(() => table.finish(write)).toThrow('unbalanced');
    expect(table.effect('k')).toBeNull();
    expect(table.claim({ attemptId: 'x', leaseMs: 1_000 })).toEqual(claimed);
    expect(claimed?.position).toBeNull();
  });
});
