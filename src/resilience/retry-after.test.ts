// Convinces by the three spellings of one instant from RFC 9110 itself, and by headers that servers really send
// and that a lenient date parser would obey.

import { describe, expect, it } from 'vitest';
import { retryAfterMs } from './retry-after.ts';

const instantMs = Date.UTC(1994, 10, 6, 8, 49, 37);

describe('retryAfterMs', () => {
  it.each([
    ['0', 0],
    ['7', 7_000],
    [' 120 ', 120_000],
    ['99999999999999999999', 1e23],
  ])('reads %j as seconds', (header, expected) => {
    expect(retryAfterMs(header, instantMs)).toBe(expected);
  });

  it.each(['Sun, 06 Nov 1994 08:49:37 GMT', 'Sunday, 06-Nov-94 08:49:37 GMT', 'Sun Nov  6 08:49:37 1994'])(
    'reads the date %j as GMT, whatever the time zone of the machine',
    (header) => {
      expect(retryAfterMs(header, instantMs - 2_500)).toBe(2_500);
    },
  );

  it('takes a date that has passed as now', () => {
    expect(retryAfterMs('Sun, 06 Nov 1994 08:49:37 GMT', instantMs + 1)).toBe(0);
  });

  it('takes a two-digit year as the nearest one that is not over 50 years ahead', () => {
    const presentMs = Date.UTC(2026, 0, 1);
    expect(retryAfterMs('Friday, 01-Jan-27 00:00:00 GMT', presentMs)).toBe(Date.UTC(2027, 0, 1) - presentMs);
    expect(retryAfterMs('Saturday, 01-Jan-77 00:00:00 GMT', presentMs)).toBe(0);
  });

  it.each([
    undefined,
    '',
    ' ',
    '-1',
    '+5',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    'NaN',
    '5 seconds',
    'Retry, 2099',
    'Sun, 06 Nop 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 +0100',
    '1994-11-06T08:49:37Z',
  ])('ignores %j', (header) => {
    expect(retryAfterMs(header, instantMs)).toBeUndefined();
  });
});
