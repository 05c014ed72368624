// Convinces by changing one thing at a time in options that are accepted: each must be refused when the saga is made,
// naming what was wrong. What is hostile at the door of `execute` must leave no trace in the journal.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memorySagaJournal } from '../stores/memory-saga-journal.ts';
import type { SagaOptions } from './options.ts';
import { saga } from './saga.ts';
import { operationKey } from './step-key.ts';
import { lossyJournal } from './testing.ts';

const runtime = manualRuntime();
const step = { name: 'a', kind: 'compensable', onUnknown: 'resend', execute: async () => undefined } as const;
const options: SagaOptions<object> = {
  name: 'checkout',
  runtime,
  journal: memorySagaJournal(runtime),
  steps: [step],
  onCall: () => undefined,
};

describe('a saga', () => {
  it.each<[string, unknown]>([
    ['name', ''],
    ['name', '\ud800'],
    ['name', 7],
    ['runtime', {}],
    ['onCall', undefined],
    ['observe', 'no'],
    ['steps', []],
    ['steps', [{ ...step, name: '' }]],
    ['steps', [step, step]],
    ['steps', [{ ...step, kind: 'optional' }]],
    ['steps', [{ ...step, execute: undefined }]],
    ['steps', [{ ...step, onUnknown: undefined }]],
    ['steps', [{ ...step, onUnknown: 'resolve' }]],
    ['steps', [{ ...step, compensate: 'no' }]],
    ['steps', [{ ...step, kind: 'pivot', compensate: async () => ({ kind: 'undone' }) }]],
    [
      'steps',
      [
        { ...step, kind: 'pivot' },
        { ...step, name: 'b' },
      ],
    ],
    [
      'steps',
      [
        { ...step, kind: 'retriable' },
        { ...step, name: 'b', kind: 'pivot' },
      ],
    ],
    [
      'steps',
      [
        { ...step, kind: 'pivot' },
        { ...step, name: 'b', kind: 'pivot' },
      ],
    ],
    ['compensationRetries', -1],
    ['compensationRetries', 1.5],
    ['maxRenewals', Number.NaN],
    ['compensationDelayMs', 2 ** 31],
    ['leaseMs', 0],
    ['timeoutMs', -5],
    ['lookAgainMs', 0],
    ['maxLookAgainMs', Number.POSITIVE_INFINITY],
    ['repairAfterMs', 0],
    ['recoveryLimit', 0],
  ])('is not made with %s: %j', (name, value) => {
    expect(() => saga({ ...options, [name]: value })).toThrow(ValidationError);
  });

  it.each<[unknown, unknown]>([
    ['', {}],
    [7, {}],
    ['x'.repeat(256), {}],
    ['i', null],
    ['i', []],
    ['i', 'text'],
    ['i', { when: new Map() }],
    ['i', { amount: Number.NaN }],
  ])('begins nothing under id %j with context %j', async (id, context) => {
    const { journal, operations } = lossyJournal(options.journal);
    const made = saga({ ...options, journal });
    await expect(made.execute(id as string, context as object)).rejects.toThrow(ValidationError);
    expect(operations).toEqual([]);
  });
});

describe('the key of an operation', () => {
  it('differs when any part does, and is fit to be sent', () => {
    const names = [
      operationKey('a', 'b'),
      operationKey('a/b'),
      operationKey('a%2Fb'),
      operationKey('a', ' b'),
      operationKey('å'),
      operationKey('x'.repeat(300), 'y'),
      operationKey('x'.repeat(300), 'z'),
    ];
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[\x21-\x7e]{1,200}$/);
  });
});
