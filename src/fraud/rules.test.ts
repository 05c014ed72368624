// Convinces by the answer of each rule to the facts around its limits, and to facts that are missing or make no sense.

import { describe, expect, it } from 'vitest';
import { ValidationError } from '../errors/payment-error.ts';
import { manualRuntime } from '../kernel/testing.ts';
import { memoryVelocityStore } from '../stores/memory-velocity-store.ts';
import { avsCvvRule } from './avs-cvv-rule.ts';
import { blocklistRule } from './blocklist-rule.ts';
import { countryMismatchRule } from './country-mismatch-rule.ts';
import { highAmountRule } from './high-amount-rule.ts';
import type { FraudContext, FraudRule } from './rule.ts';
import { type VelocityOptions, velocityRule } from './velocity-rule.ts';

const ask = async (rule: FraudRule, facts: Partial<FraudContext>, attemptId = 'a') =>
  rule({ amountMinor: 500, currency: 'USD', ...facts }, { attemptId, evaluationId: `${attemptId}!` });

describe('blocklistRule', () => {
  const rule = blocklistRule({
    name: 'email',
    subject: ({ email }) => email,
    listed: ['Mallory@Evil.example '],
  });

  it.each([
    ['mallory@evil.example', 'BLOCK'],
    [' MALLORY@evil.example', 'BLOCK'],
    ['ｍallory@evil.example', 'BLOCK'],
    ['alice@evil.example', 'APPROVE'],
    ['__proto__', 'APPROVE'],
  ])('%s: %s', async (email, decision) => {
    expect(await ask(rule, { email })).toMatchObject({ decision });
  });

  it('knows nobody by an absent address, and does not quote who it blocks', async () => {
    expect(await ask(rule, {})).toMatchObject({ decision: 'APPROVE' });
    expect(JSON.stringify(await ask(rule, { email: 'mallory@evil.example' }))).not.toMatch(/mallory/i);
  });

  it('asks a list that is kept elsewhere, and has no answer where that answers nonsense', async () => {
    const subject = ({ customerId }: FraudContext) => customerId;
    const asked = blocklistRule({ name: 'customer', subject, listed: async (id) => id === 'c1' });
    expect(await ask(asked, { customerId: 'C1' })).toMatchObject({ decision: 'BLOCK' });
    const odd = blocklistRule({ name: 'customer', subject, listed: (() => undefined) as never });
    await expect(ask(odd, { customerId: 'c1' })).rejects.toThrow(TypeError);
    expect(() => blocklistRule({ name: '', subject, listed: [] })).toThrow(ValidationError);
  });
});

describe('avsCvvRule', () => {
  it.each<[Partial<FraudContext>, string, number]>([
    [{}, 'APPROVE', 0],
    [{ avs: 'match', cvv: 'match' }, 'APPROVE', 0],
    [{ avs: 'partial', cvv: 'match' }, 'APPROVE', 20],
    [{ avs: 'unavailable', cvv: 'unavailable' }, 'APPROVE', 20],
    [{ avs: 'mismatch', cvv: 'match' }, 'REVIEW', 50],
    [{ avs: 'match', cvv: 'mismatch' }, 'BLOCK', 100],
    [{ avs: 'mismatch', cvv: 'mismatch' }, 'BLOCK', 150],
  ])('%o: %s with %i', async (facts, decision, score) => {
    expect(await ask(avsCvvRule(), facts)).toMatchObject({ decision, score });
  });

  it('has no answer to a result that is none', async () => {
    await expect(ask(avsCvvRule(), { cvv: 'pass' as never })).rejects.toThrow(TypeError);
  });
});

describe('countryMismatchRule', () => {
  it.each([
    [{}, 'APPROVE'],
    [{ cardCountry: 'DE' }, 'APPROVE'],
    [{ cardCountry: 'DE', ipCountry: 'de', billingCountry: 'DE' }, 'APPROVE'],
    [{ cardCountry: 'DE', ipCountry: 'BR' }, 'CHALLENGE'],
    [{ ipCountry: 'DE', billingCountry: 'FR' }, 'CHALLENGE'],
  ])('%o: %s', async (facts, decision) => {
    expect(await ask(countryMismatchRule(), facts)).toMatchObject({ decision });
  });

  it('has no answer to a country that is none', async () => {
    await expect(ask(countryMismatchRule(), { ipCountry: 'Germany' })).rejects.toThrow(TypeError);
  });
});

