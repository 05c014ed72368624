// Convinces by one attempt whose record names its payment, and by the same record with another name or none.

import { expect, it } from 'vitest';
import { auditComplete } from './audit-complete.ts';
import { tale } from './testing.ts';

function naming(record: Readonly<Record<string, string>>): string {
  const story = tale();
  story.claim('a');
  story.send('a');
  story.logs('a', { audit: 'attempt', operation: 'charge', code: 'ok', ...record });
  return auditComplete.check(story.done({ audits: true })).verdict;
}

it('S20 audit-complete: holds for a record under the key that was sent, or one made of the key of the record', () => {
  expect(naming({ idempotencyKey: 'g0' })).toBe('holds');
  expect(naming({ idempotencyKey: 'shop/k1/charge/0.1' })).toBe('holds');
});

it('S20 audit-complete: breaks when a record of an attempt names no payment, or another', () => {
  expect(naming({})).toBe('breaks');
  expect(naming({ idempotencyKey: 'shop/k10/charge/0.0' })).toBe('breaks');
  expect(naming({ idempotencyKey: `sha256:${'0'.repeat(64)}` })).toBe('breaks');
});
