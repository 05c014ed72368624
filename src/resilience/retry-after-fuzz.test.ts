// Convinces by headers of every shape, most of them made from pieces of real ones: whatever comes, the answer is a delay
// that a rule can use or nothing, and a retry that is told it never sleeps longer than it may.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateLimitedError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { retry } from './retry.ts';
import { retryAfterMs } from './retry-after.ts';
import { endOf } from './testing.ts';

const wallMs = Date.UTC(2026, 0, 1);
const pieces = fc.constantFrom(
  ...[
    'Sun',
    'Sunday',
    'Nov',
    '06',
    '1994',
    '94',
    '08:49:37',
    'GMT',
    'UTC',
    '+0100',
    ',',
    '-',
    ' ',
    '  ',
    '\t',
  ],
  ...[
    '0',
    '1',
    '120',
    '1.5',
    '1e3',
    '-5',
    '+5',
    '0x10',
    '99999999999999999999',
    'NaN',
    'Infinity',
    'null',
    '[]',
  ],
  ...[
    '٣',
    '３',
    '²',
    '۵',
    '\u00a0',
    '\u200b',
    '\n',
    '\0',
    '"',
    ';',
    'a',
    '__proto__',
    '٣٠',
    '25:61:61',
    '31',
    '00',
  ],
);
const headers = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.integer().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(' ')),
);

describe('any Retry-After', () => {
  it('is a delay ≥ 0 or nothing', () => {
    let obeyed = 0;
    fc.assert(
      fc.property(headers, (header) => {
        const ms = retryAfterMs(header, wallMs);
        if (ms === undefined) return;
        obeyed += 1;
        expect(ms).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2_000 },
    );
    expect(obeyed).toBeGreaterThan(100);
  });

  it('is obeyed only in the spellings of the standard', () => {
    const spelled = /^[ \t]*(?:[0-9]+|[A-Z][a-z]+, ?[0-9].+ GMT|[A-Z][a-z]{2} [A-Z][a-z]{2} +[0-9].+)[ \t]*$/;
    fc.assert(
      fc.property(headers, (header) => {
        if (!spelled.test(header)) expect(retryAfterMs(header, wallMs)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([5, null, ['5'], ['1', '2'], [], {}, true, 5n, Symbol('5'), () => 5, new Date(0)])(
    'is ignored where it is not even a text: %s',
    (header) => {
      expect(retryAfterMs(header as never, wallMs)).toBeUndefined();
    },
  );

  it.each([
    'Sun, 31 Feb 2027 08:49:37 GMT',
    'Sun, 00 Feb 2027 08:49:37 GMT',
    'Sun, 01 Feb 2027 24:00:00 GMT',
    'Sun, 01 Feb 2027 08:60:00 GMT',
    'Sun, 01 Feb 2027 08:49:61 GMT',
  ])('is ignored where it names no instant: %s', (header) => {
    expect(retryAfterMs(header, wallMs)).toBeUndefined();
  });

  it('never makes a retry sleep longer than its longest delay, and always ends', async () => {
    const property = fc.asyncProperty(headers, async (retryAfter) => {
      const runtime = manualRuntime();
      const operation = retry({ runtime, delayMs: 10, maxDelayMs: 1_000 })(() =>
        Promise.reject(new RateLimitedError('429', { retryAfter })),
      );
      await runtime.settle(endOf(operation('purchase')));
      for (const ms of runtime.sleptMs) expect(ms >= 10 && ms <= 1_000).toBe(true);
    });
    await fc.assert(property, { numRuns: 300 });
  });
});