describe('highAmountRule', () => {
  const rule = highAmountRule({ USD: 500, JPY: 50_000 });

  it.each([
    [500, 'USD', 'APPROVE'],
    [501, 'USD', 'CHALLENGE'],
    [501, 'JPY', 'APPROVE'],
    [50_001, 'JPY', 'CHALLENGE'],
    [1, 'EUR', 'CHALLENGE'],
    [1, 'constructor', 'CHALLENGE'],
  ])('%i %s: %s', async (amountMinor, currency, decision) => {
    expect(await ask(rule, { amountMinor, currency })).toMatchObject({ decision });
  });

  it('refuses thresholds that are no money', () => {
    expect(() => highAmountRule({ usd: 500 })).toThrow(ValidationError);
    expect(() => highAmountRule({ USD: 0.5 })).toThrow(ValidationError);
  });
});

describe('velocityRule', () => {
  const made = (options: Partial<VelocityOptions<FraudContext>> = {}) => {
    const runtime = manualRuntime();
    const store = memoryVelocityStore(runtime);
    const rule = velocityRule({
      name: 'card',
      store,
      subject: ({ cardFingerprint }) => cardFingerprint,
      windowMs: 1_000,
      maxMinor: { USD: 1_000, EUR: 900 },
      ...options,
    });
    return { runtime, rule };
  };
  const card = { cardFingerprint: 'f' };

  it('sums per currency and subject, and blocks what has no cap', async () => {
    const { rule } = made();
    expect(await ask(rule, card, 'a')).toMatchObject({ decision: 'APPROVE' });
    expect(await ask(rule, card, 'b')).toMatchObject({ decision: 'APPROVE' });
    expect(await ask(rule, card, 'c')).toMatchObject({ decision: 'BLOCK' });
    expect(await ask(rule, { ...card, currency: 'EUR' }, 'd')).toMatchObject({ decision: 'APPROVE' });
    expect(await ask(rule, { cardFingerprint: 'g' }, 'e')).toMatchObject({ decision: 'APPROVE' });
    expect(await ask(rule, { ...card, currency: 'JPY' }, 'f')).toMatchObject({ decision: 'BLOCK' });
    expect(await ask(rule, {}, 'g')).toMatchObject({ decision: 'APPROVE' });
  });

  it('counts payments where a count is given, and shares it by name', async () => {
    const runtime = manualRuntime();
    const shared = { store: memoryVelocityStore(runtime), maxMinor: undefined, maxCount: 1 } as never;
    expect(await ask(made(shared).rule, { ...card, amountMinor: 0 }, 'a')).toMatchObject({
      decision: 'APPROVE',
    });
    expect(await ask(made(shared).rule, { ...card, currency: 'JPY' }, 'b')).toMatchObject({
      decision: 'BLOCK',
    });
  });

  it('admits a crowd that asks at once only up to the cap', async () => {
    const { rule } = made();
    const answers = await Promise.all(Array.from({ length: 20 }, (_, nth) => ask(rule, card, `p${nth}`)));
    expect(answers.filter(({ decision }) => decision === 'APPROVE')).toHaveLength(2);
  });

  it.each<[string, Record<string, unknown>]>([
    ['no cap', { maxMinor: undefined }],
    ['two caps', { maxCount: 1 }],
    ['a cap that is no money', { maxMinor: { USD: -1 } }],
    ['a count of none', { maxMinor: undefined, maxCount: 0 }],
    ['no window', { windowMs: 0 }],
    ['no store', { store: {} }],
    ['no name', { name: '' }],
  ])('refuses %s', (_, options) => {
    expect(() => made(options)).toThrow(ValidationError);
  });
});
