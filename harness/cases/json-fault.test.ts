// Convinces by parity: the scanner must agree with JSON.parse on what is JSON, for thousands of damaged texts, and
// every beginning of a JSON text must count as cut off, not as wrong.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findJsonFault } from './json-fault.ts';

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

describe('findJsonFault', () => {
  it('agrees with JSON.parse about damaged texts', () => {
    const damage = fc.record({
      at: fc.nat(200),
      remove: fc.nat(2),
      insert: fc.constantFrom('', ',', ':', '"', '}', ']', '0', '-', '\\', 'e', 'x', '\n', '{', '['),
    });
    fc.assert(
      fc.property(fc.json(), fc.array(damage, { maxLength: 2 }), (text, damages) => {
        let damaged = text;
        for (const { at, remove, insert } of damages) {
          const place = at % (damaged.length + 1);
          damaged = damaged.slice(0, place) + insert + damaged.slice(place + remove);
        }
        expect({ damaged, json: findJsonFault(damaged) === undefined }).toEqual({
          damaged,
          json: parses(damaged),
        });
      }),
      { numRuns: 5_000 },
    );
  });

  it('calls every beginning of an object or list cut off', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.nat(), (value, length) => {
        const text = JSON.stringify([value], null, 1);
        const cut = text.slice(0, length % text.length);
        expect({ cut, truncated: findJsonFault(cut)?.truncated }).toEqual({ cut, truncated: true });
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['{\n  "a": 1\n  "b": 2\n}', { line: 3, column: 3, truncated: false }],
    ['{} {}', { line: 1, column: 4, truncated: false }],
    ['["a\nb"]', { line: 1, column: 2, truncated: false }],
  ])('points at the first fault of %j', (text, fault) => {
    expect(findJsonFault(text)).toEqual(fault);
  });
});
