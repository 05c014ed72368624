// Convinces by real zod schemas, sync and async, by schemas written by hand that quote, throw and lie, and by looking for
// planted card data in everything that an error says, its causes included.

import { inspect } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ValidationError } from '../errors/payment-error.ts';
import { refusal } from '../ledger/testing.ts';
import { validated } from './validated.ts';

const refund = z.object({
  amountMinor: z.int().positive(),
  currency: z.string().length(3),
  items: z.array(z.object({ sku: z.string() })).optional(),
});

function handmade(validate: StandardSchemaV1['~standard']['validate']): StandardSchemaV1 {
  return { '~standard': { version: 1, vendor: 'handmade', validate } };
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  const error = await refusal(work);
  expect(error).toBeInstanceOf(ValidationError);
  return (error as ValidationError).message;
}

describe('a value at an edge', () => {
  it('comes out as the schema makes it, and not as it came in', async () => {
    const parse = validated(refund.extend({ currency: z.string().default('USD') }), 'refund request');
    const out = await parse({ amountMinor: 5, extra: 1 });
    expect(out).toEqual({ amountMinor: 5, currency: 'USD' });
    expect(out.amountMinor satisfies number).toBe(5);
  });

  it('is refused with the paths that do not fit and what was there, and with what to do', async () => {
    const parse = validated(refund, 'refund request');
    const bad = { amountMinor: '5', items: [{ sku: 'a' }, { sku: null }] };
    expect(await messageOf(parse(bad))).toBe(
      'refund request: it does not fit its schema at $.amountMinor (string), $.currency (missing), ' +
        '$.items[1].sku (null). Correct it and send it again; nothing was done',
    );
    expect(await messageOf(parse([]))).toContain('at $ (array)');
    expect(await messageOf(parse(undefined))).toContain('at $ (missing)');
  });

  it('may be checked asynchronously', async () => {
    const parse = validated(
      z.object({ key: z.string().refine(async (key) => key.startsWith('k')) }),
      'webhook body',
    );
    expect(await parse({ key: 'k1' })).toEqual({ key: 'k1' });
    expect(await messageOf(parse({ key: 'x' }))).toContain('$.key (string)');
  });

  it('lists a few misfits of many, each once', async () => {
    const parse = validated(z.array(z.int().positive().multipleOf(2)), 'report');
    const message = await messageOf(parse(Array.from({ length: 1_000 }, () => -1.5)));
    expect(message).toContain('$[4] (number) and 995 more.');
    expect(message).not.toContain('$[5]');
  });

  it.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('got 4111111111111111');
      },
    ],
    ['rejects', () => Promise.reject(new Error('got 4111111111111111'))],
    ['answers nothing', () => undefined],
    ['lists what are no issues', () => ({ issues: [null] })],
  ])('is refused when its schema %s', async (_, validate) => {
    const parse = validated(handmade(validate as StandardSchemaV1['~standard']['validate']), 'report row');
    const error = await refusal(parse({ pan: '4111111111111111' }));
    expect(error).toBeInstanceOf(ValidationError);
    expect(inspect(error, { depth: 9 })).not.toContain('4111');
  });

  it('is refused when the schema finds fault and names none', async () => {
    const parse = validated(
      handmade(() => ({ issues: [] })),
      'report row',
    );
    expect(await messageOf(parse(1))).toBe(
      'report row: it does not fit its schema. Correct it and send it again; nothing was done',
    );
  });

  it('is found by segments that are objects, too, and never through what it inherits', async () => {
    const path = [{ key: 'a' }, { key: 'constructor' }];
    const parse = validated(
      handmade(() => ({ issues: [{ message: '', path }] })),
      'report row',
    );
    expect(await messageOf(parse({ a: {} }))).toContain('$.a.constructor (missing)');
  });

  it('may hostilely throw when it is looked at', async () => {
    const parse = validated(
      handmade(() => ({ issues: [{ message: '', path: ['a'] }] })),
      'report row',
    );
    const hostile = {
      get a(): never {
        throw new Error('4111111111111111');
      },
    };
    const error = await refusal(parse(hostile));
    expect(error).toBeInstanceOf(ValidationError);
    expect(inspect(error, { depth: 9 })).not.toContain('4111');
  });
});

describe('a schema at an edge', () => {
  it('is refused at construction when it is none, and so is an edge without a name', () => {
    for (const bad of [
      undefined,
      {},
      { '~standard': {} },
      { '~standard': { version: 2, validate: () => {} } },
    ]) {
      expect(() => validated(bad as StandardSchemaV1, 'x')).toThrow(ValidationError);
    }
    expect(() => validated({ '~standard': { version: 1 } } as StandardSchemaV1, 'x')).toThrow(
      ValidationError,
    );
    expect(() => validated(refund, '')).toThrow(ValidationError);
  });
});

describe('card data in whatever place of a refused value', () => {
  const canaries = [
    '4111111111111111',
    '4111 1111 1111 1111',
    'cvv999',
    '999',
    '%B4111111111111111^DOE/JO^99121010',
  ];
  const spot = fc.constantFrom('value', 'name', 'deep', 'element');

  it('is never told, even by a validator that quotes what it was given', async () => {
    const quoting = handmade((value) => ({
      issues: Object.entries(value as object).flatMap(([name, found]) => [
        { message: `expected nothing but got ${JSON.stringify(found)} in ${name}`, path: [name] },
        { message: `got ${JSON.stringify(found)}`, path: [name, ...Object.keys(found ?? {})] },
      ]),
    }));
    const strict = z.strictObject({ currency: z.literal('USD') });
    const records = z.record(z.string(), z.int());
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...canaries), spot, async (canary, where) => {
        const value = {
          value: { currency: canary },
          name: { [canary]: {} },
          deep: { currency: { [canary]: canary } },
          element: { currency: [canary] },
        }[where];
        for (const schema of [quoting, strict, records]) {
          const error = await refusal(validated(schema, 'charge request')(value));
          const said = `${inspect(error, { depth: 9 })} ${JSON.stringify(error)} ${(error as Error).message}`;
          // The trace names files and lines of this project, which hold no digits of the case.
          const own = said.replace(/^\s+at .*$/gm, '');
          for (const digits of ['4111', '999', '9912']) expect(own).not.toContain(digits);
        }
      }),
    );
  });
});
