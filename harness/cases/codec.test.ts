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

function withFault(fault: object): unknown {
  return { ...plain, steps: [{ ...charge, faults: [fault] }] };
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
        '  - tier: "simm" is unknown; did you mean "sim"? known are sim, msw\n' +
        '  … and 2 more',
    );
  });
});

describe('checking', () => {
  it.each<[string, unknown, string]>([
    [
      'an unknown site',
      withFault({ site: 'gateway.authorise', nth: 1, kind: 'dns' }),
      'did you mean "gateway.authorize"?',
    ],
    [
      'an unknown kind',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'respons-lost' }),
      'did you mean "response-lost"?',
    ],
    [
      'a misspelt member',
      { ...plain, step: [] },
      'at the top: has no member "step"; remove it or correct its name',
    ],
    ['a missing member', { ...plain, steps: undefined }, 'steps: is missing; add an array'],
    [
      'an amount of nothing',
      { ...plain, steps: [{ ...charge, amountMinor: 0 }] },
      'steps[0].amountMinor: must be at least 1, not 0',
    ],
    [
      'one id twice',
      { ...plain, steps: [charge, charge] },
      'steps[1].id: "a" is already the id of steps[0]; every step needs its own',
    ],
    [
      'a process that is not there',
      { ...plain, steps: [{ ...charge, retries: [{ afterMs: 0, process: 1 }] }] },
      'steps[0].retries[0].process: there is no process 1, only process 0; set config.processes to 2 or more',
    ],
    [
      'more clocks than processes',
      { ...plain, config: { processes: 2, skewMs: [0, 1, 2] } },
      'config.skewMs: gives 3 clocks to 2 processes; drop the last ones or raise config.processes',
    ],
    [
      'a kind that cannot strike its site',
      withFault({ site: 'clock.sleep', nth: 1, kind: 'refused' }),
      'steps[0].faults[0].kind: refused cannot strike clock.sleep; these can: delay, reply-delay, stall, crash-before-apply, crash-after-apply',
    ],
    [
      'a duration without use',
      withFault({ site: 'store.claim', nth: 1, kind: 'refused', ms: 5 }),
      'steps[0].faults[0].ms: refused takes no duration; remove ms, or use one of delay, ',
    ],
    [
      'a restart without a crash',
      withFault({ site: 'store.claim', nth: 1, kind: 'refused', restartAfterMs: 5 }),
      'steps[0].faults[0].restartAfterMs: only a crash is followed by a restart; remove it from refused',
    ],
    [
      'a Retry-After without a 429',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'refused', retryAfter: '5' }),
      'steps[0].faults[0].retryAfter: only rate-limited sends this header; remove it from refused',
    ],
    [
      'an effect that comes too late',
      withFault({ site: 'gateway.authorize', nth: 1, kind: 'late', ms: 30_001 }),
      'steps[0].faults[0].ms: the request takes effect 30001 ms late, but delay is bounded by 30000 ms; ' +
        'shorten it or set config.effectDelay to "unbounded"',
    ],
    [
      'an unknown background actor',
      { ...plain, background: { 'flush:1': [] } },
      'background["flush:1"]: no background actor has this name; sweeps are called sweep:1, sweep:2, …',
    ],
    [
      'a client fault on a sweep',
      { ...plain, background: { 'sweep:1': [{ site: 'client.charge', nth: 1, kind: 'delay' }] } },
      'background["sweep:1"][0].site: a sweep never crosses client.charge; carry this fault on a step',
    ],
  ])('refuses %s', (_, value, problem) => {
    expect(problemsOf(value).join('\n')).toContain(problem);
  });

  it('adds up what holds one request back, and only on one crossing', () => {
    const half = { site: 'gateway.authorize', kind: 'slow', ms: 20_000 } as const;
    const other = { ...half, kind: 'delay' } as const;
    const carrying = (...faults: object[]): unknown => ({ ...plain, steps: [{ ...charge, faults }] });
    expect(problemsOf(carrying({ ...half, nth: 1 }, { ...other, nth: 2 }))).toEqual([]);
    expect(problemsOf(carrying({ ...half, nth: 1 }, { ...other, nth: 1 }))).toHaveLength(1);
  });

  it('lets an effect come as late as it likes where that is declared', () => {
    const late = { site: 'gateway.authorize', nth: 1, kind: 'late', ms: 900_000 };
    const steps = [{ ...charge, faults: [late] }];
    expect(problemsOf({ ...plain, config: { effectDelay: 'unbounded' }, steps })).toEqual([]);
  });
});

describe('encoding', () => {
  const full: Case = {
    paystorm: 1,
    target: 'reference',
    profile: 'stripe',
    seed: 7,
    config: { processes: 2, skewMs: [0, 50] },
    steps: [
      {
        ...charge,
        faults: [
          { site: 'gateway.authorize', nth: 1, kind: 'response-lost' },
          { site: 'store.complete', nth: 1, kind: 'crash-before-apply', restartAfterMs: 500 },
        ],
        retries: [{ afterMs: 1000 }],
      },
    ],
    background: { 'sweep:1': [{ site: 'store.list', nth: 1, kind: 'response-lost' }] },
  };

  it('lays a case out for reading', () => {
    expect(encodeCase(full)).toMatchInlineSnapshot(`
      "{
        "paystorm": 1,
        "target": "reference",
        "profile": "stripe",
        "seed": 7,
        "config": { "processes": 2, "skewMs": [0, 50] },
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
          }
        ],
        "background": { "sweep:1": [{ "site": "store.list", "nth": 1, "kind": "response-lost" }] }
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
      config: {},
      steps: [{ ...charge, faults: [], retries: [] }],
      background: { 'sweep:10': [fault], 'sweep:2': [fault], 'sweep:3': [] },
    });
    expect(text).not.toMatch(/config|faults|retries|sweep:3/);
    expect(text.indexOf('sweep:2')).toBeLessThan(text.indexOf('sweep:10'));
    expect(encodeCase({ ...plain, background: { 'sweep:1': [] } })).toBe(encodeCase(plain));
  });
});

describe('the published JSON Schema', () => {
  it('agrees with the code; after a change, `npx vitest run harness/cases/codec.test.ts -u` writes it anew', async () => {
    await expect(printJson(caseJsonSchema())).toMatchFileSnapshot('case.schema.json');
  });
});
