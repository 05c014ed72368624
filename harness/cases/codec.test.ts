// Convinces by giving the codec one broken text at a time and comparing the whole message, since the message is
// what a person has to act on; and by reading back everything that it writes.

import { describe, expect, it } from 'vitest';
import type { Case } from './case.ts';
import { CaseError } from './case-error.ts';
import { caseJsonSchema, checkCase, decodeCase, encodeCase } from './codec.ts';
import { printJson } from './print-json.ts';

const charge = {
  id: 'a',
  at: 0,
  do: 'charge',
  key: 'k1',
  amountMinor: 500,
  currency: 'USD',
  process: 0,
} as const;
const plain: Case = { paystorm: 1, target: 'reference', profile: 'stripe', seed: 7, steps: [charge] };

function problemsOf(value: unknown): readonly string[] {
  try {
    checkCase(value);
  } catch (error) {
    if (error instanceof CaseError) return error.problems;
    throw error;
  }
  return [];
}

describe('decoding', () => {
  it('takes a case as it stands, a byte order mark aside', () => {
    expect(decodeCase(`\uFEFF${JSON.stringify(plain)}`)).toEqual(plain);
  });

  it.each([
    [
      '{"paystorm": 1,',
      'it ends too early, at line 1, column 16: the file was cut off; restore it, or save the case again',
    ],
    ['{\n  "paystorm": 1,\n  steps: []\n}', 'it is not JSON from line 3, column 3 on; correct it there'],
    ['{"a": [1, 2,]}', 'it is not JSON from line 1, column 13 on; correct it there'],
    [' \n', 'it is empty; restore the file or delete it'],
    ['[]', 'it is not an object; a case looks like { "paystorm": 1, "target": …, "steps": […] }'],
  ])('says where %j stops being a case', (text, problem) => {
    expect(() => decodeCase(text, 'x.json')).toThrow(new CaseError([problem], 'x.json'));
  });

  it.each([
    [
      { paystorm: 2 },
      'it was written by a newer paystorm (schema 2, this one reads 1); upgrade paystorm to use it',
    ],
    [{ paystorm: '1' }, 'paystorm: "1" is no schema version that ever existed; known is 1'],
    [{}, 'it has no member "paystorm", which says the schema\'s version; add "paystorm": 1 if it is a case'],
  ])('refuses another version: %j', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it('names the file and shows the first three problems', () => {
    const bad = { ...plain, target: '', seed: 1.5, profile: 'strpe', tier: 'simm', steps: [3] };
    expect(() => decodeCase(JSON.stringify(bad), 'cases/bad.json')).toThrow(
      'The case in cases/bad.json cannot be used:\n' +
        '  - target: must be at least 1 characters long, not ""\n' +
        '  - profile: "strpe" is unknown; did you mean "stripe"? known are stripe, checkout, mango, none\n' +
        '  - tier: "simm" is unknown; did you mean "sim"? known are sim, msw, real\n' +
        '  … and 2 more',
    );
  });
});

describe('encoding', () => {
  const full: Case = {
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 7,
    config: { processes: 2, skewMs: [0, 50], sweepEveryMs: 95_000 },
    steps: [
      {
        ...charge,
        faults: [
          { site: 'gateway.authorize', nth: 1, kind: 'response-lost' },
          { site: 'store.complete', nth: 1, kind: 'crash-before-apply', restartAfterMs: 500 },
        ],
        retries: [{ afterMs: 1000 }],
      },
      { id: 'b', at: 400, do: 'step-up', key: 'k1', outcome: 'authenticated' },
    ],
    background: { 'sweep:1': [{ site: 'store.list', nth: 1, kind: 'response-lost' }] },
    episodes: [{ fromMs: 0, untilMs: 700, site: 'gateway.lookup', kind: 'stale', percent: 50 }],
  };

  it('lays a case out for reading', () => {
    expect(encodeCase(full)).toMatchInlineSnapshot(`
      "{
        "paystorm": 1,
        "target": "reference",
        "profile": "stripe",
        "seed": 7,
        "config": { "processes": 2, "skewMs": [0, 50], "sweepEveryMs": 95000 },
        "steps": [
          {
            "id": "a",
            "at": 0,
            "do": "charge",
            "key": "k1",
            "amountMinor": 500,
            "currency": "USD",
            "process": 0,
            "faults": [
              { "site": "gateway.authorize", "nth": 1, "kind": "response-lost" },
              { "site": "store.complete", "nth": 1, "kind": "crash-before-apply", "restartAfterMs": 500 }
            ],
            "retries": [{ "afterMs": 1000 }]
          },
          { "id": "b", "at": 400, "do": "step-up", "key": "k1", "outcome": "authenticated" }
        ],
        "background": { "sweep:1": [{ "site": "store.list", "nth": 1, "kind": "response-lost" }] },
        "episodes": [{ "fromMs": 0, "untilMs": 700, "site": "gateway.lookup", "kind": "stale", "percent": 50 }]
      }
      "
    `);
  });

  it('gives the same text for the same case, whatever order its members came in', () => {
    const reversed = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== 'object' || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .map(([name, member]) => [name, reversed(member)])
          .reverse(),
      );
    };
    expect(encodeCase(checkCase(reversed(full)))).toBe(encodeCase(full));
    expect(decodeCase(encodeCase(full))).toEqual(full);
  });

  it('leaves out what holds nothing and lists sweeps by number', () => {
    const fault = { site: 'store.list', nth: 1, kind: 'refused' } as const;
    const text = encodeCase({
      ...plain,
      config: { sweepEveryMs: 1_000, sweeps: 10, breaker: {} },
      steps: [{ ...charge, faults: [], retries: [] }],
      background: { 'sweep:10': [fault], 'sweep:2': [fault], 'sweep:3': [] },
      episodes: [],
    });
    expect(text).not.toMatch(/breaker|faults|retries|sweep:3|episodes/);
    expect(text.indexOf('sweep:2')).toBeLessThan(text.indexOf('sweep:10'));
    expect(encodeCase({ ...plain, background: { 'sweep:1': [] } })).toBe(encodeCase(plain));
  });
});

describe('the published JSON Schema', () => {
  it('agrees with the code; after a change, `npx vitest run harness/cases/codec.test.ts -u` writes it anew', async () => {
    await expect(printJson(caseJsonSchema())).toMatchFileSnapshot('case.schema.json');
  });
});
