// Convinces by a configuration without a fault, of which nothing is said, and by one fault at a time, each of which is named
// with its rule and its invariant. Logs are real pino streams.

import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { forgetful } from '../kernel/forgetful.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { ephemeralTokenizer } from '../redaction/ephemeral-tokenizer.ts';
import { redactionForPino } from '../redaction/pino.ts';
import { mayRetry } from '../resilience/retry.ts';
import * as stores from '../stores.ts';
import { checkProduction, type ProductionConfig } from './check-production.ts';

/** What a pino logger writes for a record, behind redaction or not. */
function loggedBy(redacts: boolean): NonNullable<ProductionConfig['logged']> {
  return ({ msg, ...fields }) => {
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const logger = pino({}, redacts ? redactionForPino().stream(destination) : destination);
    logger.info(fields, String(msg));
    return lines.join('');
  };
}

const sound: ProductionConfig = {
  stores: { idempotency: { claim: () => {} }, journal: {} },
  logged: loggedBy(true),
  clientRetryHorizonMs: 86_400_000,
  webhooks: { senderHorizonMs: 259_200_000 },
};

const rulesOf = (changes: Partial<ProductionConfig>) =>
  checkProduction({ ...sound, ...changes }).map(({ rule, invariant }) => `${rule} ${invariant}`);

describe('checkProduction', () => {
  it('says nothing of a sound configuration', () => {
    expect(checkProduction({ ...sound, retryOn: mayRetry })).toEqual([]);
  });

  it('knows every memory store, and the tokenizer for tests', () => {
    const runtime = manualRuntime();
    const makers = Object.entries(stores).filter(([name]) => name.startsWith('memory'));
    expect(makers.length).toBeGreaterThanOrEqual(10);
    for (const [name, make] of makers)
      expect(checkProduction({ ...sound, stores: { [name]: make(runtime) } })).toMatchObject([
        { rule: 'memory-store', invariant: 'S1', message: expect.stringContaining(`stores.${name} keeps`) },
      ]);
    expect(rulesOf({ stores: { tokenizer: ephemeralTokenizer({ runtime }) } })).toEqual(['memory-store S1']);
    expect(rulesOf({ stores: { a: forgetful({}), b: {}, c: forgetful({}) } })).toHaveLength(2);
  });

  it.each([
    [
      'a logger without redaction',
      loggedBy(false),
      /shows a card number and a security code; put redactionForPino/,
    ],
    ['one that takes out the number only', () => 'cvv: 739', /shows a security code/],
    ['one that takes out the code only', () => 'paid with 4111-1111-1111-1111', /shows a card number/],
    ['one that writes nothing', () => '', /returned nothing/],
  ])('reads what comes out of %s', (_, logged, message) => {
    expect(checkProduction({ ...sound, logged })).toMatchObject([
      { rule: 'redaction', invariant: 'S21', message: expect.stringMatching(message) },
    ]);
  });

  it('wants to see logs', () => {
    const { logged: _, ...unseen } = sound;
    expect(checkProduction(unseen)).toMatchObject([
      { rule: 'redaction', message: expect.stringMatching(/nobody has seen/) },
    ]);
  });

  it('tries the retry predicate', () => {
    expect(rulesOf({ retryOn: () => true }).sort()).toEqual([
      ...Array.from({ length: 3 }, () => 'retry-predicate S1'),
      ...Array.from({ length: 4 }, () => 'retry-predicate S5'),
    ]);
    expect(rulesOf({ retryOn: (error) => error instanceof TypeError })).toEqual(['retry-predicate S1']);
    expect(rulesOf({ retryOn: (_, call) => call.mayResend === true })).toEqual([]);
    expect(
      rulesOf({
        retryOn: () => {
          throw new Error('no');
        },
      }),
    ).toEqual([]);
  });

  it.each([
    [{ idempotency: { ttlMs: 86_399_999 } }, ['record-ttl S1']],
    [{ clientRetryHorizonMs: 86_400_001 }, ['record-ttl S1']],
    [{ idempotency: { leaseMs: 86_400_001 } }, ['lease L1']],
    [{ idempotency: { leaseMs: 86_400_000 } }, []],
    [{ webhooks: { senderHorizonMs: 288_000_001 } }, ['webhook-dedup W1']],
    [{ webhooks: { senderHorizonMs: 1_001, dedupTtlMs: 1_000 } }, ['webhook-dedup W1']],
  ])('compares the times of %j', (changes, rules) => {
    expect(rulesOf(changes)).toEqual(rules);
  });

  it('looks at the order of the stack', () => {
    const layers = [{ kind: 'cached' as const }];
    expect(rulesOf({ layers })).toMatchObject([expect.stringMatching(/^stack-order /)]);
  });

  it.each([
    [{ stores: undefined as never }, /stores is missing/],
    [{ stores: { journal: null as never } }, /stores.journal must be a store, got null/],
    [{ clientRetryHorizonMs: 0 }, /clientRetryHorizonMs must be/],
    [{ idempotency: { ttlMs: Number.NaN } }, /idempotency.ttlMs must be/],
    [{ webhooks: { senderHorizonMs: -1 } }, /senderHorizonMs must be/],
    [{ logged: 'yes' as never }, /logged must be a function/],
    [{ logged: (() => 7) as never }, /as a string, got number/],
    [{ retryOn: true as never }, /retryOn must be a function/],
  ])('refuses %j', (changes, message) => {
    expect(() => checkProduction({ ...sound, ...changes })).toThrow(ValidationError);
    expect(() => checkProduction({ ...sound, ...changes })).toThrow(message);
  });
});
